"""Prints one user of an Okta org as JSON, with Okta's SDK: by the first argument, or the first page without one."""

import asyncio
import json
import os
import sys

from okta.client import Client


def config():
    return {
        "orgUrl": os.environ["OKTA_ORG"],
        "authorizationMode": "PrivateKey",
        "clientId": os.environ["OKTA_APP"],
        "privateKey": open(os.environ["OKTA_KEY"]).read(),
        "kid": os.environ.get("OKTA_KID"),
        "scopes": os.environ["OKTA_SCOPES"].split(),
    }


async def main(args):
    client = Client(config())
    if args:
        user, _, error = await client.get_user(args[0])
        found = {"id": user.id, "status": user.status} if user else None
    else:
        users, _, error = await client.list_users()
        found = [{"id": user.id} for user in users or []]
    if error:
        print(f"Okta says no: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found))
    return 0


sys.exit(asyncio.run(main(sys.argv[1:])))
