"""Records the files beside this one of a running twin, with the real tools.

    orgtwin serve --listen 127.0.0.1:8099 &
    python -m venv venv && venv/bin/pip install vcrpy requests mitmproxy
    mitmdump --mode reverse:http://127.0.0.1:8099 -p 8098 --set keep_host_header=true --set hardump=mitmproxy.har &
    venv/bin/python record.py http://127.0.0.1:8099 http://127.0.0.1:8098 TOKEN   # then end mitmdump by Ctrl-C

go-vcr needs Go; its cassettes are written here in the form of its own examples (versions 1 and 2).
"""
import os
import sys

import requests
import vcr
import yaml

DIRECT, PROXY, TOKEN = sys.argv[1:4]


def work(base, tag):
    """What an integration does: people, groups, pages, and mistakes."""
    http = requests.Session()
    http.headers.update({"Authorization": "SSWS " + TOKEN, "Accept": "application/json"})
    ask = lambda method, path, **more: http.request(method, path if "://" in path else base + path, **more)
    people = []
    for name in ("ada", "bob", "cyd"):
        login = "%s-%s@example.com" % (name, tag)
        profile = {"login": login, "email": login, "firstName": name, "lastName": "Recorded"}
        body = {"profile": profile, "credentials": {"password": {"value": "Recorded-%s-9!" % name}}}
        people.append(ask("POST", "/api/v1/users?activate=true", json=body).json()["id"])
    group = ask("POST", "/api/v1/groups", json={"profile": {"name": "recorded-" + tag, "description": "of a recording"}}).json()["id"]
    for person in people:
        ask("PUT", "/api/v1/groups/%s/users/%s" % (group, person))
    page = ask("GET", "/api/v1/groups/%s/users?limit=2" % group)
    ask("GET", page.links["next"]["url"])
    ask("GET", "/api/v1/users/" + people[0])
    ask("POST", "/api/v1/users/" + people[0], json={"profile": {"nickName": "A"}})
    ask("GET", "/api/v1/users/00u0000000000000NONE")
    ask("POST", "/api/v1/users", json={"profile": {"login": "x"}})
    ask("POST", "/api/v1/users/%s/lifecycle/deactivate" % people[1])
    ask("DELETE", "/api/v1/users/" + people[1])
    ask("GET", "/api/v1/users/" + people[1])
    ask("DELETE", "/api/v1/groups/" + group)


def go_vcr(cassette, version):
    """A vcrpy cassette in go-vcr's form."""
    interactions = []
    for number, found in enumerate(cassette["interactions"]):
        request, response = found["request"], found["response"]
        body = request["body"] or ""
        answer = response["body"]["string"]
        headers = {k: v if isinstance(v, list) else [v] for k, v in request["headers"].items()}
        out = {"request": {"body": body, "form": {}, "headers": headers, "url": request["uri"], "method": request["method"]},
               "response": {"body": answer, "headers": response["headers"], "code": response["status"]["code"],
                            "status": "%(code)d %(message)s" % response["status"], "duration": "1.5ms"}}
        if version == 2:
            http = {"proto": "HTTP/1.1", "proto_major": 1, "proto_minor": 1}
            out = {"id": number,
                   "request": {**http, "content_length": len(body), "host": request["uri"].split("/")[2], **out["request"]},
                   "response": {**http, "content_length": len(answer), "uncompressed": False, **out["response"]}}
        interactions.append(out)
    return yaml.safe_dump({"version": version, "interactions": interactions}, explicit_start=True, sort_keys=False, width=110)


work(PROXY, "har")
for kind in ("yaml", "json"):
    if os.path.exists("vcrpy." + kind):
        os.remove("vcrpy." + kind)             # vcrpy would append
    with vcr.use_cassette("vcrpy." + kind, serializer=kind, record_mode="all"):
        work(DIRECT, "vcrpy-" + kind)
cassette = yaml.load(open("vcrpy.yaml"), Loader=yaml.SafeLoader)
for version in (1, 2):
    with open("go-vcr-%d.yaml" % version, "w") as out:
        out.write(go_vcr(cassette, version))
