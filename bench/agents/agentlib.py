"""Helper for scenario agents. Everything is stamped with CLOCK_MONOTONIC nanoseconds into the run directory:
NAME.stamps (start, fault, ...), NAME.work (one line per useful unit of work), NAME.hb (heartbeat: its mtime)."""
import os, sys, time

T0 = time.monotonic_ns()


class A:
    def __init__(self, d, name, port):
        self.d, self.name, self.port = d, name, int(port)
        self.t0 = time.monotonic()
        self._s = os.open(self.path(name + ".stamps"), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._w = os.open(self.path(name + ".work"), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self.stamp("start", T0)
        self.n = sum(1 for l in open(self.path(name + ".stamps")) if l.startswith("start"))  # which incarnation

    def path(self, *a):
        return os.path.join(self.d, *a)

    def stamp(self, ev, ns=None):
        os.write(self._s, b"%s %d %d\n" % (ev.encode(), ns or time.monotonic_ns(), os.getpid()))

    def fault(self):
        self.stamp("fault")

    def up(self):
        return time.monotonic() - self.t0

    def work(self):
        os.write(self._w, b"%d\n" % time.monotonic_ns())

    def beat(self):
        with open(self.path(self.name + ".hb"), "w") as f:
            f.write("1\n")

    def log(self, s):
        os.write(1, (s + "\n").encode())

    def has(self, f):
        return os.path.exists(self.path(f))

    def put(self, f, t="1"):
        put(self.d, f, t)

    def get(self, f, d=""):
        try:
            with open(self.path(f)) as h:
                return h.read()
        except OSError:
            return d

    def run(self, seconds=1e9, each=None, hz=5.0):
        """useful work with heartbeats until `seconds` after the start; each() may return False to skip the unit"""
        while self.up() < seconds:
            self.beat()
            if each is None or each() is not False:
                self.work()
            time.sleep(1 / hz)

    def idle(self, beat=True, each=None, hz=5.0):
        """alive but useless"""
        while True:
            if beat:
                self.beat()
            if each:
                each()
            time.sleep(1 / hz)

    def exit(self, code):
        os._exit(code)

    def bind(self):
        import socket

        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", self.port))
            s.listen(64)
            return s
        except OSError as e:
            self.log("FATAL: cannot bind port %d: %s" % (self.port, e))
            return None


def put(d, f, t):
    """replaces a file as a whole"""
    path = os.path.join(d, f)
    with open(path + ".tmp", "w") as h:
        h.write(t)
    os.rename(path + ".tmp", path)


def main(g):
    if sys.argv[1] == "remedy":
        g["remedy"](sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        g["agent"](A(sys.argv[2], sys.argv[3], sys.argv[4]))


if __name__ == "__main__":  # the bystander
    A(sys.argv[2], sys.argv[3], sys.argv[4]).run()
