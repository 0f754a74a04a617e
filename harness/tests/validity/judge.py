"""Judges bodies against Okta's OpenAPI document with an independent validator (jsonschema).

    judge.py collect BASE_URL FILE       append the org's ledger to FILE, and reset the org
    judge.py crawl BASE_URL TOKEN SPEC   read every operation that needs no id, then those below what was found
    judge.py ledger SPEC LIST FILE       judge the answers of the ledgers in FILE; prints a report as JSON
    judge.py recordings SPEC LIST DATA   judge recorded answers of real orgs: LIST must be what they contradict
    judge.py list SPEC DATA              print such a list

LIST (contradictions.toml) is what real orgs answer although the document forbids it.
"""

import gzip
import json
import sys
import tomllib
import urllib.error
import urllib.request


def call(url, method="GET", **headers):
    request = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def collect(base, file):
    org = f"{base}/_mock/orgs/default"
    status, lines = call(f"{org}/ledger?secrets=plain", Accept="application/x-ndjson")
    assert status == 200, lines
    with open(file, "ab") as ledger:
        ledger.write(lines)
    status, body = call(f"{org}/reset", "POST")
    assert status == 204, body


def crawl(base, token, spec):
    from documents import Document

    ids = {}
    paths = [path for path, item in Document(spec).document["paths"].items() if "get" in item]
    for path in sorted(paths, key=lambda path: path.count("{")):
        parts = path.split("/{")
        if len(parts) > 2 or (len(parts) == 2 and parts[0] not in ids):
            continue
        fills = ids[parts[0]] if len(parts) == 2 else [""]
        for fill in fills[:3]:
            target = path if len(parts) == 1 else f"{parts[0]}/{fill}{parts[1].partition('}')[2]}"
            status, body = call(base + target, Authorization=f"SSWS {token}", Accept="application/json")
            if status == 200 and len(parts) == 1 and body.startswith(b"["):
                ids[path] = [item["id"] for item in json.loads(body) if isinstance(item, dict) and "id" in item]


def parsed(body, truncated):
    """The JSON of a body; of a list that the ledger cut, the items before the cut."""
    if not truncated:
        return json.loads(body)
    if not body.startswith("["):
        return None
    decoder, items, at = json.JSONDecoder(), [], 1
    while True:
        try:
            item, at = decoder.raw_decode(body, at)
        except ValueError:
            return items
        items.append(item)
        at += 1


def exchanges(file):
    with open(file) as ledger:
        for line in ledger:
            exchange = json.loads(line)
            response = exchange["response"]
            kind = next((value for name, value in response["headers"] if name.lower() == "content-type"), "")
            if exchange["operation"] and 200 <= response["status"] < 300 and kind.startswith("application/json"):
                body = parsed(response["body"], response.get("body_truncated", False))
                if body is not None:
                    yield exchange["operation"], f"{exchange['request']['method']} {exchange['request']['target']}", body


def recorded(spec, data):
    ids = {f"{name}": operation for operation, (name, _) in spec.responses.items()}
    with gzip.open(data, "rt") as rows:
        for row in map(json.loads, rows):
            if row["operation"] in ids and 200 <= row["status"] < 300 and row["response_body_kind"] == "json":
                yield ids[row["operation"]], row["test"], row["response_body"]


def judged(spec, bodies):
    """What is wrong, with who showed it, in the order of the places; and the operations that were judged."""
    wrong, operations = {}, {}
    for operation, shown_by, body in bodies:
        if operation not in spec.responses:
            continue
        operations[operation] = operations.get(operation, 0) + 1
        for problem in spec.problems(operation, body):
            wrong.setdefault(problem, (operation, shown_by))
    return dict(sorted(wrong.items())), operations


def known(file):
    with open(file, "rb") as rows:
        return {(row["place"], row["breaks"]): row["evidence"] for row in tomllib.load(rows)["contradiction"]}


def main(command, *arguments):
    if command == "collect":
        return collect(*arguments)
    if command == "crawl":
        return crawl(*arguments)
    from documents import Document

    spec = Document(arguments[0])
    if command == "list":
        for (place, breaks), (_, test) in judged(spec, recorded(spec, arguments[1]))[0].items():
            print(f'\n[[contradiction]]\nplace = "{place}"\nbreaks = "{breaks}"\nevidence = "{test}"')
        return
    listed = known(arguments[1])
    bodies = exchanges(arguments[2]) if command == "ledger" else recorded(spec, arguments[2])
    wrong, operations = judged(spec, bodies)
    found = [
        {"place": place, "breaks": breaks, "operation": operation, "shown_by": shown_by}
        for (place, breaks), (operation, shown_by) in wrong.items()
        if (place, breaks) not in listed
    ]
    # Where the document contradicts itself there need be no recording.
    rows = [row for row, evidence in listed.items() if not evidence.startswith("document: ")]
    gone = [f"{place} {breaks}" for place, breaks in rows if (place, breaks) not in wrong]
    print(json.dumps({"operations": operations, "wrong": found, "gone": gone if command == "recordings" else []}))


if __name__ == "__main__":
    main(*sys.argv[1:])
