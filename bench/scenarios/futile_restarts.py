import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="dies at four workers as its host allows fewer now; two, set in its environment, do",
    limit_s=38,
    success={"mttr_s": 18, "max_starts": 9},
    needs=["on_crash_count"],
)


def policy(ctx):
    return dict(envfile=ctx.path("env"), on_crash_count=dict(n=2, within_s=30, run=ctx.remedy("fewer")))


def setup(ctx):
    ctx.write("env", "WORKERS=4")


def agent(a):
    def each():
        if a.up() > 2 and (a.n > 1 or a.up() > 4) and os.environ.get("WORKERS", "4") == "4":
            a.fault()
            a.log("OSError: [Errno 11] Resource temporarily unavailable: cannot fork worker 4")
            a.exit(1)

    a.run(each=each)


def remedy(name, d, port):
    agentlib.put(d, "env", "WORKERS=2")


if __name__ == "__main__":
    agentlib.main(globals())
