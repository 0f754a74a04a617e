#!/usr/bin/env python3
"""An orgtwin adapter in plain Python 3.9+: no packages, no openssl.

It is a whole little Okta client (tokens, calls, pages, rate limits) behind the adapter protocol: one JSON request a
line on stdin, one JSON reply a line on stdout, flushed. Around a real SDK only `Client` would be smaller.

    orgtwin client lint stdio -- python3 adapter.py
    orgtwin test --client stdio -- python3 adapter.py
"""

import base64
import email.utils
import hashlib
import http.client
import json
import re
import secrets
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

CAPABILITIES = [
    "auth.private_key_jwt",
    "auth.client_secret_basic",
    "auth.none",
    "auth.ssws",
    "grant.authorization_code",
    "list_all",
    "forget_token",
    "tls",
]
ATTEMPTS = 4  # at one request that is rate limited, or that an ill org answers
LONGEST = 45  # seconds of one wait; an org that asks for more is reported to the caller
EARLY = 60  # seconds before its end at which a token is replaced


class Refused(Exception):
    """The client's own negative result: what the caller of an SDK would see as its error."""

    def __init__(self, reason, message, status=None, code=None):
        super().__init__(message)
        self.reply = {"outcome": "refused", "reason": reason, "error": {"message": message}}
        if status is not None:
            self.reply["status"] = status
        if code is not None:
            self.reply["error"]["code"] = code


# ---- RS256 without a library ------------------------------------------------------------------------------------


def der_integers(data):
    """The integers of a DER sequence, one level deep; other members are skipped."""
    found, at = [], 0
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[start : start + count], "big")
            start += count
        body = data[start : start + length]
        if tag == 0x02:
            found.append(int.from_bytes(body, "big"))
        elif tag in (0x30, 0x04):  # a sequence, or the octets that PKCS#8 wraps around PKCS#1
            found.append(body)
        at = start + length
    return found


def rsa_key(pem):
    """Modulus and private exponent of a PKCS#1 or PKCS#8 private key in PEM."""
    body = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
    members = der_integers(der_integers(base64.b64decode(body))[0])
    if "RSA PRIVATE KEY" not in pem:  # PKCS#8: version, algorithm, octets with the PKCS#1 key
        members = der_integers(der_integers(members[2])[0])
    _version, modulus, _public, private = members[:4]
    return modulus, private


def rs256(pem, message):
    modulus, private = rsa_key(pem)
    size = (modulus.bit_length() + 7) // 8
    digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(padded, "big"), private, modulus).to_bytes(size, "big")


def rs256_verifies(key, message, signature):
    modulus, exponent = (int.from_bytes(unb64url(key[name]), "big") for name in ("n", "e"))
    size = (modulus.bit_length() + 7) // 8
    digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big") == padded


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(client_id, auth, audience):
    header = {"alg": "RS256", "typ": "JWT"}
    if auth.get("kid"):
        header["kid"] = auth["kid"]
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + 300,
        "jti": secrets.token_hex(16),
    }
    signed = ".".join(b64url(json.dumps(part).encode()) for part in (header, claims))
    return signed + "." + b64url(rs256(auth["private_key_pem"], signed.encode()))


