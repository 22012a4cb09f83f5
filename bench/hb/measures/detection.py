"""From a fault to the new instance, by what gives the fault away."""
from ..core import med, wait_for
from .run import Run, when

FIRST_PORT = 23000
LINE = "FATAL tool loop detected"


class Kind:
    """One source: what agent i does after its delay, and by which word of the policy that is noticed."""

    def __init__(self, mode, word, rule):
        self.mode, self.word, self.rule = mode, word, rule


def heartbeat(d, i):
    return "%s/hb%d" % (d, i)


def application_log(d, i):
    return "%s/app%d.log" % (d, i)


KINDS = {
    "log-stdout": Kind(
        lambda d, i, delay: ["logline", delay, LINE, 0], "log", lambda d, i: [dict(re="FATAL tool loop", do="restart")]
    ),
    "log-file": Kind(
        lambda d, i, delay: ["logfile", application_log(d, i), delay, LINE],
        "logfile",
        lambda d, i: [dict(file=application_log(d, i), re="FATAL tool loop", do="restart")],
    ),
    "memory": Kind(lambda d, i, delay: ["mem", delay, 160], "mem_mb", lambda d, i: 100),
    "heartbeat-file": Kind(
        lambda d, i, delay: ["hang", delay, heartbeat(d, i), FIRST_PORT + i],
        "liveness",
        lambda d, i: dict(file=heartbeat(d, i), max_age_s=2),
    ),
    "http-probe": Kind(
        lambda d, i, delay: ["hang", delay, heartbeat(d, i), FIRST_PORT + i],
        "http",
        lambda d, i: dict(port=FIRST_PORT + i, path="/health", n=1),
    ),
}


def detect(adapter, scratch, kind, agents=5, limit=45):
    k = KINDS[kind]
    opts = dict(worker_ms=1000) if adapter.name == "pm2" else {}
    with Run(adapter, scratch, "det-" + kind, **opts) as r:
        specs = r.specs(
            agents,
            lambda i: k.mode(r.folder, i, 6000 + 370 * i),
            each_file=True,
            policy=lambda i: {k.word: k.rule(r.folder, i)},
            stdout=None,
        )
        r.supervisor.configure(specs)
        if k.word in r.supervisor.cannot:
            return dict(cannot=r.supervisor.cannot[k.word] or "not offered")
        r.supervisor.launch()
        files = [s.argv[1] for s in specs]
        wait_for(lambda: all(healed(f) for f in files), limit, 0.05)
        taken = [ms for f in files for ms in healed(f)]
        early = sum(max(0, len(before(f)) - 1) for f in files)
        return dict(of=agents, p50=med(taken), raw_ms=taken, false_restarts=early)


def healed(file):
    """ms from the first fault to the start that followed; empty while there is none."""
    faults = when(file, "fault")
    starts = when(file, "start", faults[0]) if faults else []
    return [(starts[0] - faults[0]) / 1e6] if starts else []


def before(file):
    """The starts before anything was wrong."""
    faults = when(file, "fault")
    return [s for s in when(file, "start") if not faults or s < faults[0]]
