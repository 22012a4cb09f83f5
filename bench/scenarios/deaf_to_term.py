import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="hangs and ignores SIGTERM: it must be killed after the time to stop",
    limit_s=26,
    success={"mttr_s": 12, "max_starts": 3},
    needs=["liveness"],
)


def policy(ctx):
    return dict(liveness=dict(file=ctx.path("agent.hb"), max_age_s=3), stop_timeout_s=2)


def agent(a):
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if a.n == 1:
        a.run(4)
        a.fault()
        while True:
            time.sleep(1000)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