# ---- the client -------------------------------------------------------------------------------------------------


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Client:
    def __init__(self, config):
        self.config = config
        self.token = None
        self.token_until = 0
        self.refresh_token = None
        if config["auth"].get("alg", "RS256") != "RS256":
            raise Refused("config", "this client signs RS256 only")
        context = ssl.create_default_context(cadata=config.get("ca_pem") or None)
        # The proxy of the connection and no other, whatever the environment says.
        proxies = {"https": config["proxy"]} if config.get("proxy") else {}
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=context), NoRedirect
        )

    def send(self, make_request, repeatable=False):
        """Sends a request, again after each 429 once its bucket has reset, and a little later when the org is ill.

        A write that is not `repeatable` is only repeated when the org says that it did nothing (503): nobody knows
        what became of a lost one.
        """
        for attempt in range(1, ATTEMPTS + 1):
            request = make_request()
            harmless = repeatable or request.get_method() == "GET"
            request.add_header("User-Agent", "orgtwin-python-adapter/1")
            request.add_header("Accept", "application/json")
            try:
                status, headers, body = self.exchange(request)
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", error)
                if isinstance(reason, ssl.SSLError):
                    raise Refused("tls", str(reason))
                if attempt == ATTEMPTS or not harmless:
                    raise Refused("transport", str(reason))
                time.sleep(0.1 * 2**attempt)
                continue
            if status == 503 or (status in (500, 502, 504) and harmless):
                if attempt == ATTEMPTS:
                    return status, headers, body
                time.sleep(0.1 * 2**attempt)
                continue
            if status != 429:
                return status, headers, body
            reset, date = headers.get("X-Rate-Limit-Reset"), headers.get("Date")
            if attempt == ATTEMPTS or reset is None or date is None:
                raise refusal(status, headers, body, "retries_exhausted")
            # Both times are the org's own: the clock of this machine does not matter.
            wait = max(0, int(reset) - email.utils.parsedate_to_datetime(date).timestamp()) + 1
            if wait > LONGEST:
                raise refusal(status, headers, body, "retries_exhausted")
            time.sleep(wait)

    def exchange(self, request):
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def get_token(self):
        if self.token and time.time() < self.token_until - EARLY:
            return self.token
        if self.config["auth"]["method"] == "ssws":
            raise Refused("config", "an API token is no OAuth client: there is no token to get")
        person = self.config.get("sign_in")
        if person:
            answer = self.token_of(person)
        else:
            answer = self.grant({"grant_type": "client_credentials", "scope": " ".join(self.config["scopes"])})
        if answer.get("token_type", "").lower() != "bearer":
            raise Refused("validation", "the token is not a Bearer token")
        self.token = answer
        self.token_until = time.time() + answer["expires_in"]
        return answer

    def grant(self, form):
        """One request of the token endpoint, with the client's credentials."""
        config, auth = self.config, self.config["auth"]
        url = config["org_url"] + "/oauth2/v1/token"

        def request():
            fields, headers = dict(form), {}
            if auth["method"] == "private_key_jwt":
                fields["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                fields["client_assertion"] = assertion(config["client_id"], auth, url)
            elif auth["method"] == "none":
                fields["client_id"] = config["client_id"]
            else:
                pair = ":".join(urllib.parse.quote_plus(part) for part in (config["client_id"], auth["client_secret"]))
                headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
            return urllib.request.Request(url, urllib.parse.urlencode(fields).encode(), headers)

        # A code is used up by the request whose answer is lost; an assertion is made anew for each.
        status, headers, body = self.send(request, form["grant_type"] == "client_credentials")
        if status != 200:
            raise refusal(status, headers, body)
        return parsed(headers, body)

    # A person's token: the browser is played without a window.

    def token_of(self, person):
        if self.refresh_token:
            try:
                return self.keep(self.grant({"grant_type": "refresh_token", "refresh_token": self.refresh_token}), None)
            except Refused as refused:
                # A user who is given too many tokens is told invalid_grant, too, with 429.
                if refused.reply.get("status") != 400 or refused.reply["error"].get("code") != "invalid_grant":
                    raise
                self.refresh_token = None  # the person has to sign in again
        nonce = secrets.token_urlsafe(32) if "openid" in self.config["scopes"] else None
        verifier = secrets.token_urlsafe(32)
        form = {"grant_type": "authorization_code", "code": self.code(person, nonce, verifier)}
        form.update(redirect_uri=person["redirect_uri"], code_verifier=verifier)
        return self.keep(self.grant(form), nonce)

    def keep(self, answer, nonce):
        if "id_token" in answer:
            self.check_id_token(answer["id_token"], nonce)
        elif nonce:
            raise Refused("validation", "the org sent no ID token")
        self.refresh_token = answer.get("refresh_token", self.refresh_token)
        return answer

    def code(self, person, nonce, verifier):
        config, state = self.config, secrets.token_urlsafe(32)
        query = {
            "client_id": config["client_id"],
            "response_type": "code",
            "redirect_uri": person["redirect_uri"],
            "state": state,
            "code_challenge": b64url(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        if config["scopes"]:
            query["scope"] = " ".join(config["scopes"])
        if nonce:
            query["nonce"] = nonce
        if person.get("prompt"):
            query["prompt"] = person["prompt"]
        if person.get("prompt") != "none":
            query["sessionToken"] = self.session_token(person)
        url = config["org_url"] + "/oauth2/v1/authorize?" + urllib.parse.urlencode(query)
        status, headers, body = self.send(lambda: urllib.request.Request(url))
        if status >= 400:
            raise refusal(status, headers, body)
        target, _, back = (headers.get("Location") or "").partition("?")
        if status not in (302, 303) or target != person["redirect_uri"]:
            raise Refused("validation", "the org does not send the person back to the client")
        back = dict(urllib.parse.parse_qsl(back))
        if back.get("state") != state:
            raise Refused("validation", "the state of the answer is not that of the request")
        if "error" in back:
            raise Refused("http_status", back.get("error_description", ""), code=back["error"])
        if "code" not in back:
            raise Refused("validation", "the answer has neither a code nor an error")
        return back["code"]

    def session_token(self, person):
        data = json.dumps({"username": person["login"], "password": person["password"]}).encode()
        url = self.config["org_url"] + "/api/v1/authn"
        kind = {"Content-Type": "application/json"}
        status, headers, body = self.send(lambda: urllib.request.Request(url, data, kind))
        if status != 200:
            raise refusal(status, headers, body)
        answer = parsed(headers, body)
        if answer.get("status") != "SUCCESS":
            raise Refused("validation", "the person cannot sign in", code=answer.get("status"))
        return answer["sessionToken"]

    def check_id_token(self, token, nonce):
        url = self.config["org_url"] + "/oauth2/v1/keys"
        status, headers, body = self.send(lambda: urllib.request.Request(url))
        if status != 200:
            raise refusal(status, headers, body)
        signed, _, signature = token.rpartition(".")
        header, claims = (json.loads(unb64url(part)) for part in signed.split("."))
        key = next((key for key in parsed(headers, body)["keys"] if key["kid"] == header.get("kid")), None)
        if not key or header.get("alg") != "RS256" or not rs256_verifies(key, signed.encode(), unb64url(signature)):
            raise Refused("validation", "the ID token is not signed by the org")
        expected = {"iss": self.config["issuer"], "aud": self.config["client_id"]}
        if nonce:
            expected["nonce"] = nonce
        for name, value in expected.items():
            if claims.get(name) != value:
                raise Refused("validation", f"{name} of the ID token is not the expected one")
        if claims["exp"] < time.time() - EARLY:
            raise Refused("validation", "the ID token has expired")

    def call(self, method, url, body=None):
        """An authenticated call; a token that is no longer accepted is replaced once."""
        auth = self.config["auth"]
        api_token = auth["api_token"] if auth["method"] == "ssws" else None
        for last in (False, True):
            credentials = "SSWS " + api_token if api_token else "Bearer " + self.get_token()["access_token"]

            def request():
                headers = {"Authorization": credentials}
                data = None
                if body is not None:
                    data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
                return urllib.request.Request(url, data, headers, method=method)

            status, headers, content = self.send(request)
            if 200 <= status < 300:
                return status, headers, content
            if status != 401 or last or api_token:
                raise refusal(status, headers, content)
            self.token = None

    def list_all(self, path, key):
        org = self.config["org_url"]
        url, seen, values = org + path, set(), []
        while url:
            if url in seen:
                raise Refused("validation", "the org handed out a page that was read already")
            if origin(url) != origin(org):
                raise Refused("validation", "the next page is at another origin")
            seen.add(url)
            _, headers, body = self.call("GET", url)
            page = parsed(headers, body)
            if not isinstance(page, list):
                raise Refused("validation", "the page is not a JSON array")
            values += [element[key] for element in page]
            url = next_page(headers.get_all("Link") or [])
        return values


def origin(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc


def next_page(lines):
    for line in lines:
        for target, parameters in re.findall(r"<([^>]*)>((?:[^,\"]|\"[^\"]*\")*)", line):
            if re.search(r";\s*rel=\"?next\"?", parameters, re.IGNORECASE):
                return target
    return None


def parsed(headers, body):
    if headers.get_content_type() != "application/json":
        raise Refused("validation", "the answer is not application/json")
    try:
        return json.loads(body)
    except ValueError as error:
        raise Refused("validation", f"the answer is not JSON: {error}")


def refusal(status, headers, body, reason="http_status"):
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    challenge = dict(re.findall(r'(\w+)="([^"]*)"', headers.get("WWW-Authenticate") or ""))
    code = answer.get("errorCode") or answer.get("error") or challenge.get("error")
    message = answer.get("errorSummary") or answer.get("error_description") or challenge.get("error_description")
    return Refused(reason, message or "", status, code)


# ---- the protocol -----------------------------------------------------------------------------------------------


def perform(client, request):
    op = request["op"]
    if op == "get_token":
        token = client.get_token()
        left = int(client.token_until - time.time())
        scope = token.get("scope", "").split()
        return {"outcome": "ok", "token_type": token["token_type"], "expires_in": left, "scope": scope}
    if op == "call":
        url = client.config["org_url"] + request["path"]
        status, headers, body = client.call(request["method"], url, request.get("body"))
        reply = {"outcome": "ok", "status": status}
        if body:
            reply["body"] = parsed(headers, body)
        return reply
    if op == "list_all":
        values = client.list_all(request["path"], request["key"])
        return {"outcome": "ok", "count": len(values), "values": values}
    if op == "forget_token":
        client.token = None
        return {"outcome": "ok"}
    return {"outcome": "unsupported"}


def main():
    client = None
    for line in sys.stdin:
        request = json.loads(line)
        op = request["op"]
        try:
            if op == "hello":
                identity = {"name": "python-adapter", "version": "1", "language": "python " + sys.version.split()[0]}
                reply = {"protocol": 1, "client": identity, "capabilities": CAPABILITIES}
            elif op == "configure":
                client = Client(request["client"])
                reply = {"outcome": "ok"}
            elif op == "bye":
                reply = {"outcome": "ok"}
            elif client is None and op in ("get_token", "call", "list_all", "forget_token"):
                reply = {"outcome": "refused", "reason": "config", "error": {"message": "not configured yet"}}
            else:
                reply = perform(client, request)
        except Refused as refused:
            reply = refused.reply
        except Exception as error:  # a defect of this adapter, never a verdict on the client
            reply = {"outcome": "error", "message": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"], **reply}), flush=True)
        if op == "bye":
            return


if __name__ == "__main__":
    main()
