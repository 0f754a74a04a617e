"""A person and their browser, played: they sign in with a password and land at the redirect URI."""

import base64
import hashlib
import secrets
import urllib.parse

from stage import Failed
from wire import exchange


def challenge(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def verifier():
    return secrets.token_urlsafe(48)


def session_token(org, person):
    """What the sign-in page gets for a password."""
    said = {"username": person["login"], "password": person["password"]}
    answer = org.patiently("POST", "/api/v1/authn", body=said)
    said = answer.json()
    if answer.status != 200 or said.get("status") != "SUCCESS":
        raise Failed(f"{person['login']} cannot sign in: {answer.status} {answer.words()} {said.get('status')}")
    return said["sessionToken"]


def visit(org, person, parameters):
    """Opens the authorization request as that person. The whole answer: a redirect, or a page."""
    query = urllib.parse.urlencode(parameters | {"sessionToken": session_token(org, person)})
    return exchange("GET", f"{org.url}/oauth2/v1/authorize?{query}", {"Accept": "text/html"})


def landing(answer, redirect_uri):
    """What came back to the redirect URI, by query or by fragment."""
    place = answer.headers.get("Location") or ""
    if answer.status not in (302, 303) or not place.startswith(redirect_uri):
        raise Failed(f"the org sends nobody to {redirect_uri}: {answer.status} {place}")
    parts = urllib.parse.urlsplit(place)
    return dict(urllib.parse.parse_qsl(parts.query or parts.fragment))
