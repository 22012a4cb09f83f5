import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its port is taken for the first 8 s; it exits 98 at once",
    limit_s=25,
    success={"mttr_s": 14, "max_starts": 14},
)


def policy(ctx):
    return dict(giveup=dict(n=20, within_s=60))


def setup(ctx):
    ctx.helper("squat", ctx.port, 8)
    time.sleep(0.3)


def agent(a):
    if a.bind() is None:
        a.fault()
        a.exit(98)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
