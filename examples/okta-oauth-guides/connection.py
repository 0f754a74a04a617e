"""Okta's two guides to OAuth for its APIs, step by step: an app that people sign in to, and a service app."""

import os
import time
import uuid

import rs256
import sign_in
import stage
from wire import exchange

REDIRECT_URI = "https://oauth.pstmn.io/v1/callback"
NO_PERMISSION = (403, "E0000006", "You do not have permission to perform the requested action")


def said(answer):
    return (answer.status, *answer.words())


def call(org, path, token, method="GET", body=None):
    return exchange(method, org.url + path, {"Authorization": "Bearer " + token}, body=body)


def logins(answer):
    return [user["profile"]["login"] for user in answer.json()]


class SignedInApp:
    """The app of the first guide."""

    def __init__(self, org, client_id, client_secret, redirect_uri=REDIRECT_URI):
        self.org, self.client_id, self.client_secret = org, client_id, client_secret
        self.redirect_uri = redirect_uri

    def visit(self, person, scope, **more):
        parameters = {"client_id": self.client_id, "scope": scope, "redirect_uri": self.redirect_uri}
        parameters |= {"state": "1234", "nonce": "UBGW"} | more
        back = sign_in.landing(sign_in.visit(self.org, person, parameters), self.redirect_uri)
        if back.get("state") != "1234":
            raise stage.Failed("the state does not come back")
        return back

    def postman(self, person, scope):
        """Authorization code with PKCE, the app's credentials in the body."""
        verifier = sign_in.verifier()
        challenge = {"code_challenge": sign_in.challenge(verifier), "code_challenge_method": "S256"}
        back = self.visit(person, scope, response_type="code", **challenge)
        if "error" in back:
            return back
        form = {
            "grant_type": "authorization_code",
            "code": back["code"],
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        return exchange("POST", self.org.url + "/oauth2/v1/token", form=form).json()


def assertion(org, client_id, key, lifetime=3600, **other):
    url, now = org.url + "/oauth2/v1/token", int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": url, "iat": now, "exp": now + lifetime}
    return rs256.jwt(claims | {"jti": str(uuid.uuid4())} | other, key)


def service_token(org, signed, scope):
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }
    return exchange("POST", org.url + "/oauth2/v1/token", form=form)


def make(org, label, settings, auth_method):
    """"Create App Integration", by API."""
    return org.administer(
        "POST",
        "/api/v1/apps",
        {
            "name": "oidc_client",
            "label": label,
            "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": {"token_endpoint_auth_method": auth_method}},
            "settings": {"oauthClient": settings},
        },
    )


def grant(org, app_id, scope):
    """The guide's request, with the API token of a super administrator."""
    return org.administer("POST", f"/api/v1/apps/{app_id}/grants", {"scopeId": scope, "issuer": org.url})


