#!/usr/bin/env python3
"""Lets `orgtwin` drive Acme Sync: one JSON request a line on stdin, one reply a line on stdout (docs/adapter-protocol.md)."""

import importlib
import json
import os
import queue
import sys
import threading
import time

CAPABILITIES = [
    "auth.client_secret_basic", "list_all", "forget_token", "clock.inject", "tls", "domain", "settings", "connection_test", "sync",
]


class MovableClock:
    """A clock that can be moved, so that a wait of a minute takes none."""

    def __init__(self):
        self.ahead, self.moved = 0.0, threading.Condition()

    def now(self):
        return time.time() + self.ahead

    def mark(self):
        return self.ahead

    def advance(self, seconds):
        with self.moved:
            self.ahead += seconds
            self.moved.notify_all()

    def sleep(self, seconds, mark):
        with self.moved:
            # What it was moved since the request was sent has been waited already.
            until = self.now() + seconds - (self.ahead - mark)
            while self.now() < until:
                self.moved.wait(until - self.now())


class Adapter:
    def __init__(self, integration):
        self.integration, self.okta, self.clock = integration, None, MovableClock()
        self.writing = threading.Lock()

    def reply(self, request, reply):
        with self.writing:
            print(json.dumps({"id": request["id"], **reply}), flush=True)

    def perform(self, request):
        op = request["op"]
        if op == "hello":
            identity = {"name": "acme-sync", "version": "1.4", "language": "python " + sys.version.split()[0]}
            return {"protocol": 1, "client": identity, "capabilities": CAPABILITIES}
        if op == "configure":
            client = request["client"]
            secret = client["auth"].get("client_secret", "")
            self.okta = self.integration.Okta(
                client["org_url"], client["client_id"], secret, client["scopes"], client.get("settings", {}),
                self.clock, client.get("ca_pem"), client.get("proxy"),
            )
            return {"outcome": "ok"}
        if op == "bye":
            return {"outcome": "ok"}
        if op == "get_token":
            token = self.okta.access_token()
            left = int(self.okta.token_until - self.clock.now())
            return {
                "outcome": "ok",
                "token_type": token["token_type"],
                "expires_in": left,
                "scope": token.get("scope", "").split(),
            }
        if op == "call":
            status, headers, content = self.okta.call(
                request["method"], self.okta.org + request["path"], request.get("body")
            )
            reply = {"outcome": "ok", "status": status}
            if content:
                reply["body"] = self.integration.parsed(headers, content)
            return reply
        if op == "list_all":
            values = [element[request["key"]] for element in self.okta.elements(request["path"])]
            return {"outcome": "ok", "count": len(values), "values": values}
        if op == "test_connection":
            return {"outcome": "ok", "findings": self.okta.test_connection()}
        if op == "sync":
            values = self.okta.synchronise()
            return {"outcome": "ok", "count": len(values), "values": values}
        if op == "forget_token":
            self.okta.token = None
            return {"outcome": "ok"}
        return {"outcome": "unsupported"}

    def answer(self, request):
        try:
            return self.perform(request)
        except self.integration.Refused as refused:
            reply = {"outcome": "refused", "reason": refused.reason, "error": {"message": refused.message}}
            if refused.status is not None:
                reply["status"] = refused.status
            if refused.code is not None:
                reply["error"]["code"] = refused.code
            return reply
        except Exception as error:  # a defect of this adapter, never a verdict on the integration
            return {"outcome": "error", "message": f"{type(error).__name__}: {error}"}


def read(adapter, requests):
    """The clock may be moved while Acme Sync waits, so that is done at once; the rest is done in turn."""
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "advance_clock":
            adapter.clock.advance(request["ms"] / 1000)
            adapter.reply(request, {"outcome": "ok"})
        else:
            requests.put(request)
    requests.put(None)


def run(integration):
    adapter, requests = Adapter(integration), queue.Queue()
    threading.Thread(target=read, args=(adapter, requests), daemon=True).start()
    while (request := requests.get()) is not None:
        adapter.reply(request, adapter.answer(request))
        if request["op"] == "bye":
            break
    sys.stdout.flush()
    os._exit(0)  # the reader still waits for a line


if __name__ == "__main__":
    run(importlib.import_module("acme_sync"))
