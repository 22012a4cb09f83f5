import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="a stale lock and, once that is gone, a spoilt cache: two commands, each for one of them",
    limit_s=40,
    success={"mttr_s": 20, "max_starts": 12},
    needs=["on_exit"],
)


def policy(ctx):
    return dict(on_exit={73: ctx.remedy("unlock"), 65: ctx.remedy("clear")})


def agent(a):
    if a.n == 1:
        a.run(4)
        a.put("lock")
        a.put("cache")
        a.fault()
        a.log("FATAL: lost the database connection")
        a.exit(1)
    if a.has("lock"):
        a.log("ERROR: another instance is running: lock held")
        a.exit(73)
    if a.has("cache"):
        a.log("ERROR: cache: checksum mismatch in block 7")
        a.exit(65)
    a.run()


def remedy(name, d, port):
    f = d + ("/lock" if name == "unlock" else "/cache")
    if os.path.exists(f):
        os.unlink(f)


if __name__ == "__main__":
    agentlib.main(globals())
