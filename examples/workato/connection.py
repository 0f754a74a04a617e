"""The three connections of Workato's Okta connector: by code, by key, by API key."""

import base64
import os
import re
import secrets
import uuid

import rs256
import sign_in
import stage
from wire import exchange

LEAST = "okta.logs.read okta.schemas.read"
LEAST_WITH_A_PERSON = LEAST + " offline_access openid"
MORE = " okta.eventHooks.manage okta.users.manage okta.groups.manage okta.apps.read"  # asked for when nobody chooses


class Mistake(Exception):
    """The connection form takes it back before anything is sent."""


def domain(text):
    """The field "Okta domain": a host, and not that of the admin console, which is no OAuth endpoint."""
    if "://" in text or "/" in text:
        raise Mistake("enter the domain only, as mycompany.okta.com")
    first, _, _ = text.partition(".")
    if first.endswith("-admin"):
        raise Mistake("enter the domain without -admin")
    return text


def private_key(text):
    """The field "Private key": PEM as Okta shows it, PKCS#8 with its first and its last line."""
    if not re.match(r"-----BEGIN PRIVATE KEY-----\s.*\s-----END PRIVATE KEY-----\s*$", text, re.DOTALL):
        raise Mistake("the key must begin with -----BEGIN PRIVATE KEY----- and end with -----END PRIVATE KEY-----")
    return rs256.jwk_of(text)


def token(org, form, headers=None):
    answer = exchange("POST", org.url + "/oauth2/v1/token", headers, form=form)
    return answer, answer.json()


def by_key(org, client, scopes):
    """Client credentials: an assertion for each token. The form asks for no id of the key."""
    url, now = org.url + "/oauth2/v1/token", int(org.now())
    claims = {"iss": client["client_id"], "sub": client["client_id"], "aud": url, "iat": now, "exp": now + 300}
    form = {
        "grant_type": "client_credentials",
        "scope": scopes,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": rs256.jwt(claims | {"jti": str(uuid.uuid4())}, private_key(org.pem(client))),
    }
    return token(org, form)


def by_code(org, client, redirect_uri, person, scopes):
    """Authorization code with the app's secret."""
    state = secrets.token_urlsafe(32)
    parameters = {
        "client_id": client["client_id"],
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": scopes,
        "state": state,
    }
    back = sign_in.landing(sign_in.visit(org, person, parameters), redirect_uri)
    stage.equal("the state comes back", back.get("state"), state)
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": redirect_uri}
    return token(org, form, {"Authorization": "Basic " + pair})


def call(org, path, credentials, method="GET", body=None):
    return exchange(method, org.url + path, {"Authorization": credentials}, body=body)


def works(org, credentials):
    """What a new connection is tried with: an event of the log, and the schema of users."""
    logs = call(org, "/api/v1/logs?limit=1", credentials).status
    return logs, call(org, "/api/v1/meta/schemas/user/default", credentials).status


def mistake(what, field, text):
    try:
        field(text)
        stage.told(what, False, "it was taken")
    except Mistake as told:
        stage.told(f"{what}: {told}", True)


def story(org):
    stage.chapter("The form")
    for host in ("mycompany.okta.com", "mytest.oktapreview.com", "administration.okta.com"):
        stage.equal(f"takes {host}", domain(host), host)
    mistake("refuses the admin console", domain, "mycompany-admin.okta.com")
    mistake("refuses an address", domain, "https://mycompany.okta.com")
    service = org.client("workato-service")
    pem = org.pem(service)
    stage.equal("takes PKCS#8", private_key(pem)["kty"], "RSA")
    mistake("refuses the older form", private_key, rs256.pkcs1_of(pem))
    mistake("refuses a key without its first line", private_key, "\n".join(pem.splitlines()[1:]))

    stage.chapter("By key: client credentials")
    answer, said = by_key(org, service, os.environ.get("SCOPES", LEAST))
    stage.equal("the least scopes bring a Bearer token", (answer.status, said.get("token_type")), (200, "Bearer"))
    stage.equal("the log and the schema are read", works(org, "Bearer " + said["access_token"]), (200, 200))
    if not org.is_twin:
        return
    stage.told("although the key has no id: the app has one key only", "kid" not in private_key(pem))
    _, said = by_key(org, service, LEAST + MORE)
    stage.equal("of the default scopes only what was granted is in the token", said["scope"], LEAST)
    hooks = call(org, "/api/v1/eventHooks", "Bearer " + said["access_token"])
    stage.equal("so event hooks are out of reach", (hooks.status, hooks.body), (403, b""))
    stage.equal("for want of the scope", hooks.words()[0], "insufficient_scope")
    answer, said = by_key(org, org.client("workato-with-dpop"), LEAST)
    wanted = ("invalid_dpop_proof", "The DPoP proof JWT header is missing.")
    stage.equal("proof of possession must be deselected", (said["error"], said["error_description"]), wanted)

    stage.chapter("By key: with a custom role")
    custom = org.client("workato-custom-role")
    _, said = by_key(org, custom, LEAST)
    users = call(org, "/api/v1/users", "Bearer " + said["access_token"])
    stage.equal("the least scopes read no user", (users.status, users.words()[0]), (403, "insufficient_scope"))
    stage.told("and the org names the scope", 'scope="okta.users.read"' in users.headers["WWW-Authenticate"])
    _, said = by_key(org, custom, LEAST + " okta.users.read")
    users = call(org, "/api/v1/users", "Bearer " + said["access_token"])
    logins = [user["profile"]["login"] for user in users.json()]
    stage.equal("with okta.users.read it reads whom the role reaches", logins, ["reader@example.com"])

    stage.chapter("By code: somebody signs in")
    uri, reader = "https://www.workato.com/oauth/callback", org.person("reader")
    _, said = by_code(org, org.client("workato-web"), uri, reader, LEAST_WITH_A_PERSON)
    stage.equal("the least scopes", said["scope"].split(), LEAST_WITH_A_PERSON.split())
    stage.told("with a refresh token and an ID token", {"refresh_token", "id_token"} <= said.keys())
    stage.equal("the log and the schema are read", works(org, "Bearer " + said["access_token"]), (200, 200))
    _, said = by_code(org, org.client("workato-web"), uri, reader, LEAST_WITH_A_PERSON + MORE)
    stage.equal("of the default scopes the four are left", said["scope"].split(), LEAST_WITH_A_PERSON.split())

    stage.chapter("By API key")
    hook = {
        "name": "Recipe",
        "events": {"type": "EVENT_TYPE", "items": ["user.lifecycle.create"]},
        "channel": {"type": "HTTP", "version": "1.0.0", "config": {"uri": "https://www.workato.com/webhooks/okta"}},
    }
    for name, creates, hooks in (("read-only admin", 403, 403), ("org admin", 200, 403), ("super admin", 200, 200)):
        key = "SSWS " + org.api_token(name)
        stage.equal(f"{name}: the log and the schema are read", works(org, key), (200, 200))
        login = f"by.{name.replace(' ', '.')}@example.com"
        profile = {"login": login, "email": login, "firstName": "New", "lastName": "Hire"}
        seen = call(org, "/api/v1/users", key, "POST", {"profile": profile})
        stage.equal(f"{name}: creates a user, {creates}", seen.status, creates)
        seen = call(org, "/api/v1/eventHooks", key, "POST", hook)
        stage.equal(f"{name}: creates an event hook, {hooks}", seen.status, hooks)
    seen = call(org, "/api/v1/users/me", "SSWS 00" + "x" * 40)
    stage.equal("a key that is none", (seen.status, *seen.words()), (401, "E0000011", "Invalid token provided"))


stage.run(story)
