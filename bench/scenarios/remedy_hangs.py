import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="exit 77 calls for a remedy command that hangs forever: it must not hold up the restart (a plain restart heals)",
    limit_s=28,
    success={"mttr_s": 14, "max_starts": 4},
    needs=["on_exit"],
)


def policy(ctx):
    return dict(on_exit={77: ctx.remedy("stuck")})


def agent(a):
    if a.n == 1:
        a.run(4)
        a.fault()
        a.exit(77)
    a.run()


def remedy(name, d, port):
    time.sleep(1000)


if __name__ == "__main__":
    agentlib.main(globals())
