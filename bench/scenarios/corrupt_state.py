import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="state file becomes corrupt; every start fails until it is rolled back to the snapshot",
    limit_s=35,
    success={"mttr_s": 20, "max_starts": 10},
    needs=["on_crash_count"],
)


def policy(ctx):
    return dict(on_crash_count=dict(n=2, within_s=30, run=ctx.remedy("rollback")))


def agent(a):
    try:
        n = int(a.get("state", "0"))
    except ValueError:
        a.log("FATAL: state file is corrupt")
        time.sleep(0.3)
        a.exit(65)
    while True:
        n += 1
        a.put("state", str(n))
        if n % 5 == 0:
            a.put("state.good", str(n))
        a.beat()
        a.work()
        time.sleep(0.2)
        if a.n == 1 and n == 23:
            a.put("state", "garbage{{")
            a.fault()
            a.exit(65)


def remedy(name, d, port):
    os.replace(d + "/state.good", d + "/state")


def check(ctx, res):
    try:
        n = int(open(ctx.path("state")).read())
    except ValueError:
        return ["state still corrupt"]
    return [] if n >= 20 else ["state was lost (counter %d)" % n]


if __name__ == "__main__":
    agentlib.main(globals())
