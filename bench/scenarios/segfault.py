import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="dies of a real segmentation fault",
    limit_s=16,
    success={"mttr_s": 5, "max_starts": 2, "availability": 0.6},
)


def policy(ctx):
    return dict()


def agent(a):
    if a.n == 1:
        a.run(4)
        a.fault()
        import ctypes

        ctypes.string_at(0)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
