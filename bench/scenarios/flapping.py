import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="crashes every three seconds for as long as anybody looks: it must be kept as useful as that allows",
    limit_s=30,
    success={"availability": 0.7, "max_starts": 12},
)


def policy(ctx):
    return dict()


def agent(a):
    a.run(3)
    a.fault()
    a.log("FATAL: assertion failed")
    a.exit(1)


if __name__ == "__main__":
    agentlib.main(globals())
