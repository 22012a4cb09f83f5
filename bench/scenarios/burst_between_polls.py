import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="prints the fatal line and the log is truncated 0.2 s later (rotation): the line must still be seen",
    limit_s=24,
    success={"mttr_s": 6, "max_starts": 3},
    needs=["logfile"],
)


def policy(ctx):
    return dict(
        log=[dict(re="^FATAL:", do="restart")], logfile=[dict(file=ctx.path("app.log"), re="^FATAL:", do="restart")]
    )


def setup(ctx):
    ctx.write("app.log", "INFO begin\n")


def agent(a):
    fd = os.open(a.path("app.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    if a.n == 1:
        a.run(5, each=lambda: os.write(fd, b"INFO tick of the clock\n") and None)
        a.fault()
        os.write(fd, b"FATAL: wedged\n")
        time.sleep(0.2)
        os.ftruncate(fd, 0)
        os.write(fd, b"INFO rotated\n")
        a.idle()
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
