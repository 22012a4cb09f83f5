import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="one input item kills it each time; it must be moved aside and all others processed",
    limit_s=35,
    success={"max_starts": 8},
    needs=["on_exit"],
)


def policy(ctx):
    return dict(on_exit={70: ctx.remedy("quarantine")})


def setup(ctx):
    for d in ("inbox", "finished", "quarantine"):
        os.makedirs(ctx.path(d))
    for i in range(15):
        ctx.write("inbox/item-%02d" % i, "poison" if i == 6 else "fine")


def agent(a):
    def each():
        items = sorted(os.listdir(a.path("inbox")))
        if not items:
            return None
        a.put("current", items[0])
        if a.get("inbox/" + items[0]) == "poison":
            a.fault()
            a.log("FATAL: processing " + items[0])
            a.exit(70)
        os.rename(a.path("inbox", items[0]), a.path("finished", items[0]))

    a.run(each=each)


def remedy(name, d, port):
    c = open(d + "/current").read()
    try:
        os.rename(d + "/inbox/" + c, d + "/quarantine/" + c)
    except OSError:
        pass


def check(ctx, res):
    q, f = os.listdir(ctx.path("quarantine")), os.listdir(ctx.path("finished"))
    return ([] if q == ["item-06"] else ["quarantine holds %s" % q]) + (
        [] if len(f) == 14 else ["%d of 14 processed" % len(f)]
    )


if __name__ == "__main__":
    agentlib.main(globals())
