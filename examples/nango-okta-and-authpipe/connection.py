"""What a broker does that connects an org in a person's name: Nango's provider okta, and Authpipe."""

import base64
import os
import re
import secrets
import urllib.parse

import sign_in
import stage
from wire import exchange

EARLY = 5 * 60  # seconds before its end at which a token is renewed, so that nobody waits for it


class Lost(stage.Failed):
    """The connection is over: the person has to make it again."""


class Refused(stage.Failed):
    """An error that the org sent the browser back with, or the token endpoint's."""

    def __init__(self, code, text):
        self.code, self.text = code, text
        super().__init__(f"{code}: {text}")


class Broker:
    """One person's connection through one app."""

    def __init__(self, org, client, redirect_uri, scopes, in_body):
        self.org, self.client, self.redirect_uri = org, client, redirect_uri
        self.scopes, self.in_body = scopes, in_body
        self.refresh_token = self.access_token = None
        self.until = self.refreshes = 0

    # The person is sent away and comes back.

    def authorization_request(self):
        self.state, self.verifier = secrets.token_urlsafe(32), sign_in.verifier()
        return {
            "client_id": self.client["client_id"],
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": self.redirect_uri,
            "scope": self.scopes,
            "state": self.state,
            "code_challenge": sign_in.challenge(self.verifier),
            "code_challenge_method": "S256",
        }

    def connect(self, person):
        answer = sign_in.visit(self.org, person, self.authorization_request())
        return self.callback(sign_in.landing(answer, self.redirect_uri))

    def callback(self, back):
        """What the broker's callback does with the query that the browser brings."""
        if not secrets.compare_digest(back.get("state", ""), self.state):
            raise Refused("state", "the answer belongs to no request of this browser")
        if "error" in back:
            raise Refused(back["error"], back.get("error_description"))
        form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": self.redirect_uri}
        return self.keep(self.post("/oauth2/v1/token", form | {"code_verifier": self.verifier}))

    def post(self, path, form):
        """A form with the app's credentials, in the body or in the header."""
        identity, secret = self.client["client_id"], self.client["client_secret"]
        headers = {}
        if self.in_body:
            form = form | {"client_id": identity, "client_secret": secret}
        else:
            pair = f"{urllib.parse.quote(identity)}:{urllib.parse.quote(secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        # Too many tokens for one person at once are a 429 that says invalid_grant, too: the connection still stands.
        return self.org.patiently("POST", path, headers, form=form)

    def keep(self, answer):
        if answer.status != 200:
            raise Refused(*answer.words())
        said = answer.json()
        self.access_token, self.until = said["access_token"], self.org.now() + said["expires_in"]
        # Rotation: the newest counts. Without it the org sends the same one again.
        self.refresh_token = said.get("refresh_token", self.refresh_token)
        return said

    # Afterwards nobody is there.

    def lasts(self):
        return self.refresh_token is not None

    def fresh(self):
        """A token that is good for a while."""
        if self.org.now() > self.until - EARLY:
            self.refresh()
        return self.access_token

    def refresh(self):
        if not self.refresh_token:
            raise Lost("there is no refresh token: offline_access was not asked for")
        self.refreshes += 1
        answer = self.post("/oauth2/v1/token", {"grant_type": "refresh_token", "refresh_token": self.refresh_token})
        if answer.status == 400 and answer.words()[0] == "invalid_grant":
            self.refresh_token = self.access_token = None  # it is not shown again
            self.until = 0
            raise Lost(answer.words()[1])
        return self.keep(answer)

    def healthy(self):
        """What the daily check asks: whether the refresh token still is one."""
        form = {"token": self.refresh_token or "", "token_type_hint": "refresh_token"}
        return bool(self.refresh_token) and self.post("/oauth2/v1/introspect", form).json()["active"]

    def users(self):
        return exchange("GET", self.org.url + "/api/v1/users", {"Authorization": "Bearer " + self.fresh()})


def subdomain(text):
    """Nango's field: the name before .okta.com, in small letters, and no domain of one's own."""
    if not re.fullmatch(r"[a-z0-9_-]+", text):
        raise ValueError(f"{text!r} is no subdomain")
    return text


def lost(what, deed, words):
    try:
        deed()
        seen = "it still works"
    except Lost as told:
        seen = str(told)
    stage.equal(what, seen, words)


def refused(what, deed, code, text):
    try:
        deed()
        seen = "it was taken"
    except Refused as told:
        seen = (told.code, told.text)
    stage.equal(what, seen, (code, text))


OVER = "The refresh token is invalid or expired."


