"""PyPI authlib and okta-jwt-verifier against orgtwin, unmodified: what each step came to, one JSON object.

Usage: authlib_client.py CONNECTION.json   (REQUESTS_CA_BUNDLE and SSL_CERT_FILE name the org's CA)
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from okta_jwt_verifier import AccessTokenVerifier, IDTokenVerifier

with open(sys.argv[1], encoding="utf-8") as file:
    connection = json.load(file)
org, web, user = connection["org"], connection["web"], connection["user"]
service, integration = connection["service"], connection["integration"]
seen = {}

metadata = requests.get(f"{org}/.well-known/openid-configuration", timeout=5).json()
seen["issuer"] = metadata["issuer"]

# A user signs in: code, PKCE, state, nonce.
authn = requests.post(
    f"{org}/api/v1/authn", json={"username": user["login"], "password": user["password"]}, timeout=5
)
session = OAuth2Session(
    web["client_id"],
    web["client_secret"],
    scope="openid profile offline_access",
    redirect_uri=web["redirect_uri"],
    code_challenge_method="S256",
    token_endpoint_auth_method="client_secret_basic",
)
verifier, nonce = generate_token(48), generate_token(20)
url, state = session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, sessionToken=authn.json()["sessionToken"]
)
answer = requests.get(url, allow_redirects=False, timeout=5)
location = answer.headers["location"]
assert parse_qs(urlsplit(location).query)["state"] == [state]
token = session.fetch_token(metadata["token_endpoint"], authorization_response=location, code_verifier=verifier)
seen["code"] = {"scope": token["scope"], "token_type": token["token_type"]}
seen["userinfo"] = session.get(metadata["userinfo_endpoint"]).json()["preferred_username"]

# Refresh, introspect, revoke.
refreshed = session.refresh_token(metadata["token_endpoint"])
seen["refresh"] = refreshed["access_token"] != token["access_token"]
introspect = lambda value: session.introspect_token(metadata["introspection_endpoint"], token=value).json()["active"]
seen["active"] = introspect(refreshed["access_token"])
session.revoke_token(metadata["revocation_endpoint"], token=refreshed["access_token"])
seen["revoked"] = introspect(refreshed["access_token"])


async def verified(value):
    verifier = IDTokenVerifier(issuer=org, client_id=web["client_id"], audience=web["client_id"])
    try:
        await verifier.verify(value, nonce=nonce)
        return "taken"
    except Exception as error:  # whatever the library raises is its refusal
        return f"{type(error).__name__}: {error}"


async def verified_access(value):
    await AccessTokenVerifier(issuer=org, audience=org).verify(value)
    return "taken"


head, payload, signature = token["id_token"].split(".")
flipped = ("B" if signature[9] == "A" else "A").join([signature[:9], signature[10:]])
seen["verified"] = asyncio.run(verified(token["id_token"]))
seen["verified_access"] = asyncio.run(verified_access(token["access_token"]))
seen["tampered"] = asyncio.run(verified(".".join([head, payload, flipped])))

# Client credentials: by secret, and by key.
by_secret = OAuth2Session(
    integration["client_id"], integration["client_secret"], scope="okta.users.read",
    token_endpoint_auth_method="client_secret_basic",
)
seen["secret"] = by_secret.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")["scope"]
with open(service["private_key_file"], encoding="ascii") as file:
    key = file.read()
by_key = OAuth2Session(
    service["client_id"], key, scope="okta.users.read",
    token_endpoint_auth_method=PrivateKeyJWT(metadata["token_endpoint"]),
)
seen["key"] = by_key.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")["scope"]

print(json.dumps(seen))
