import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its provider bans it for 6 s, and for 2 s more whenever it comes back too early",
    limit_s=40,
    success={"mttr_s": 20, "max_starts": 7},
)


def policy(ctx):
    return dict(backoff_s=3)


def agent(a):
    until = float(a.get("until", "0"))
    now = time.monotonic()
    if now < until:
        until += 2
        a.put("until", str(until))
        a.log("ERROR 429 Too Many Requests: retry after %d s" % (until - now + 1))
        a.exit(75)
    if not a.has("banned"):
        a.run(5)
        a.put("banned")
        a.put("until", str(time.monotonic() + 6))
        a.fault()
        a.log("ERROR 429 Too Many Requests: retry after 6 s")
        a.exit(75)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
