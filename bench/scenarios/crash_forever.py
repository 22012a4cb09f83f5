import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="exits 1 at once forever: must be stopped and escalated, without burning CPU",
    limit_s=40,
    success={"recovered": False, "notified": True, "max_starts": 14},
    needs=["giveup", "notify"],
)


def policy(ctx):
    return dict(giveup=dict(n=6, within_s=40), notify=True)


def agent(a):
    a.fault()
    a.log("FATAL: cannot start")
    a.exit(1)


def check(ctx, res):
    import time

    last = max([s[1] for s in ctx.starts()] or [0])
    out = [] if (time.monotonic_ns() - last) / 1e9 > 8 else ["still restarting at the end"]
    return out + (["%.1f s of CPU" % res["sup_cpu_s"]] if res["sup_cpu_s"] > 2 else [])


if __name__ == "__main__":
    agentlib.main(globals())
