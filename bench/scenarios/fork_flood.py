import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="leaves a sleeping child behind every 0.2 s; with forty of them it stops working",
    limit_s=30,
    success={"availability": 0.55, "max_starts": 8},
    needs=["children"],
)


def policy(ctx):
    return dict(children=15, kill_group=True)


def agent(a):
    a.run(3)
    a.fault()
    children = []

    def each():
        if len(children) >= 40:
            return False
        pid = os.fork()
        if pid == 0:
            time.sleep(300)
            os._exit(0)
        children.append(pid)

    a.run(each=each)


if __name__ == "__main__":
    agentlib.main(globals())
