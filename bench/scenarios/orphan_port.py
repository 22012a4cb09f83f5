import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its forked child outlives it in the same process group and holds the port",
    limit_s=25,
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
            a.put("child.pid", str(os.getpid()))
            time.sleep(1000)
        a.run(4)
        a.fault()
        a.exit(1)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
