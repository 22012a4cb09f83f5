import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="a child of it, in a session of its own, outlives it and holds the port",
    limit_s=26,
    success={"mttr_s": 10, "max_starts": 6},
    needs=["kill_group"],
)


def policy(ctx):
    return dict(kill_group=True)


def agent(a):
    s = a.bind()
    if s is None:
        a.exit(98)
    if a.n == 1:
        s.set_inheritable(True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(1000)
            os._exit(0)
        a.run(4)
        a.fault()
        a.exit(1)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
