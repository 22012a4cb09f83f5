import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="an agent that was started by someone else (pid file) dies at 6 s and must be launched again",
    limit_s=22,
    success={"mttr_s": 8, "max_starts": 3},
    needs=["attach"],
)


def policy(ctx):
    return dict(attach=ctx.path("agent.pid"))


def setup(ctx):
    from hb.core import PY

    p = ctx.cell.popen([PY, "-S", "-E", ctx.m.FILE, "agent", ctx.dir, "agent", str(ctx.port)])
    time.sleep(0.5)
    ctx.write("agent.pid", "%d\n" % ctx.starts()[-1][2])


def agent(a):
    import fcntl

    fd = os.open(a.path("lock"), os.O_CREAT | os.O_WRONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        a.log("FATAL: another instance is running")
        a.exit(73)
    if not a.has("died"):
        a.run(6)
        a.put("died")
        a.fault()
        a.exit(1)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
