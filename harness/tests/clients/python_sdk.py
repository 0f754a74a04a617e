"""Okta's own Python SDK against orgtwin, unmodified: what each of four intents came to, one JSON object a line.

Usage: python_sdk.py ORG_URL CLIENT_ID PRIVATE_KEY_FILE INTENT...
SSL_CERT_FILE names the certificate of the org's CA; DPOP=1 makes the SDK prove possession of a key.
"""

import asyncio
import json
import os
import sys
import time

from okta.client import Client
from okta.pagination import paginate_all


def client(org_url, client_id, key_file, scopes):
    with open(key_file, encoding="ascii") as file:
        key = file.read()
    return Client(
        {
            "orgUrl": org_url,
            "authorizationMode": "PrivateKey",
            "clientId": client_id,
            "scopes": scopes,
            "privateKey": key,
            "rateLimit": {"maxRetries": 2},
            "dpopEnabled": os.environ.get("DPOP") == "1",
        }
    )


async def list_all(okta):
    ids = []
    async for user in paginate_all(okta.list_users, limit=100):
        ids.append(user.id)
    return {"ids": ids}


async def one_page(okta):
    users, response, error = await okta.list_users(limit=3)
    return {"count": len(users or []), "error": described(error), "status": getattr(response, "status_code", None)}


async def forbidden(okta):
    user, _, error = await okta.get_user("ada.admin@example.com")
    return {"user": user is not None, "error": described(error)}


async def limited(okta):
    """More requests than the bucket holds: the SDK waits for the reset by itself."""
    started = time.monotonic()
    statuses = []
    for _ in range(3):
        groups, response, error = await okta.list_groups(limit=1)
        statuses.append(described(error) or len(groups))
    return {"statuses": statuses, "waited": time.monotonic() - started}


def described(error):
    if error is None:
        return None
    return {
        "type": type(error).__name__,
        "status": getattr(error, "status", None),
        "code": getattr(error, "error_code", None),
        "text": str(error),
    }


INTENTS = {"list_all": list_all, "one_page": one_page, "forbidden": forbidden, "limited": limited}


async def main(org_url, client_id, key_file, *intents):
    okta = client(org_url, client_id, key_file, ["okta.users.read", "okta.groups.read"])
    for intent in intents:
        try:
            outcome = await INTENTS[intent](okta)
        except Exception as error:  # what a user of the SDK would see
            outcome = {"raised": described(error)}
        print(json.dumps({"intent": intent, **outcome}), flush=True)


asyncio.run(main(*sys.argv[1:]))
