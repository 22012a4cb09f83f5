import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="the supervisor is killed and started again; later the agent crashes: one copy, and it is restarted",
    limit_s=28,
    success={"mttr_s": 8, "max_starts": 4},
    events=[(5, "supervisor_kill")],
    uses_bystander=False,
)


def policy(ctx):
    return dict()


def agent(a):
    import fcntl

    lock = os.open(a.path("lock"), os.O_CREAT | os.O_WRONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        a.stamp("copy")
        a.exit(73)
    if not a.has("died"):
        a.run(10)
        a.put("died")
        a.fault()
        a.exit(1)
    a.run()


def check(ctx, res):
    from hb.core import stamps

    copies = [s for s in stamps(ctx.path("agent.stamps")) if s[0] == "copy"]
    return ["%d times a second copy was started" % len(copies)] if copies else []


if __name__ == "__main__":
    agentlib.main(globals())
