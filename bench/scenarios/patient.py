import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its provider asks it to slow down, it waits by itself and goes on: nothing must be done",
    limit_s=24,
    success={"max_starts": 1, "availability": 0.5},
    fault_needed=False,
)


def policy(ctx):
    return dict()


def agent(a):
    a.run(5)
    while True:
        a.log("WARN openai: 429 Too Many Requests, retrying in 2.0 seconds (attempt 1 of 5)")
        for _ in range(10):
            a.beat()
            time.sleep(0.2)
        a.log("INFO openai: ok")
        a.run(a.up() + 3)


if __name__ == "__main__":
    agentlib.main(globals())