def story(org):
    nango_uri = os.environ.get("REDIRECT_URI", "https://api.nango.dev/oauth/callback")
    reader = org.person("reader")

    stage.chapter("Nango: the person connects")
    for typed in ("login.acme.com", "Acme", "https://acme.okta.com"):
        try:
            subdomain(typed)
            stage.told(f"the form refuses {typed!r}", False, "it was taken")
        except ValueError:
            stage.told(f"the form refuses {typed!r}", True)
    nango = Broker(org, org.client("nango"), nango_uri, "openid offline_access okta.users.read", in_body=True)
    said = nango.connect(reader)
    stage.equal("a code, a verifier and a secret bring a Bearer token", said["token_type"], "Bearer")
    stage.told("a refresh token, for offline_access", nango.lasts())
    stage.equal("the scopes that were asked for", set(said["scope"].split()), set(nango.scopes.split()))
    stage.equal("and the person's users", nango.users().status, 200)
    nango.refresh()
    stage.equal("a refresh brings another token", nango.users().status, 200)
    if not org.is_twin:
        return

    stage.chapter("Nango: silently")
    first = nango.refresh_token
    org.let_pass(3600)
    stage.equal("an hour later", len(nango.users().json()), 6)
    stage.equal("one more refresh was made", nango.refreshes, 2)
    stage.told("the refresh token stays: it is static", nango.refresh_token == first)

    stage.chapter("Nango: what can come between")
    back = sign_in.landing(sign_in.visit(org, reader, nango.authorization_request()), nango_uri)
    refused(
        "an answer with another state is not used",
        lambda: nango.callback(back | {"state": "somebody-elses"}),
        "state",
        "the answer belongs to no request of this browser",
    )
    nango.verifier, kept = sign_in.verifier(), nango.verifier
    refused(
        "a code without its verifier is worth nothing",
        lambda: nango.callback(back),
        "invalid_grant",
        "PKCE verification failed.",
    )
    nango.verifier = kept
    slash = nango.authorization_request() | {"redirect_uri": nango_uri + "/"}
    answer = sign_in.visit(org, reader, slash)
    stage.equal("a redirect URI with a slash too many: a page, and no redirect", answer.status, 400)
    member = Broker(org, org.client("nango"), nango_uri, nango.scopes, in_body=True)
    member.connect(org.person("member"))
    stage.equal("somebody without an admin role connects, and sees nobody", member.users().json(), [])

    stage.chapter("Authpipe: its list of scopes has no offline_access")
    uri = "https://connect.authpipe.example/callback"
    listed = "openid profile email okta.users.read okta.groups.read"
    pipe = Broker(org, org.client("authpipe"), uri, listed, in_body=False)
    pipe.connect(reader)
    stage.told("so there is no refresh token, and the broker can say so at once", not pipe.lasts())
    stage.equal("it works", len(pipe.users().json()), 6)
    org.let_pass(3600)
    lost("for an hour", pipe.users, "there is no refresh token: offline_access was not asked for")

    stage.chapter("Authpipe: with offline_access, and rotation")
    pipe.scopes = listed + " offline_access"
    pipe.connect(reader)
    seen = {pipe.refresh_token}
    for _ in range(3):
        org.let_pass(3600)
        stage.equal("an hour later", len(pipe.users().json()), 6)
        seen.add(pipe.refresh_token)
    stage.equal("each refresh brought another refresh token", len(seen), 4)
    stage.told("the check finds the connection healthy", pipe.healthy())

    stage.chapter("Authpipe: the connection is taken back")
    person = org.administer("GET", "/api/v1/users/" + reader["login"])["id"]
    org.administer("DELETE", f"/api/v1/users/{person}/clients/{pipe.client['client_id']}/tokens")
    stage.told("the check notices", not pipe.healthy())
    stage.equal("the token that was out is over, too", exchange_status(pipe), 401)
    lost("the refresh is refused, once", pipe.refresh, OVER)
    stage.told("and not tried again", not pipe.lasts())
    pipe.connect(reader)
    stage.equal("the person connects again", len(pipe.users().json()), 6)

    stage.chapter("Authpipe: an old refresh token turns up")
    old = pipe.refresh_token
    pipe.refresh()
    newest = pipe.refresh_token
    pipe.refresh_token = old
    lost("it is refused", pipe.refresh, OVER)
    pipe.refresh_token = newest
    lost("and the newest with it: somebody has two of them", pipe.refresh, OVER)


def exchange_status(broker):
    url = broker.org.url + "/api/v1/users"
    return exchange("GET", url, {"Authorization": "Bearer " + broker.access_token}).status


stage.run(story)
