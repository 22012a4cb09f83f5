import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agents"))
import agentlib

SCENARIO = dict(
    title="it needs a store that runs beside it; the store dies and is away for a while",
    limit_s=30,
    success={"max_starts": 8, "availability": 0.5},
)


def agents(ctx):
    return [
        dict(name="store", policy=dict(backoff_s=1)),
        dict(name="agent", policy=dict(depends_on=["store"], backoff_s=1)),
    ]


def store(a):
    if time.time() < float(a.get("away_until", "0")):
        a.log("FATAL: could not open the data folder: it is being moved")
        a.exit(3)
    s = a.bind()
    s.settimeout(0.2)
    while a.n > 1 or a.up() < 6:
        a.beat()
        try:
            s.accept()[0].close()
        except OSError:
            pass
    a.put("away_until", str(time.time() + 4))
    a.exit(1)


def agent(a):
    import socket

    if a.name == "store":
        store(a)

    def each():
        try:
            socket.create_connection(("127.0.0.1", a.port), 1).close()
        except OSError as e:
            a.fault()
            a.log("ERROR cannot reach the store: %s" % e)
            a.exit(69)

    time.sleep(1)
    a.run(each=each)


if __name__ == "__main__":
    agentlib.main(globals())
