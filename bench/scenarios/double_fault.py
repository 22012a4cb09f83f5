import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="hangs, is restarted, and three seconds later dies of something that wants a command",
    limit_s=32,
    success={"max_starts": 8, "availability": 0.5},
    needs=["on_exit"],
)


def policy(ctx):
    return dict(liveness=dict(file=ctx.path("agent.hb"), max_age_s=3), on_exit={77: ctx.remedy("mend")})


def agent(a):
    if a.n == 1:
        a.run(4)
        a.fault()
        time.sleep(1000)
    if not a.has("mended"):
        if a.n == 2:
            a.run(3)
        a.fault()
        a.log("fatal: index is out of date, reindex needed")
        a.exit(77)
    a.run()


def remedy(name, d, port):
    open(d + "/mended", "w").close()


if __name__ == "__main__":
    agentlib.main(globals())
