import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its server is away from 5 s to 13 s; it exits 69 whenever it misses it, and must not be worn out meanwhile",
    limit_s=32,
    success={"mttr_s": 14, "max_starts": 12},
    events=[(5, "away"), (13, "back")],
    needs=["dep_tcp"],
)


def policy(ctx):
    return dict(dep_tcp=ctx.port + 1, backoff_s=1)


def setup(ctx):
    ctx.server = ctx.helper("tcpdep", ctx.port + 1)
    time.sleep(0.5)


def away(ctx, sup):
    os.kill(ctx.server.pid, 9)


def back(ctx, sup):
    ctx.helper("tcpdep", ctx.port + 1)


def agent(a):
    import socket

    def each():
        try:
            socket.create_connection(("127.0.0.1", a.port + 1), 1).close()
        except OSError as e:
            a.fault()
            a.log("FATAL: cannot reach the server: %s" % e)
            a.exit(69)

    a.run(each=each)


if __name__ == "__main__":
    agentlib.main(globals())
