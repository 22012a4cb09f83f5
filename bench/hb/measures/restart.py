"""How long an agent is away when it ends."""
import os
import signal
import time

from ..core import med, mono, stamps, wait_for
from .run import Run, when

KINDS = (("kill", signal.SIGKILL), ("exit1", signal.SIGUSR1), ("segv", signal.SIGUSR2))
STABLE = 2.6  # s; longer than what peers call a start
APART = 0.035  # s between two agents that are ended


def restart_latency(adapter, scratch, reps=50, agents=10, opts=None):
    """From the end of a stable agent to the first statement of the next one."""
    with Run(adapter, scratch, "lat", **(opts or {})) as r:
        specs = r.specs(agents, lambda i: ["waitfault"], each_file=True)
        r.start(specs)
        files = [s.argv[1] for s in specs]
        if not wait_for(lambda: all(stamps(x) for x in files), 60, 0.05):
            return {"error": "agents did not start"}
        return {kind: one_kind(files, sig, reps) for kind, sig in KINDS}


def one_kind(files, sig, reps):
    taken, lost = [], 0
    while len(taken) + lost < reps:
        time.sleep(STABLE)
        ended = end_all(files, sig)
        if not ended:
            break
        for path, at in ended:
            took = until_next(path, at)
            taken += [took] if took else []
            lost += 0 if took else 1
    return dict(n=len(taken), lost=lost, p50=med(taken), raw_ms=[round(x, 3) for x in taken])


def end_all(files, sig):
    ended = []
    for path in files:
        pid = [s for s in stamps(path) if s[0] == "start"][-1][2]
        at = mono()
        try:
            os.kill(pid, sig)
        except OSError:
            continue
        ended.append((path, at))
        time.sleep(APART)
    return ended


def until_next(path, at):
    """ms from the fault, as the agent stamped it where it could, to the next start; None for never."""
    if not wait_for(lambda: when(path, "start", at), 15, 0.02):
        return None
    start = min(when(path, "start", at))
    faults = [f for f in when(path, "fault", at) if f <= start]
    return (start - (faults[0] if faults else at)) / 1e6


def crash_pattern(adapter, scratch, window=25, opts=None):
    """What becomes of an agent that exits 1 at once, at the supervisor's defaults."""
    with Run(adapter, scratch, "crash", **(opts or {})) as r:
        specs = r.specs(1, lambda i: ["crash", "exit1", "0"])
        before = r.cell.cpu_ns()
        r.start(specs)
        time.sleep(window)
        starts = when(specs[0].argv[1], "start")
        gaps = [(b - a) / 1e6 for a, b in zip(starts, starts[1:])]
        quiet = (mono() - starts[-1]) / 1e6 if starts else 0
        return dict(
            starts=len(starts),
            gap_first_ms=gaps[0] if gaps else None,
            gap_max_ms=max(gaps or [0.0]),
            cpu_s=(r.cell.cpu_ns() - before) / 1e9,
            gaps_ms=[round(g, 1) for g in gaps[:60]],
            stopped=bool(starts) and quiet > 3 * max(gaps or [1000]) + 2000,
        )
