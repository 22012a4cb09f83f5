import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="its token expires; a new one is put into its environment file five seconds later",
    limit_s=30,
    success={"mttr_s": 14, "max_starts": 10},
    events=[(9, "renew")],
)


def policy(ctx):
    return dict(envfile=ctx.path("env"))


def setup(ctx):
    ctx.write("env", "TOKEN=old")


def renew(ctx, sup):
    ctx.write("env", "TOKEN=new")


def agent(a):
    if os.environ.get("TOKEN", "old") == "old":
        if a.n == 1:
            a.run(4)
        a.fault()
        a.log(
            "anthropic.AuthenticationError: Error code: 401 - {'type': 'error', 'error': {'type': 'authentication_error', 'message': 'invalid x-api-key'}}"
        )
        a.exit(1)
    a.run()


if __name__ == "__main__":
    agentlib.main(globals())
