"""What a supervisor costs while nothing happens."""
import time

from ..core import mem, mono, schedns, stamps, wait_for
from .run import Run, when


def scale(adapter, scratch, n, idle=20, limit=150, opts=None):
    """The start of n agents, then memory and processor time while they idle."""
    with Run(adapter, scratch, "scale%d" % n, **(opts or {})) as r:
        specs = r.specs(n, lambda i: ["idle"])
        r.start(specs)
        begun, file = r.supervisor.p.t0, specs[0].argv[1]
        up = wait_for(lambda: len({s[2] for s in stamps(file)}) >= n, limit, 0.02 if n < 50 else 0.1)
        starts = sorted(when(file, "start"))
        if not starts:
            return dict(n=n, error="no agent started in %d s" % limit)
        res = dict(n=n, started=len(starts), first_ms=(starts[0] - begun) / 1e6, all_started=bool(up))
        if up:
            res["all_ms"] = (starts[-1] - begun) / 1e6
        time.sleep(5 if n < 100 else 7 if n < 500 else 12)  # what follows a start is none of the idling
        own, agents = r.processes()
        rss, pss = mem(own)
        res.update(own_procs=len(own), rss_kb=rss, pss_kb=pss)
        cell, theirs, at = r.cell.cpu_ns(), sum(schedns(p) for p in agents), mono()
        time.sleep(idle)
        _, still = r.processes()
        spent = (r.cell.cpu_ns() - cell) - (sum(schedns(p) for p in agents & still) - theirs)
        res["idle_cpu_s_per_min"] = spent / 1e9 * 60 / ((mono() - at) / 1e9)
        return res
