import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="an error appears only in a log file that was rotated by rename 4 s before",
    limit_s=30,
    success={"mttr_s": 10, "max_starts": 3},
    events=[(5, "rotate")],
    needs=["logfile"],
)


def policy(ctx):
    return dict(logfile=[dict(file=ctx.path("app.log"), re="^FATAL:", do="restart")])


def agent(a):
    f = [None]

    def logf(s):
        if f[0] is not None:
            os.close(f[0])
        f[0] = os.open(a.path("app.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(f[0], (s + "\n").encode())

    if a.n == 1:
        a.run(9, each=lambda: [logf("INFO tick %d of the day, all is well" % i) for i in range(5)] and None)
        a.fault()
        logf("FATAL: wedged")
        a.idle()
    a.run(each=lambda: logf("INFO tick") and None)


def setup(ctx):
    ctx.write("app.log", "INFO begin\n")


def rotate(ctx, sup):
    os.rename(ctx.path("app.log"), ctx.path("app.log.1"))


if __name__ == "__main__":
    agentlib.main(globals())
