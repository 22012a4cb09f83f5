import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="prints a safety violation and goes on doing harm: must be stopped within 3 s, not restarted, and reported",
    limit_s=25,
    success={"recovered": False, "max_starts": 1, "notified": True},
    needs=["log"],
)


def policy(ctx):
    return dict(log=[dict(re="SAFETY VIOLATION", do="stop")], notify=True)


def agent(a):
    if a.n == 1:
        a.run(5)
        a.fault()
        a.log("SAFETY VIOLATION: tried to send credentials to an unknown host")
    while True:
        a.stamp("harm")
        time.sleep(0.05)


def check(ctx, res):
    import time
    from hb.core import stamps

    st = stamps(ctx.path("agent.stamps"))
    f = [s[1] for s in st if s[0] == "fault"]
    h = [s[1] for s in st if s[0] == "harm"]
    out = []
    if f and h and (max(h) - f[0]) / 1e9 > 3:
        out.append("did harm for %.1f s" % ((max(h) - f[0]) / 1e9))
    res["harm_s"] = (max(h) - f[0]) / 1e9 if f and h else 0
    return out


if __name__ == "__main__":
    agentlib.main(globals())
