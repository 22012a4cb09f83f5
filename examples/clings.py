"""Ignores SIGTERM and leaves a grandchild in a session of its own on its port.

What should happen: after 20 units it crashes with the grandchild still there.
The sidecar sweeps the whole tree, with KILL when the grace is over, and only then
runs it again: the port is free, never two copies.
"""

import os
import signal
import socket
import sys
import time

from work import run_number, work

signal.signal(signal.SIGTERM, signal.SIG_IGN)
run = run_number()
port = int(open("clings.port").read()) if os.path.exists("clings.port") else 0
listener = socket.socket()
listener.bind(("127.0.0.1", port))
listener.listen()
with open("clings.port", "w") as f:
    f.write(str(listener.getsockname()[1]))
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3600)
    os._exit(0)
os.wait()
while True:
    done = work()
    print(f"unit {done} done in run {run}", flush=True)
    if run == 1 and done == 20:
        sys.exit("RuntimeError: worker lost")
