import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="somebody stops it by SIGSTOP: it neither works nor ends",
    limit_s=25,
    success={"mttr_s": 10, "max_starts": 3},
    events=[(6, "stop")],
    needs=["liveness"],
)


def policy(ctx):
    return dict(liveness=dict(file=ctx.path("agent.hb"), max_age_s=3))


def stop(ctx, sup):
    pid = ctx.starts()[-1][2]
    with open(ctx.path("agent.stamps"), "a") as h:
        h.write("fault %d %d\n" % (time.monotonic_ns(), pid))
    os.kill(pid, 19)


def agent(a):
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
