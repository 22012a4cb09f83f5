import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="somebody ends it by SIGTERM, and it goes with exit code 0: it must be there again",
    limit_s=20,
    success={"mttr_s": 6, "max_starts": 3},
    events=[(5, "end")],
)


def policy(ctx):
    return dict(restart="always")


def end(ctx, sup):
    os.kill(ctx.starts()[-1][2], 15)


def agent(a):
    import signal

    def leave(*_):
        a.fault()
        a.exit(0)

    signal.signal(signal.SIGTERM, leave)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
