"""An adapter by HTTP: each POST is a line for the example adapter, each of whose replies is an answer.

Usage: http_adapter.py ADAPTER. Prints its address once it listens. One process of the adapter for each conversation.
"""

import http.server
import subprocess
import sys

conversations = {}


class Adapter(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        line = self.rfile.read(int(self.headers["Content-Length"]))
        session = self.headers["X-Orgtwin-Session"]
        if session not in conversations:
            conversations[session] = subprocess.Popen(
                [sys.executable, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        adapter = conversations[session]
        adapter.stdin.write(line + b"\n")
        adapter.stdin.flush()
        reply = adapter.stdout.readline()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Adapter)
print(f"http://127.0.0.1:{server.server_address[1]}/adapter", flush=True)
server.serve_forever()
