"""A local API that answers 429 with Retry-After: 2 until the time is over."""

import http.server
import sys
import time

free_at = None


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global free_at
        if free_at is None:
            free_at = time.monotonic() + 2
        left = free_at - time.monotonic()
        if left > 0:
            self.send_response(429)
            self.send_header("Retry-After", "2")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
with open("api.port.tmp", "w") as f:
    f.write(str(server.server_port))
import os

os.replace("api.port.tmp", "api.port")
server.serve_forever()
