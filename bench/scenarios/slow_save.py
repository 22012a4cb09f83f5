import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="over its memory limit; it needs two seconds after TERM to save, and nothing may be lost",
    limit_s=30,
    success={"mttr_s": 14, "max_starts": 4},
    needs=["mem_mb"],
)


def policy(ctx):
    return dict(mem_mb=90, stop_timeout_s=6)


def agent(a):
    import signal

    state = int(a.get("state", "0"))

    def save(*_):
        time.sleep(2)
        a.put("state", str(count[0]))
        a.stamp("saved")
        a.exit(0)

    signal.signal(signal.SIGTERM, save)
    count = [state]
    hold = []
    while True:
        count[0] += 1
        a.beat()
        if not hold:
            a.work()
        if a.n == 1 and a.up() > 4 and not hold:
            a.fault()
            hold.append(bytearray(os.urandom(1 << 20)) * 140)
        time.sleep(0.2)


def check(ctx, res):
    n = int(saved(ctx))
    return [] if n >= 18 else ["state was lost (%d)" % n]


def saved(ctx):
    try:
        return open(ctx.path("state")).read()
    except OSError:
        return "0"


if __name__ == "__main__":
    agentlib.main(globals())
