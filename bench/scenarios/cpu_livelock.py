import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="spins at full CPU without work or heartbeat",
    limit_s=25,
    success={"mttr_s": 10, "max_starts": 3},
    exclusive=True,
    needs=["liveness"],
)


def policy(ctx):
    return dict(liveness=dict(file=ctx.path("agent.hb"), max_age_s=3))


def agent(a):
    if a.n == 1:
        a.run(4)
        a.fault()
        while True:
            pass
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
