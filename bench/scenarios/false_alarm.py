import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="a pause of 2 s and log lines that only look like errors: nothing must be done",
    limit_s=20,
    success={"max_starts": 1, "availability": 0.8},
)


def policy(ctx):
    return dict(
        liveness=dict(file=ctx.path("agent.hb"), max_age_s=5), log=[dict(re="^FATAL:", do="restart")], mem_mb=200
    )


def agent(a):
    a.run(5)
    a.fault()
    a.log('INFO summary: 0 FATAL: errors, previous run logged "FATAL: wedged"')
    time.sleep(2)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
