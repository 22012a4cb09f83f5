import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="killed while it holds a lock file; the next instance refuses to start",
    limit_s=25,
    success={"mttr_s": 8, "max_starts": 5},
    needs=["prestart"],
)


def policy(ctx):
    return dict(prestart=ctx.remedy("clear_lock"))


def agent(a):
    try:
        fd = os.open(a.path("lock"), os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        os.write(fd, b"%d" % os.getpid())
    except OSError:
        a.log("FATAL: lock held")
        a.exit(73)
    if a.n == 1:
        a.run(4)
        a.fault()
        os.kill(os.getpid(), 9)
    a.run()


def remedy(name, d, port):
    try:
        os.kill(int(open(d + "/lock").read()), 0)
    except ProcessLookupError:
        os.unlink(d + "/lock")
    except (OSError, ValueError):
        pass


if __name__ == "__main__":
    agentlib.main(globals())
