import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="of three commands that exist, the last one mends it",
    limit_s=40,
    success={"mttr_s": 20, "max_starts": 12},
    needs=["on_exit"],
)


def policy(ctx):
    return dict(on_exit={71: ctx.remedy("one"), 72: ctx.remedy("two"), 70: ctx.remedy("three")})


def agent(a):
    if a.n == 1:
        a.run(4)
        a.put("broken")
        a.fault()
    if a.has("broken"):
        a.log("panic: sequence table out of step")
        a.exit(70)
    a.run()


def remedy(name, d, port):
    with open(d + "/ran", "a") as f:
        f.write(name + "\n")
    if name == "three" and os.path.exists(d + "/broken"):
        os.unlink(d + "/broken")


if __name__ == "__main__":
    agentlib.main(globals())
