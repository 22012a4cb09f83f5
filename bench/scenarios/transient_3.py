import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="crashes at once on its first three starts, then is fine",
    limit_s=20,
    success={"mttr_s": 12, "max_starts": 5},
)


def policy(ctx):
    return dict(giveup=dict(n=8, within_s=30))


def agent(a):
    if a.n <= 3:
        a.fault()
        a.log("ERROR transient start failure")
        a.exit(1)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
