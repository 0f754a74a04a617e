"""The code under test: reads the users of an Okta org."""

import time
from email.utils import parsedate_to_datetime

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT

SCOPE = "okta.users.read"


def by_secret(org_url, client_id, client_secret):
    """An API service integration of the OIN: client id and secret, by HTTP Basic."""
    session = OAuth2Session(client_id, client_secret, token_endpoint_auth_method="client_secret_basic", scope=SCOPE)
    session.fetch_token(f"{org_url}/oauth2/v1/token", grant_type="client_credentials")
    return session


def by_key(org_url, client_id, private_key, kid):
    """A service app: a signed assertion, whose audience is the token endpoint."""
    session = OAuth2Session(client_id, private_key, token_endpoint_auth_method="private_key_jwt", scope=SCOPE)
    session.register_client_auth_method(PrivateKeyJWT(f"{org_url}/oauth2/v1/token", headers={"kid": kid}))
    session.fetch_token(f"{org_url}/oauth2/v1/token", grant_type="client_credentials")
    return session


def get(session, url):
    """One call. Who is told 429 waits until the window ends; Okta sends no Retry-After."""
    while True:
        response = session.get(url)
        if response.status_code != 429:
            response.raise_for_status()
            return response
        now = parsedate_to_datetime(response.headers["date"]).timestamp()
        time.sleep(int(response.headers["x-rate-limit-reset"]) - now + 1)


def list_users(session, org_url):
    """All users, page by page, as the `next` links lead."""
    url = f"{org_url}/api/v1/users?limit=100"
    while url:
        page = get(session, url)
        yield from page.json()
        url = page.links.get("next", {}).get("url")
