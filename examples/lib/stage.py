"""The org that an example meets: a fresh twin by its ready file, or any org by the environment."""

import json
import math
import os
import sys
import time
import traceback

import wire
from wire import exchange


class Failed(Exception):
    """The org did something else than the example expects."""


class Org:
    """`READY_FILE` names what `orgtwin serve --ready-file` wrote. Without it `ORG_URL` and the variables that the
    example's README names are asked for, and what only a twin can do (move time) or only its org has is left out."""

    def __init__(self):
        path = os.environ.get("READY_FILE")
        self.ready = {}
        if path:
            with open(path, encoding="utf-8") as file:
                self.ready = json.load(file)
        self.url = (os.environ.get("ORG_URL") or self.ready.get("base_url") or "").rstrip("/")
        if not self.url:
            sys.exit("set ORG_URL, or READY_FILE to what `orgtwin serve --ready-file` wrote (examples/run.sh does)")
        self.ahead = 0

    @property
    def is_twin(self):
        return bool(self.ready)

    def client(self, name):
        """Client id, secret or key of an app: of the ready file, else of the environment."""
        for client in self.ready.get("clients", []):
            if client["name"] == name:
                return client
        if self.is_twin:
            raise Failed(f"the org has no app {name!r}: is it the one that the example comes with?")
        return {
            "client_id": needed("CLIENT_ID"),
            "client_secret": os.environ.get("CLIENT_SECRET"),
            "private_key_file": os.environ.get("PRIVATE_KEY_FILE"),
            "kid": os.environ.get("KID"),
        }

    def pem(self, client):
        path = client.get("private_key_file") or needed("PRIVATE_KEY_FILE")
        with open(path, encoding="ascii") as file:
            return file.read()

    def person(self, role):
        """Login and password of who begins with that name."""
        for user in self.ready.get("users", []):
            if user["login"].startswith(role + "@"):
                return user
        return {"login": needed("OKTA_LOGIN"), "password": needed("OKTA_PASSWORD")}

    def api_token(self, name):
        for token in self.ready.get("api_tokens", []):
            if token["name"] == name:
                return token["token"]
        return needed("OKTA_API_TOKEN")

    def patiently(self, method, path, headers=None, form=None, body=None):
        """An exchange, and once more when the org says that it was asked too often and when it may be asked again."""
        answer = exchange(method, self.url + path, headers, form, body)
        if answer.status == 429:
            self.wait(answer.until_reset())
            answer = exchange(method, self.url + path, headers, form, body)
        return answer

    # What an administrator does in the console.

    def administer(self, method, path, body=None):
        token = self.ready.get("api_token") or needed("OKTA_API_TOKEN")
        answer = exchange(method, self.url + path, {"Authorization": "SSWS " + token}, body=body)
        if answer.status >= 300:
            raise Failed(f"{method} {path}: {answer.status} {answer.words()}")
        return answer.json() if answer.body else None

    # Time, which only a twin lets go by.

    def now(self):
        return time.time() + self.ahead

    def control(self, method, call, body=None):
        url = f"{self.ready['control_url']}/orgs/{self.ready['name']}/{call}"
        answer = exchange(method, url, body=body)
        if answer.status >= 300:
            raise Failed(f"{method} {url}: {answer.status}")

    def wait(self, seconds):
        """What a client's sleep is: a twin lets the time pass at once."""
        if self.is_twin:
            self.let_pass(math.ceil(seconds))
        else:
            time.sleep(seconds)

    def let_pass(self, seconds):
        """For the org, and for who asks `now()`."""
        self.control("PUT", "clock", {"advance_seconds": seconds})
        self.ahead += seconds

    def limit(self, bucket, calls, seconds):
        """So many calls of a bucket in so many seconds."""
        self.control("PUT", "rate-limits", {"buckets": {bucket: {"limit": calls, "window_seconds": seconds}}})

    def end_tokens(self):
        """Every access token issued so far is over; only the org knows."""
        self.control("POST", "expire-tokens")


def needed(name):
    value = os.environ.get(name)
    if not value:
        sys.exit(f"set {name}: without a ready file the example takes what it needs from the environment")
    return value


def told(what, holds, seen=""):
    """One line of the example's story, which ends where something does not hold."""
    if not holds:
        raise Failed(f"{what}: {seen}")
    print(f"  ok  {what}", flush=True)


def equal(what, seen, wanted):
    told(what, seen == wanted, f"expected {wanted!r}, got {seen!r}")


def chapter(title):
    print(title, flush=True)


def run(story):
    """Runs an example: exit 0 when all of it held, 1 where it did not."""
    org = Org()
    print(f"org: {org.url}")
    try:
        story(org)
    except Failed as failed:
        sys.exit(f"  NOT SO  {failed}")
    except (LookupError, TypeError, ValueError, OSError) as error:
        # An answer without what the next step needs, or none at all.
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{wire.last.status} {wire.last.words()}" if wire.last else "none"
        sys.exit(f"  NOT SO  {type(error).__name__}: {error} (line {where.lineno}); the last answer: {said}")
    print("works")
