import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="one telling line amid forty megabytes of others, written as fast as it can",
    limit_s=26,
    success={"mttr_s": 8, "max_starts": 3},
    exclusive=True,
    needs=["log"],
)


def policy(ctx):
    return dict(log=[dict(re="^FATAL:", do="restart")])


def flood(megabytes):
    block = b"INFO step finished tool=search latency_ms=12 tokens=345\n" * 1000
    for _ in range(megabytes * 1000000 // len(block)):
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(1, rest) :]


def agent(a):
    if a.n == 1:
        a.run(5)
        a.fault()
        flood(20)
        a.log("FATAL: wedged")
        flood(20)
        a.idle()
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
