#!/usr/bin/env python3
"""Acme Sync with one line that is wrong: `broken.py NAME` for the adapter, `broken.py` for the names."""

import pathlib
import sys
import types

import adapter

# The line as it is, and as it should not be.
FAULTS = {
    "secret-in-body": ('headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}',
                       'form["client_id"], form["client_secret"], headers = self.client_id, self.client_secret, {}'),
    "pasted-newline": ('pair = f"{self.client_id}:{self.client_secret}"',
                       'pair = f"{self.client_id}:{self.client_secret}\\n"'),
    "no-scope": ('"scope": " ".join(self.scopes)}', '}'),
    "offline-access": ('" ".join(self.scopes)', '" ".join([*self.scopes, "offline_access"])'),
    "custom-server": ('"/oauth2/v1/token"', '"/oauth2/default/v1/token"'),
    "ssws": ('"Bearer " + self.access_token()', '"SSWS " + self.access_token()'),
    "token-each-call": ('if self.token is not None and', 'if False and'),
    "never-renews": ('if status != 401 or last:', 'if True:'),
    "first-page": ('page, url = self.page(url)', 'page, url = self.page(url)[0], None'),
    "one-link-line": ('answered.get_all("Link") or []', '[answered.get("Link") or ""]'),
    "foreign-link": ('if origin(url) != origin(self.org):', 'if False:'),
    "at-once-on-429": ('self.clock.sleep(wait, mark)', 'pass'),
    "never-gives-up": ('ATTEMPTS = 4 ', 'ATTEMPTS = 40 '),
    "retry-after": ('wait = seconds_to_reset(answered)', 'wait = int(answered.get("Retry-After") or 1)'),
    "403-is-empty": ('if 200 <= status < 300:', 'if status == 403: answered.replace_header("Content-Type", "application/json") if answered.get("Content-Type") else answered.add_header("Content-Type", "application/json"); return 200, answered, b"[]"\n            if 200 <= status < 300:'),
    "any-certificate": ('context = ssl.create_default_context(cadata=ca_pem)', 'context = ssl._create_unverified_context()'),
    "admin-console": ('if org.endswith("-admin"):', 'if False:'),
    "okta-com-only": ('    return url\n', '    if rest.count(".") < 2 and not rest.endswith("okta.com"):\n        raise Refused("config", "no domain of Okta")\n    return url\n'),
    "any-token-type": ('if token.get("token_type", "").lower() != "bearer":', 'if False:'),
    "region-needed": ('self.region = dict(settings).get("region") or "us"',
                      'if "region" not in settings: raise Refused("config", "the region is missing")\n        self.region = settings["region"]'),
    "scopes-as-asked": ('self.token, self.token_until = token,', 'token["scope"] = " ".join(self.scopes)\n        self.token, self.token_until = token,'),
    "since-last-time": ('url, new = self.poll or self.org + LOG, []',
                        'last, self.last = getattr(self, "last", ""), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock.now()))\n        url, new = self.org + LOG + ("&since=" + last if last else ""), []'),
    "small-pages": ('("okta.users.read", "/api/v1/users", 200,', '("okta.users.read", "/api/v1/users", 20,'),
    "everything-again": ('if path in self.newest:', 'if False:'),
    "role-blind": ('return "ok" if parsed(answered, content) else "role_missing"', 'return "ok"'),
    "library-name": ('USER_AGENT = "AcmeSync/1.4"', 'USER_AGENT = "Python-urllib/3.12"'),
}


def broken(name):
    text = pathlib.Path(__file__).with_name("acme_sync.py").read_text()
    sound, wrong = FAULTS[name]
    if text.count(sound) != 1:
        raise SystemExit(f"{name}: the line is there {text.count(sound)} times")
    module = types.ModuleType("acme_sync")
    exec(compile(text.replace(sound, wrong), f"acme_sync.py ({name})", "exec"), module.__dict__)
    return module


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in FAULTS:
        raise SystemExit("broken.py NAME, of:\n" + "\n".join(FAULTS))
    adapter.run(broken(sys.argv[1]))
