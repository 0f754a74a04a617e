"""Prints the ids of all users of an Okta org as JSON, with Okta's SDK."""

import asyncio
import json
import os
import sys

from okta.client import Client
from okta.pagination import paginate_all


async def main():
    client = Client({
        "orgUrl": os.environ["OKTA_ORG"],
        "authorizationMode": "PrivateKey",
        "clientId": os.environ["OKTA_APP"],
        "privateKey": open(os.environ["OKTA_KEY"]).read(),
        "kid": os.environ.get("OKTA_KID"),
        "scopes": os.environ["OKTA_SCOPES"].split(),
    })
    ids = []
    async for user in paginate_all(client.list_users):
        ids.append(user.id)
    print(json.dumps({"ids": ids}))


sys.exit(asyncio.run(main()))
