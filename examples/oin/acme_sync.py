"""Acme Sync: an API service integration with Okta as it should be, in Python 3.9+ and its standard library.

A customer installs it from the OIN and hands it an Okta domain, a client id and a client secret. It reads people and groups and follows
the System Log. Around it stands `adapter.py`, so that `orgtwin oin` can drive it; `broken.py` is the same with one line that is wrong.
"""

import base64
import email.utils
import http.client
import json
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

USER_AGENT = "AcmeSync/1.4"
ATTEMPTS = 4  # at one request
LONGEST = 120  # seconds of one wait
EARLY = 60  # seconds before its end at which a token is replaced

# A cheap call that shows whether a scope works: a list that is empty in no org.
PROBES = {"okta.users.read": "/api/v1/users", "okta.groups.read": "/api/v1/groups", "okta.logs.read": "/api/v1/logs"}
# What is synchronised: scope, path, the largest page, what says when an element changed.
LISTS = [
    ("okta.users.read", "/api/v1/users", 200, ["lastUpdated"]),
    ("okta.groups.read", "/api/v1/groups", 1000, ["lastUpdated", "lastMembershipUpdated"]),
]
LOG = "/api/v1/logs?limit=1000"


class Refused(Exception):
    """What Acme Sync tells its administrator: what the org refused, with status and code, or what it could not accept."""

    def __init__(self, reason, message, status=None, code=None):
        super().__init__(message)
        self.reason, self.message, self.status, self.code = reason, message, status, code


class Clock:
    """The machine's clock."""

    def now(self):
        return time.time()

    def mark(self):
        return None

    def sleep(self, seconds, _mark):
        time.sleep(seconds)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Credentials go where they are sent, and nowhere else."""

    def redirect_request(self, *_):
        return None


class Okta:
    """The connection to one customer's org: its own credentials, its own token, its own place in what was read."""

    def __init__(self, domain, client_id, client_secret, scopes, settings=(), clock=None, ca_pem=None, proxy=None):
        self.org = org_url(domain)
        self.client_id, self.client_secret, self.scopes = client_id, client_secret, scopes
        self.region = dict(settings).get("region") or "us"  # installations of before the setting have none
        self.clock = clock or Clock()
        self.token, self.token_until = None, 0
        self.newest, self.read, self.poll = {}, set(), None
        handlers = [urllib.request.ProxyHandler({"https": proxy, "http": proxy} if proxy else {}), NoRedirect]
        if self.org.startswith("https:"):
            context = ssl.create_default_context(cadata=ca_pem)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self.opener = urllib.request.build_opener(*handlers)

    # ---- one request, with patience

    def send(self, method, url, headers, body=None, repeatable=False):
        """Sends a request; again after a 429 once its bucket has reset, and a little later when the org is ill."""
        harmless = repeatable or method == "GET"
        for attempt in range(1, ATTEMPTS + 1):
            mark = self.clock.mark()
            request = urllib.request.Request(url, body, {"Accept": "application/json", **headers}, method=method)
            request.add_header("User-Agent", USER_AGENT)
            if body is None and method in ("POST", "PUT"):
                request.add_header("Content-Length", "0")
            try:
                status, answered, content = self.exchange(request)
            except (OSError, http.client.HTTPException) as error:
                if isinstance(getattr(error, "reason", error), ssl.SSLError):
                    raise Refused("tls", str(error))  # whoever is there is not the org
                if attempt == ATTEMPTS or not harmless:
                    raise Refused("transport", str(getattr(error, "reason", error)))
                self.clock.sleep(0.2 * 2**attempt, mark)
                continue
            if status == 429:
                wait = seconds_to_reset(answered)
                if attempt == ATTEMPTS or wait is None or wait > LONGEST:
                    raise refusal(status, answered, content, "retries_exhausted")
                self.clock.sleep(wait, mark)
                continue
            if (status == 503 or (status in (500, 502, 504) and harmless)) and attempt < ATTEMPTS:
                self.clock.sleep(0.2 * 2**attempt, mark)
                continue
            return status, answered, content
        raise AssertionError("the last attempt returns or raises")

    def exchange(self, request):
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    # ---- the token

    def access_token(self):
        """The token, from memory until shortly before its end."""
        if self.token is not None and self.clock.now() < self.token_until - EARLY:
            return self.token
        url = self.org + "/oauth2/v1/token"
        form = {"grant_type": "client_credentials", "scope": " ".join(self.scopes)}
        pair = f"{self.client_id}:{self.client_secret}"
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        asked_at = self.clock.now()
        status, answered, content = self.send("POST", url, headers, urllib.parse.urlencode(form).encode(), True)
        if status != 200:
            raise refusal(status, answered, content)
        token = parsed(answered, content)
        if token.get("token_type", "").lower() != "bearer":
            raise Refused("validation", "the token is not a Bearer token")
        self.token, self.token_until = token, asked_at + token["expires_in"]
        return token

    # ---- calls

    def call(self, method, url, value=None):
        """One call. A token that the org no longer takes is replaced once."""
        for last in (False, True):
            headers = {"Authorization": "Bearer " + self.access_token()["access_token"]}
            body = None
            if value is not None:
                body, headers["Content-Type"] = json.dumps(value).encode(), "application/json"
            status, answered, content = self.send(method, url, headers, body)
            if 200 <= status < 300:
                return status, answered, content
            if status != 401 or last:
                raise refusal(status, answered, content)
            self.token = None
        raise AssertionError("the second attempt returns or raises")

    def elements(self, path):
        """Every element of a list, through all of its pages."""
        url, seen = self.org + path, set()
        while url:
            if url in seen:
                raise Refused("validation", "the org handed out a page that was read already")
            seen.add(url)
            page, url = self.page(url)
            yield from page

    def page(self, url):
        """One page, and the address of the next one as the org gave it."""
        if origin(url) != origin(self.org):
            raise Refused("validation", "the next page is at another origin")
        _, answered, content = self.call("GET", url)
        page = parsed(answered, content)
        if not isinstance(page, list):
            raise Refused("validation", "the page is not a list")
        return page, next_link(answered.get_all("Link") or [])

    # ---- the connection test

    def test_connection(self):
        """What an administrator is told of each scope: it works, it is to be granted, or an admin role is missing."""
        granted = self.access_token().get("scope", "").split()
        found = {scope: self.probe(scope) if scope in granted else "scope_missing" for scope in self.scopes}
        return [{"scope": scope, "found": what} for scope, what in found.items()]

    def probe(self, scope):
        if scope not in PROBES:
            return "untested"
        try:
            _, answered, content = self.call("GET", self.org + PROBES[scope] + "?limit=1")
        except Refused as refused:
            reasons = {"E0000006": "role_missing", "insufficient_scope": "scope_missing"}
            if refused.code not in reasons:
                raise
            return reasons[refused.code]
        return "ok" if parsed(answered, content) else "role_missing"

    # ---- what is new

    def synchronise(self):
        """The ids of everything that is new since the last time, as far as the token reaches."""
        granted, new = self.access_token().get("scope", "").split(), []
        for scope, path, limit, stamps in LISTS:
            if scope in granted:
                new += self.changes(path, limit, stamps)
        return new + (self.events() if "okta.logs.read" in granted else [])

    def changes(self, path, limit, stamps):
        """What changed in a list. Searches lag behind: they begin at the newest change that was seen, not at the last search."""
        address, new = f"{path}?limit={limit}", []
        if path in self.newest:
            since = " or ".join(f'{stamp} ge "{self.newest[path]}"' for stamp in stamps)
            address += "&" + urllib.parse.urlencode({"search": since})
        for element in self.elements(address):
            changed = max(element.get(stamp) or "" for stamp in stamps)
            self.newest[path] = max(self.newest.get(path, ""), changed)
            if (element["id"], changed) not in self.read:
                self.read.add((element["id"], changed))
                new.append(element["id"])
        return new

    def events(self):
        """What is new in the System Log: from the next link of the last page that there was, until a page is empty."""
        url, new = self.poll or self.org + LOG, []
        while True:
            page, following = self.page(url)
            new += [event["uuid"] for event in page]
            self.poll = url = following or url
            if not page or not following:
                return new


