import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="finishes its work and exits 0: it must be left alone",
    limit_s=18,
    success={"recovered": False, "max_starts": 1},
    fault_needed=False,
)


def policy(ctx):
    return dict(restart="on-failure")


def agent(a):
    a.run(6)
    a.exit(0)


if __name__ == "__main__":
    agentlib.main(globals())
