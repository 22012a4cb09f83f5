import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="exits 0 with its work unfinished, must be restarted; exits 0 again when finished, must then be left alone",
    limit_s=24,
    success={"recovered": False, "min_starts": 2, "max_starts": 3},
    needs=["done_file"],
)


def policy(ctx):
    return dict(restart="always", done_file=ctx.path("done"))


def agent(a):
    n = int(a.get("progress", "0"))
    while n < 30:
        n += 1
        a.put("progress", str(n))
        a.work()
        time.sleep(0.2)
        if n == 15 and a.n == 1:
            a.fault()
            a.exit(0)
    a.put("done")
    a.exit(0)


def check(ctx, res):
    return [] if os.path.exists(ctx.path("done")) else ["work was not finished"]


if __name__ == "__main__":
    agentlib.main(globals())
