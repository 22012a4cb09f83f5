"""An agent that tells its sidecar how it is getting on: heartbeats with a count of what it
achieved, a lease before a long step, and its own failure, named by itself."""
import json, os, socket, sys, time


class Sidecar:
    """Talks to the sidecar that launched us. Without one it does nothing."""

    def __init__(self):
        path = os.environ.get("HEALER_SOCKET")
        self.stream = None
        if path:
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(path)
            self.stream = sock.makefile("rw")

    def tell(self, **report):
        """Sends one report and raises ValueError when it was not understood."""
        if not self.stream:
            return
        self.stream.write(json.dumps({"v": 1, **report}) + "\n")
        self.stream.flush()
        answer = json.loads(self.stream.readline())
        if not answer["ok"]:
            raise ValueError(answer["error"])


sidecar = Sidecar()
sidecar.tell(ready=True)
for done in range(5):
    time.sleep(0.1)  # the useful work
    sidecar.tell(progress=done + 1)
sidecar.tell(lease=60)  # a long step follows: no heartbeat for a minute
try:
    sidecar.tell(type="no such type")
except ValueError as wrong:
    print("refused:", wrong, flush=True)
sidecar.tell(type="dependency_failure", message="the model provider says: quota used up", retry_count=2)
time.sleep(1000)
