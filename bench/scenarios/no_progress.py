import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its heartbeat ticks on while its work does not advance",
    limit_s=25,
    success={"mttr_s": 10, "max_starts": 3},
    needs=["progress"],
)


def policy(ctx):
    return dict(progress=dict(file=ctx.path("agent.work"), max_age_s=3))


def agent(a):
    if a.n == 1:
        a.run(5)
        a.fault()
        a.idle(beat=True)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