def org_url(domain):
    """The address of an org, from what a customer has typed."""
    url = domain.strip().rstrip("/")
    if "://" not in url:
        url = "https://" + url
    org, _, rest = urllib.parse.urlsplit(url).netloc.partition(".")
    if org.endswith("-admin"):
        raise Refused("config", f"{org}.{rest} is the admin console: enter {org[:-6]}.{rest}, without -admin")
    return url


def seconds_to_reset(headers):
    """How long until the bucket is full again, by the org's own clock: this machine's does not matter."""
    reset, date = headers.get("X-Rate-Limit-Reset"), headers.get("Date")
    if reset is None or date is None:
        return None
    return max(0, int(reset) - email.utils.parsedate_to_datetime(date).timestamp()) + 1


def origin(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc


def next_link(lines):
    for line in lines:
        for target, parameters in re.findall(r"<([^>]*)>((?:[^,\"]|\"[^\"]*\")*)", line):
            if re.search(r";\s*rel=\"?next\"?", parameters, re.IGNORECASE):
                return target
    return None


def parsed(headers, content):
    if headers.get_content_type() != "application/json":
        raise Refused("validation", "the answer is not application/json")
    try:
        return json.loads(content)
    except ValueError as error:
        raise Refused("validation", f"the answer is not JSON: {error}")


def refusal(status, headers, content, reason="http_status"):
    """An answer that says no, in the org's own words."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = {}
    challenge = dict(re.findall(r'(\w+)="([^"]*)"', headers.get("WWW-Authenticate") or ""))
    code = answer.get("errorCode") or answer.get("error") or challenge.get("error")
    message = answer.get("errorSummary") or answer.get("error_description") or challenge.get("error_description")
    return Refused(reason, message or "", status, code)
