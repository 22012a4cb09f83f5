import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="leaks 25 MB/s in every incarnation; stops working at 400 MB without exiting",
    limit_s=32,
    success={"availability": 0.55, "max_starts": 9},
    watch="rss",
    needs=["mem_mb"],
)


def policy(ctx):
    return dict(mem_mb=150)


def agent(a):
    a.run(3)
    a.fault()
    junk = []

    def each():
        if len(junk) < 400:
            junk.append(bytearray(5 << 20) if len(junk) * 5 < 400 else b"")
            if len(junk) * 5 < 400:
                junk[-1][::4096] = b"x" * len(junk[-1][::4096])
        return len(junk) * 5 < 390

    a.run(each=each)


def check(ctx, res):
    return [] if res["rss_max_mb"] < 300 else ["grew to %d MB" % res["rss_max_mb"]]


if __name__ == "__main__":
    agentlib.main(globals())
