import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="a bad configuration is pushed at 6 s; it exits 78 until the good one is back",
    limit_s=30,
    success={"mttr_s": 12, "max_starts": 8},
    events=[(6, "push")],
    needs=["on_exit"],
)


def policy(ctx):
    return dict(on_exit={78: ctx.remedy("restore")})


def setup(ctx):
    ctx.write("config", "workers=4\n")
    ctx.write("config.good", "workers=4\n")


def push(ctx, sup):
    ctx.write("config", "wrokers=4\n")


def agent(a):
    def each():
        if not a.get("config").startswith("workers="):
            a.fault()
            a.log("FATAL: config: unknown key")
            a.exit(78)

    a.run(each=each)


def remedy(name, d, port):
    with open(d + "/config.good") as good:
        agentlib.put(d, "config", good.read())


def check(ctx, res):
    return [] if open(ctx.path("config")).read() == "workers=4\n" else ["the bad configuration is still there"]


if __name__ == "__main__":
    agentlib.main(globals())
