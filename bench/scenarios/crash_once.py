import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="exits 1 once after 4 s",
    limit_s=16,
    success={"mttr_s": 5, "max_starts": 2, "availability": 0.6},
)


def policy(ctx):
    return dict()


def agent(a):
    if a.n == 1:
        a.run(4)
        a.fault()
        a.exit(1)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
