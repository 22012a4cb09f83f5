"""Asks an API that answers 429 with Retry-After: 2, and gives up.

What should happen: the answer is diagnosed as dependency_failure; the sidecar
waits the two seconds that the evidence names (no budget is spent on that) and
runs the agent again, which then works.
"""

import pathlib
import sys
import time
import urllib.error
import urllib.request

from work import run_number, work

run = run_number()
port = pathlib.Path("api.port")
while not port.exists():
    time.sleep(0.02)
url = f"http://127.0.0.1:{port.read_text()}/v1/complete"
while True:
    try:
        urllib.request.urlopen(url).read()
    except urllib.error.HTTPError as e:
        print(f"RateLimitError: {e.code} {e.reason}; Retry-After: {e.headers['Retry-After']}", file=sys.stderr, flush=True)
        sys.exit(1)
    print(f"unit {work()} done in run {run}", flush=True)
