import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="leaks fifty descriptors a second; with three hundred it stops working and does not exit",
    limit_s=30,
    success={"availability": 0.6, "max_starts": 8},
    needs=["fds"],
)


def policy(ctx):
    return dict(fds=120)


def agent(a):
    a.run(3)
    a.fault()
    held = []

    def each():
        if len(held) < 300:
            held.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(10))
            return None
        return False

    a.run(each=each, hz=5)


if __name__ == "__main__":
    agentlib.main(globals())
