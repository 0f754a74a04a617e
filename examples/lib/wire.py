"""One HTTP exchange at a time, as it is: no redirect is followed, no status is an exception."""

import email.utils
import http.client
import json
import re
import urllib.parse

TIMEOUT = 30

last = None  # the answer to the last exchange


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def link(self, relation):
        """The address of a relation: Okta sends a `Link` line for each."""
        for line in self.headers.get_all("Link") or []:
            for target, parameters in re.findall(r"<([^>]*)>([^,]*)", line):
                if f'rel="{relation}"' in parameters:
                    return target
        return None

    def until_reset(self):
        """Seconds to wait after a 429: both times are the org's own."""
        date = email.utils.parsedate_to_datetime(self.headers["Date"]).timestamp()
        return max(0, int(self.headers.get("X-Rate-Limit-Reset", date)) - date) + 1

    def words(self):
        """What the org said: a code and a sentence, wherever it put them."""
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', self.headers.get("WWW-Authenticate") or ""))
        try:
            said = self.json()
        except ValueError:
            said = {}
        said = said if isinstance(said, dict) else {}
        code = said.get("error") or said.get("errorCode") or challenge.get("error")
        text = said.get("error_description") or said.get("errorSummary") or challenge.get("error_description")
        return code, text


def exchange(method, url, headers=None, form=None, body=None):
    """Sends a form or a JSON body, or neither."""
    global last
    parts = urllib.parse.urlsplit(url)
    sent = {"Accept": "application/json", "User-Agent": "orgtwin-example/1"}
    content = None
    if form is not None:
        content, sent["Content-Type"] = urllib.parse.urlencode(form), "application/x-www-form-urlencoded"
    elif body is not None:
        content, sent["Content-Type"] = json.dumps(body), "application/json"
    elif method != "GET":
        content = ""  # so that there is a Content-Length
    sent.update(headers or {})
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, target, content, sent)
        answer = connection.getresponse()
        last = Answer(answer.status, answer.headers, answer.read())
        return last
    finally:
        connection.close()
