import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its scratch folder is full; it exits 74 until what is old was cleared away, and nothing else",
    limit_s=28,
    success={"mttr_s": 12, "max_starts": 8},
    needs=["on_exit"],
)


def policy(ctx):
    return dict(on_exit={74: ctx.remedy("clear")})


def setup(ctx):
    os.makedirs(ctx.path("scratch"))
    os.makedirs(ctx.path("results"))
    ctx.write("results/kept", "1")


def agent(a):
    def each():
        names = os.listdir(a.path("scratch"))
        if len(names) >= 25:
            a.fault()
            a.log("FATAL: cannot write: No space left on device")
            a.exit(74)
        a.put("scratch/%d" % time.monotonic_ns(), "x")

    a.run(each=each)


def remedy(name, d, port):
    for n in os.listdir(d + "/scratch"):
        os.unlink(d + "/scratch/" + n)


def check(ctx, res):
    return [] if os.path.exists(ctx.path("results/kept")) else ["a result was lost"]


if __name__ == "__main__":
    agentlib.main(globals())
