import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="what prepares its start fails for four seconds after it has died",
    limit_s=26,
    success={"mttr_s": 12, "max_starts": 6},
)


def policy(ctx):
    return dict(prestart=ctx.remedy("prepare"))


def agent(a):
    if a.n == 1:
        a.run(4)
        a.put("away", str(time.time() + 4))
        a.fault()
        a.exit(1)
    a.run()


def remedy(name, d, port):
    try:
        until = float(open(d + "/away").read())
    except OSError:
        return
    if time.time() < until:
        print("ERROR: volume is not mounted")
        sys.exit(32)


if __name__ == "__main__":
    agentlib.main(globals())
