#!/usr/bin/env python3
"""Takes one basic measure of every supervisor that is installed (README.md), peers interleaved round by round."""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hb import adapters, core, measures

# the least pause before a restart that a peer lets one ask for
LEAST_PAUSE = {"pebble": dict(delay="1ms", limit="1s"), "healer": dict(pause_s=0)}


def arguments():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("scratch", help="a folder with room, short enough for the path of a socket")
    ap.add_argument("command", choices=sorted(COMMANDS))
    ap.add_argument("--peers", help="names by comma; all that are installed by default")
    ap.add_argument("--results", default=os.path.join(core.HERE, "results"))
    ap.add_argument("--reps", type=int, default=50, help="restarts of each kind")
    ap.add_argument("--n", default="1,100,500", help="numbers of agents, by comma")
    ap.add_argument("--idle", type=float, default=20, help="seconds of idling that are measured")
    ap.add_argument("--rounds", type=int, default=1)
    ap.add_argument("--size", type=int, default=256, help="MiB of log lines")
    ap.add_argument("--kinds", default="log-stdout,log-file,memory,heartbeat-file,http-probe")
    return ap.parse_args()


def versions(args, peers):
    for p in peers:
        yield p.name, dict(version=p.version())


def latency(args, peers):
    for p in peers:
        yield p.name, measures.restart_latency(p, args.scratch, reps=args.reps, opts=LEAST_PAUSE.get(p.name))


def crash(args, peers):
    for p in peers:
        yield p.name, measures.crash_pattern(p, args.scratch)


def scale(args, peers):
    for n in [int(x) for x in args.n.split(",")]:
        for p in peers:
            try:
                yield p.name, measures.scale(p, args.scratch, n, idle=args.idle)
            except Exception as e:  # one that cannot hold so many is a result
                yield p.name, dict(n=n, error=repr(e))


def logpath(args, peers):
    for p in peers:
        yield p.name, measures.logpath(p, args.scratch, size=args.size << 20, opts=dict(quiet=True))


def logref(args, peers):
    yield from measures.logref(args.scratch, size=args.size << 20).items()


def detect(args, peers):
    for kind in args.kinds.split(","):
        for p in peers:
            yield p.name, dict(measures.detect(p, args.scratch, kind), kind=kind)


COMMANDS = {f.__name__: f for f in (versions, latency, crash, scale, logpath, logref, detect)}


def short(v):
    """The figures of a result that a person wants to see going by."""
    return {
        k: round(x, 2) if isinstance(x, float) else x for k, x in v.items() if k not in ("raw_ms", "gaps_ms", "names")
    }


def main():
    args = arguments()
    os.makedirs(args.scratch, exist_ok=True)
    core.subreaper()
    core.hbagent(args.scratch)
    peers = adapters.chosen(args.peers.split(",") if args.peers else None)
    kept = dict(command=args.command, time=time.strftime("%Y-%m-%dT%H:%M:%S"), data={})
    for _ in range(args.rounds):
        for name, value in COMMANDS[args.command](args, peers):
            kept["data"].setdefault(name, []).append(value)
            print(time.strftime("%H:%M:%S"), args.command, name, short(value), flush=True)
            kept["load"] = os.getloadavg()[0]
            core.save(kept, args.command, args.results)


if __name__ == "__main__":
    main()
