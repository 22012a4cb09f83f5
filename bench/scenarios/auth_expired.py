import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its token expires at 5 s; it exits 77 until a new one was fetched",
    limit_s=26,
    success={"mttr_s": 10, "max_starts": 6},
    needs=["on_exit"],
)


def policy(ctx):
    return dict(on_exit={77: ctx.remedy("fetch")})


def setup(ctx):
    ctx.write("token", "%f" % (time.monotonic() + 6))


def agent(a):
    def each():
        if time.monotonic() > float(a.get("token", "0")):
            a.fault()
            a.log("FATAL: 401 Unauthorized: the access token has expired")
            a.exit(77)

    a.run(each=each)


def remedy(name, d, port):
    agentlib.put(d, "token", "%f" % (time.monotonic() + 1000))


if __name__ == "__main__":
    agentlib.main(globals())
