import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="takes 15 s to be ready and must not be killed meanwhile; later hangs and must be",
    limit_s=52,
    success={"mttr_s": 27, "max_starts": 2},
    needs=["liveness"],
)


def policy(ctx):
    return dict(liveness=dict(file=ctx.path("agent.hb"), max_age_s=3), grace_s=18)


def agent(a):
    time.sleep(15)
    if a.n == 1:
        a.run(20)
        a.fault()
        time.sleep(1e6)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
