import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its health endpoint accepts but stops answering, and so does its work",
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
    bad = [False]
    held = []

    def serve():
        try:
            c, _ = s.accept()
            c.settimeout(0.3)
            c.recv(2000)
            if bad[0]:
                held.append(c)  # accepted, and never answered
                return
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            c.close()
        except OSError:
            pass

    def each():
        serve()
        if a.n == 1 and a.up() > 6 and not bad[0]:
            bad[0] = True
            a.fault()
        return False if bad[0] else None

    a.run(each=each, hz=20)


if __name__ == "__main__":
    agentlib.main(globals())
