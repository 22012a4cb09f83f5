#!/usr/bin/env python3
"""Lets agents fail in front of supervisors and judges from outside (README.md).
Every (scenario, peer) pair runs in a process of its own; scenarios marked exclusive run alone, last.
The exit code is that of a failure when a healer fails one, or when a scenario is no good."""
import argparse
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hb import adapters, core, heal


def one(scratch, peer, scenario, port, out):
    core.subreaper()
    r = heal.run_one(adapters.chosen([peer])[0], scenario, scratch, int(port))
    with open(out, "w") as f:
        json.dump(r, f)
    sys.stdout.flush()
    os._exit(0)


def arguments():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("scratch", help="a folder with room, short enough for the path of a socket")
    ap.add_argument("--peers", help="names by comma; all that are installed by default")
    ap.add_argument("--scenarios", help="names by comma; all by default")
    ap.add_argument("--lanes", type=int, default=8, help="how many run at once")
    ap.add_argument("--reps", type=int, default=1)
    ap.add_argument("--results", default=os.path.join(core.HERE, "results"))
    ap.add_argument("--out", default="heal")
    return ap.parse_args()


class Lanes:
    """Runs pairs of scenario and peer, some at a time, and keeps what came of them."""

    def __init__(self, args, total):
        self.args, self.total, self.begun = args, total, time.time()
        self.live, self.results, self.launched = [], [], 0

    def launch(self, job):
        self.launched += 1
        out = os.path.join(self.args.scratch, "out-%d-%d.json" % (os.getpid(), self.launched))
        port = 24000 + (self.launched % 300) * 20
        argv = [sys.executable, os.path.abspath(__file__), "--one", self.args.scratch, job[1], job[0], str(port), out]
        self.live.append((subprocess.Popen(argv), job, out))

    def drain(self, below):
        """Waits until fewer than so many are running."""
        while len(self.live) >= below:
            for entry in [x for x in self.live if x[0].poll() is not None]:
                self.live.remove(entry)
                self.keep(entry)
            time.sleep(0.1)

    def keep(self, entry):
        _, (scenario, peer), out = entry
        try:
            with open(out) as f:
                r = json.load(f)
            os.unlink(out)
        except Exception:
            r = dict(scenario=scenario, peer=peer, ok=False, verdict="error", error="the harness failed")
        self.results.append(r)
        why = "; ".join(r.get("fails") or [r.get("error", "")])[:110]
        row = (len(self.results), self.total, time.time() - self.begun, scenario, peer, r["verdict"], why)
        print("%4d/%d %5.0fs %-22s %-16s %-6s %s" % row, flush=True)
        core.save(dict(time=time.strftime("%FT%T"), results=self.results), self.args.out, self.args.results)


def main():
    args = arguments()
    os.makedirs(args.scratch, exist_ok=True)
    peers = [p.name for p in adapters.chosen(args.peers.split(",") if args.peers else None)]
    scenarios = args.scenarios.split(",") if args.scenarios else heal.names()
    alone = {s for s in scenarios if heal.load(s).SCENARIO.get("exclusive")}
    jobs = [(s, p) for _ in range(args.reps) for s in scenarios for p in peers]
    lanes = Lanes(args, len(jobs))
    for job in sorted(jobs, key=lambda j: j[0] in alone):
        lanes.drain(1 if job[0] in alone else args.lanes)
        lanes.launch(job)
    lanes.drain(1)
    bad = [r for r in lanes.results if not r["ok"] and (r["verdict"] == "error" or r["peer"].startswith("healer"))]
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) == 7 and sys.argv[1] == "--one":
        one(*sys.argv[2:])
    sys.exit(main())
