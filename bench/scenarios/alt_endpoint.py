import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its primary endpoint dies for good at 5 s; another works, chosen by an environment variable",
    limit_s=35,
    success={"mttr_s": 18, "max_starts": 9},
    events=[(5, "down")],
    needs=["on_crash_count"],
)


def policy(ctx):
    return dict(envfile=ctx.path("env"), on_crash_count=dict(n=3, within_s=30, run=ctx.remedy("switch")))


def setup(ctx):
    ctx.write("env", "ENDPOINT=primary")


def down(ctx, sup):
    ctx.write("primary_down", "1")


def agent(a):
    def each():
        if a.has("primary_down") and os.environ.get("ENDPOINT", "primary") == "primary":
            a.fault()
            a.log("FATAL: endpoint primary unreachable")
            time.sleep(0.2)
            a.exit(69)

    a.run(each=each)


def remedy(name, d, port):
    agentlib.put(d, "env", "ENDPOINT=secondary")


if __name__ == "__main__":
    agentlib.main(globals())
