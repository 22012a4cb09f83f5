import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its health endpoint answers 503, and it works no more",
    limit_s=28,
    success={"mttr_s": 10, "max_starts": 3},
    needs=["http"],
)


def policy(ctx):
    return dict(http=dict(port=ctx.port, path="/health", n=2))


def agent(a):
    s = a.bind()
    if s is None:
        a.exit(98)
    s.settimeout(0.1)
    bad = []

    def each():
        try:
            c, _ = s.accept()
            c.settimeout(0.3)
            c.recv(2000)
            c.sendall(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % (b"503 Service Unavailable" if bad else b"200 OK"))
            c.close()
        except OSError:
            pass
        if a.n == 1 and a.up() > 6 and not bad:
            bad.append(1)
            a.fault()
        return False if bad else None

    a.run(each=each, hz=20)


if __name__ == "__main__":
    agentlib.main(globals())
