"""What Nango's provider okta-cc does with an org: private key in, tokens of an hour out, and calls passed on."""

import json
import os
import uuid

import stage
import rs256
from wire import exchange

SCOPES = "okta.users.read,okta.groups.read"  # as the form takes them
MARGIN = 15 * 60  # seconds before its end at which a token is replaced


class FetchError(stage.Failed):
    """Nango's client_credentials_fetch_error: the org gave no token."""

    def __init__(self, answer):
        self.status, (self.code, self.text) = answer.status, answer.words()
        super().__init__(f"{self.status} {self.code}: {self.text}")


class Connection:
    """One customer's connection."""

    def __init__(self, org, client_id, private_key, scopes=SCOPES):
        self.org, self.client_id = org, client_id
        self.token_url = org.url + "/oauth2/v1/token"
        self.scopes = scopes.replace(",", " ")
        self.key = key_of_form(private_key)
        self.answer, self.until, self.fetched = None, 0, 0

    def assertion(self):
        now = int(self.org.now())
        about = {"iss": self.client_id, "sub": self.client_id, "aud": self.token_url}
        return rs256.jwt(about | {"iat": now, "exp": now + 300, "jti": str(uuid.uuid4())}, self.key)

    def credentials(self, force=False):
        """The token, from the cache while more than a quarter of an hour of it is left."""
        if force or not self.answer or self.org.now() > self.until - MARGIN:
            form = {
                "client_id": self.client_id,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": self.assertion(),
                "grant_type": "client_credentials",
                "scope": self.scopes,
            }
            answer = exchange("POST", self.token_url, form=form)
            if answer.status >= 300:
                raise FetchError(answer)
            self.answer, self.fetched = answer.json(), self.fetched + 1
            self.until = self.org.now() + self.answer.get("expires_in", 55 * 60)
        return self.answer

    def missing_scopes(self):
        """What was asked for and is not in the token: the org says nothing of it."""
        return sorted(set(self.scopes.split()) - set(self.credentials()["scope"].split()))

    def proxy(self, url, retries=1):
        """A call passed on. The caller says how often it is repeated; when nobody does, Nango does not."""
        answer = exchange("GET", url, {"Authorization": "Bearer " + self.credentials()["access_token"]})
        if not retries:
            return answer
        if answer.status == 401:
            self.credentials(force=True)
        elif answer.status == 429:
            # By the clock of this machine, as Nango does: one that is wrong waits too short or too long.
            self.org.wait(max(0, int(answer.headers["X-Rate-Limit-Reset"]) - self.org.now()))
        elif answer.status < 500:
            return answer
        return self.proxy(url, retries - 1)

    def paginate(self, path):
        """All pages, by the address that each page names."""
        found, url = [], self.org.url + path
        while url:
            answer = self.proxy(url)
            if answer.status != 200:
                raise stage.Failed(f"{url}: {answer.status} {answer.words()}")
            found += answer.json()
            url = answer.link("next")
        return found


def key_of_form(text):
    """The field "private key" takes a private RSA key as JWK, and nothing else."""
    try:
        key = json.loads(text)
    except ValueError:
        raise ValueError("the private key must be a JWK (JSON), not PEM") from None
    if key.get("kty") != "RSA" or "d" not in key:
        raise ValueError("the private key must be a private RSA JWK")
    return key


def story(org):
    def key(client):
        return json.dumps(rs256.jwk_of(org.pem(client), client.get("kid")))

    app = org.client("nango")
    scopes = os.environ.get("SCOPES", SCOPES)

    stage.chapter("The customer pastes the key")
    for kind, pasted in (("PEM", org.pem(app)), ("a curve's JWK", '{"kty":"EC","d":"AA"}')):
        try:
            key_of_form(pasted)
            stage.told(f"{kind} is refused before anything is sent", False, "it was taken")
        except ValueError as error:
            stage.told(f"{kind} is refused before anything is sent: {error}", True)
    nango = Connection(org, app["client_id"], key(app), scopes)
    token = nango.credentials()
    stage.equal("client id and assertion in one form bring a Bearer token", token["token_type"], "Bearer")
    stage.equal("it is good for an hour", token["expires_in"], 3600)
    stage.told("there is no refresh token", "refresh_token" not in token)
    stage.equal("it has every scope that was asked for", nango.missing_scopes(), [])

    stage.chapter("The first sync")
    users = nango.paginate("/api/v1/users?limit=20")
    stage.told(f"reads all pages: {len(users)} users", users and len({user["id"] for user in users}) == len(users))
    stage.equal("with one token", nango.fetched, 1)
    if not org.is_twin:
        return

    stage.equal("which are those of the org", len(users), 46)

    stage.chapter("The hour goes by")
    org.let_pass(40 * 60)
    nango.paginate("/api/v1/groups")
    stage.equal("after 40 minutes it is the same token", nango.fetched, 1)
    org.let_pass(6 * 60)
    nango.paginate("/api/v1/groups")
    stage.equal("after 46 minutes it is another, for another assertion", nango.fetched, 2)
    org.end_tokens()
    stage.equal("when the org ends it first, the call is repeated", len(nango.paginate("/api/v1/users?limit=20")), 46)
    stage.equal("with a third", nango.fetched, 3)

    stage.chapter("Too many calls")
    org.let_pass(60)
    org.limit("/api/v1/users", calls=1, seconds=60)
    url = org.url + "/api/v1/users?limit=1"
    seen = [nango.proxy(url, retries=0).status for _ in range(2)]
    stage.equal("nobody asked for retries: the 429 is passed on", seen, [200, 429])
    stage.equal("with three the call gets through when the bucket has reset", nango.proxy(url, retries=3).status, 200)
    stage.equal("and the token stays", nango.fetched, 3)
    org.limit("/api/v1/users", calls=1000, seconds=60)

    stage.chapter("What customers get wrong")
    app = org.client("nango-without-role")
    nobody = Connection(org, app["client_id"], key(app))
    answer = nobody.proxy(org.url + "/api/v1/users")
    stage.equal("without an admin role: 200", answer.status, 200)
    stage.equal("and an empty list, no 403", answer.json(), [])
    stage.equal("although the token has the scopes", nobody.missing_scopes(), [])
    org.administer("POST", f"/oauth2/v1/clients/{app['client_id']}/roles", {"type": "READ_ONLY_ADMIN"})
    stage.equal("the role is assigned: the same token reads everybody", len(nobody.paginate("/api/v1/users")), 46)
    stage.equal("and no other was needed", nobody.fetched, 1)

    refusals = {
        "nango-without-grants": (400, "consent_required", "You are not allowed any of the requested scopes."),
        "nango-with-dpop": (400, "invalid_dpop_proof", "The DPoP proof JWT header is missing."),
        "nango-as-web-app": (
            400,
            "unauthorized_client",
            "The client is not authorized to use the provided grant type. "
            "Configured grant types: [authorization_code, refresh_token].",
        ),
    }
    for name, wanted in refusals.items():
        app = org.client(name)
        try:
            Connection(org, app["client_id"], key(app)).credentials()
            seen = "a token"
        except FetchError as refused:
            seen = (refused.status, refused.code, refused.text)
        stage.equal(f"{name}: {wanted[1]}", seen, wanted)

    app = org.client("nango")
    more = Connection(org, app["client_id"], key(app), "okta.users.read,okta.apps.read")
    stage.equal("a scope that was not granted goes missing without a word", more.missing_scopes(), ["okta.apps.read"])


stage.run(story)