def story(org):
    if not org.is_twin:
        client = org.client("")
        app = SignedInApp(org, client["client_id"], client["client_secret"], stage.needed("REDIRECT_URI"))
        answer = app.postman(org.person(""), os.environ.get("SCOPES", "okta.users.read"))
        stage.told("Postman's request brings a token", "access_token" in answer, answer.get("error_description"))
        stage.equal("GET /api/v1/users: 200", call(org, "/api/v1/users?limit=1", answer["access_token"]).status, 200)
        return
    reader, user = org.person("rita.readonly"), org.person("ursula.user")

    stage.chapter("Create an OAuth 2.0 app")
    made = make(
        org,
        f"Guide {uuid.uuid4()}",
        {
            "application_type": "web",
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "implicit"],
            "response_types": ["code", "token"],
        },
        "client_secret_post",
    )
    app = SignedInApp(org, made["id"], made["credentials"]["oauthClient"]["client_secret"])
    for person in (reader, user):
        found = org.administer("GET", "/api/v1/users/" + person["login"])
        org.administer("POST", f"/api/v1/apps/{app.client_id}/users", {"id": found["id"], "scope": "USER"})
    stage.told("it has a client id and a secret, and people are assigned", bool(app.client_secret))

    stage.chapter("Define allowed scopes")
    answer = app.postman(reader, "okta.users.read")
    stage.equal("before any grant nobody gets a token", answer.get("error"), "consent_required")
    for scope in ("okta.users.read", "okta.users.read.self", "okta.authorizationServers.manage"):
        stage.equal(f"grants {scope}", grant(org, app.client_id, scope)["scopeId"], scope)
    token = "SSWS " + org.api_token("read-only admin")
    refused = exchange(
        "POST",
        f"{org.url}/api/v1/apps/{app.client_id}/grants",
        {"Authorization": token},
        body={"scopeId": "okta.apps.read", "issuer": org.url},
    )
    stage.equal("only a super administrator grants", said(refused), NO_PERMISSION)

    stage.chapter("Get an access token and make a request")
    answer = app.postman(reader, "okta.users.read")
    stage.equal("Postman: code, PKCE, credentials in the body", answer.get("scope"), "okta.users.read")
    stage.equal("the token is good for an hour", answer["expires_in"], 3600)
    claims = rs256.claims(answer["access_token"])
    stage.equal("the org authorization server minted it", claims["iss"], org.url)
    stage.equal("GET /api/v1/users: 200", call(org, "/api/v1/users?limit=5", answer["access_token"]).status, 200)
    back = app.visit(reader, "okta.users.read", response_type="token", response_mode="fragment")
    stage.equal("the guide's address: the token is in the fragment", back.get("token_type"), "Bearer")
    stage.equal("and works", call(org, "/api/v1/users?limit=5", back["access_token"]).status, 200)

    stage.chapter("Scope naming: .self")
    answer = app.postman(reader, "okta.users.read.self")
    seen = call(org, "/api/v1/users", answer["access_token"])
    stage.equal("a list of users holds the person alone", logins(seen), [reader["login"]])
    answer = app.postman(user, "okta.users.read")
    seen = call(org, "/api/v1/users", answer["access_token"])
    stage.equal("without .self and without a role it is empty", seen.json(), [])

    stage.chapter("Silent downscoping: a read-only administrator and a scope to manage")
    answer = app.postman(reader, "okta.authorizationServers.manage okta.apps.read")
    stage.equal("the token has what the app was granted", answer["scope"], "okta.authorizationServers.manage")
    servers = call(org, "/api/v1/authorizationServers", answer["access_token"])
    stage.equal("with it they read", servers.status, 200)
    body = {"name": "Orders", "description": "Orders", "audiences": ["api://orders"]}
    seen = call(org, "/api/v1/authorizationServers", answer["access_token"], "POST", body)
    stage.equal("and change nothing", said(seen), NO_PERMISSION)

    stage.chapter("The guide to service apps: a key, grants, a role")
    key = rs256.jwk_of(org.pem(org.client("service")), "guide-1")
    made = make(
        org,
        f"Service {uuid.uuid4()}",
        {
            "application_type": "service",
            "grant_types": ["client_credentials"],
            "response_types": ["token"],
            "jwks": {"keys": [rs256.public(key)]},
        },
        "private_key_jwt",
    )
    identity, scope = made["id"], "okta.users.read"
    answer = service_token(org, assertion(org, identity, key), scope)
    if answer.words()[0] == "invalid_dpop_proof":
        raise stage.Failed("this org ticks the box for proofs of possession on new apps: clear it")
    wanted = (400, "consent_required", "You are not allowed any of the requested scopes.")
    stage.equal("before any grant", said(answer), wanted)
    grant(org, identity, scope)
    signed = assertion(org, identity, key)
    answer = service_token(org, signed, scope)
    stage.equal("an assertion brings a Bearer token", answer.json().get("token_type"), "Bearer")
    token = answer.json()["access_token"]
    refusals = (
        ("its jti is good once", signed, "The client_assertion token has already been used."),
        (
            "its audience is the token endpoint",
            assertion(org, identity, key, aud=org.url),
            "The audience claim for client_assertion must be the endpoint invoked for the request.",
        ),
        (
            "it lives an hour at most",
            assertion(org, identity, key, lifetime=7200),
            "The client_assertion token has an expiration too far into the future.",
        ),
    )
    for what, wrong, words in refusals:
        stage.equal(what, said(service_token(org, wrong, scope)), (401, "invalid_client", words))
    stage.equal("without a role the list is empty", call(org, "/api/v1/users", token).json(), [])
    org.administer("POST", f"/oauth2/v1/clients/{identity}/roles", {"type": "READ_ONLY_ADMIN"})
    stage.equal("with one it is not", len(call(org, "/api/v1/users?limit=5", token).json()), 5)


stage.run(story)
