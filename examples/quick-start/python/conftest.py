"""One twin for all tests, and an org of its own for each."""

import json
import os
import pathlib
import subprocess
import time

import pytest
import requests


@pytest.fixture(scope="session")
def twin(tmp_path_factory):
    """The running program; its ready file as a dictionary."""
    ready_file = tmp_path_factory.mktemp("orgtwin") / "ready.json"
    program = os.environ.get("ORGTWIN", "orgtwin")
    command = [program, "serve", "--listen", "127.0.0.1:0", "--ready-file", ready_file]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        # The file appears whole, once the twin listens.
        while not ready_file.exists():
            assert process.poll() is None, f"{program} ended with {process.returncode}"
            time.sleep(0.02)
        yield json.loads(ready_file.read_text())
        process.terminate()


class Org:
    """An org, and what a test does to it."""

    def __init__(self, ready):
        self.url = ready["base_url"]
        self.tls_url, self.ca_file = ready["tls_base_url"], ready["ca_file"]
        self.control = f"{ready['control_url']}/orgs/{ready['name']}"
        self.clients = {client["name"]: client for client in ready["clients"]}

    def private_key(self, client):
        return pathlib.Path(self.clients[client]["private_key_file"]).read_text()

    def fault(self, fault, **match):
        """The next requests that match go wrong (docs/faults.md)."""
        requests.post(f"{self.control}/faults", json={"match": match, "fault": fault}).raise_for_status()

    def seen(self, path):
        """The statuses of what the org was asked at a path and below, in order."""
        ledger = requests.get(f"{self.control}/ledger", params={"path": path})
        return [exchange["response"]["status"] for exchange in ledger.json()]


@pytest.fixture
def org(twin):
    orgs = f"{twin['control_url']}/orgs"
    made = requests.post(orgs, json={"tls": True})
    made.raise_for_status()
    yield Org(made.json())
    requests.delete(f"{orgs}/{made.json()['name']}").raise_for_status()
