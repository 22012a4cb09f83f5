"""What becomes of an agent that writes as fast as it can."""
import os
import shutil
import subprocess
import time

from ..core import hbagent, mem, mono, schedns, stamps, wait_for
from .run import Run

WORDS = ["ERR-%04d fatal pattern number %d" % (i * 37, i) for i in range(190)] + [
    "CUDA out of memory",
    "Traceback (most recent call last)",
    "panic: runtime error",
    "ECONNREFUSED",
    "429 Too Many Requests",
    "context_length_exceeded",
    "No space left on device",
    "SAFETY VIOLATION",
    "deadlock detected",
    "FATAL state corrupt",
]


def logpath(adapter, scratch, size=256 << 20, opts=None, limit=240):
    with Run(adapter, scratch, "log", **(opts or {})) as r:
        lines = ["lines", size, 120, "stay", 3000]
        specs = r.specs(1, lambda i: lines, policy=lambda i: dict(logger=True), stdout=None)
        r.start(specs)
        file = specs[0].argv[1]
        wait_for(lambda: stamps(file), 30, 0.05)
        time.sleep(2.5)
        before = r.cell.cpu_ns()  # the supervisor's own start is not part of it
        wait_for(lambda: any(s[0] == "blocked" for s in stamps(file)), limit, 0.1)
        said = {s[0]: s[1] for s in stamps(file)}
        if "w1" not in said:
            return dict(error="not finished in %d s" % limit)
        after = drained(r.cell)
        own, agents = r.processes()
        theirs = sum(schedns(p) for p in agents)
        seconds = (said["w1"] - said["w0"]) / 1e9
        return dict(
            seconds=seconds,
            mb_s=said["bytes"] / seconds / 1e6,
            blocked_s=said["blocked"] / 1e9,
            sup_cpu_s_per_gib=(after - before - theirs) / 1e9 * (1 << 30) / said["bytes"],
            rss_after_kb=mem(own)[0],
        )


def drained(cell):
    """Waits until the use of processor time stops growing, a minute at most."""
    last, end = -1, mono() + 60e9
    while mono() < end:
        now = cell.cpu_ns()
        if now - last < 10e6:
            break
        last = now
        time.sleep(1)
    return cell.cpu_ns()


def logref(scratch, size=256 << 20):
    """The pipe and the file themselves, and what a user would pick to look for 200 fixed strings."""
    d = os.path.join(scratch, "runs", "ref")
    shutil.rmtree(d, ignore_errors=True)
    os.makedirs(d)
    with open(d + "/words", "w") as f:
        f.write("\n".join(WORDS) + "\n")
    piped = {
        "file (no reader)": None,
        "cat >/dev/null": "cat >/dev/null",
        "grep -F -i of 200": "LC_ALL=C grep -c -F -i -f %s/words" % d,
        "rg -F -i of 200": "rg -c -F -i -f %s/words" % d,
    }
    out = {name: written(scratch, d, size, reader) for name, reader in piped.items()}
    for name, command in (
        ("grep -F -i of 200, on the file", "LC_ALL=C grep -c -F -i -f %s/words %s/big" % (d, d)),
        ("rg -F -i of 200, on the file", "rg -c -F -i -f %s/words %s/big" % (d, d)),
    ):
        begun = mono()
        usage = run(command + " >/dev/null")
        seconds, n = (mono() - begun) / 1e9, os.path.getsize(d + "/big")
        out[name] = dict(mb_s=n / seconds / 1e6, total_cpu_s_per_gib=usage * (1 << 30) / n)
    shutil.rmtree(d, ignore_errors=True)
    return out


def written(scratch, d, size, reader):
    """The agent writes into a reader, or into a file without one."""
    file = d + "/stamps"
    if os.path.exists(file):
        os.unlink(file)
    agent = "%s %s lines %d 120 exit" % (hbagent(scratch), file, size)
    usage = run("%s | { %s; true; } >%s/count" % (agent, reader, d) if reader else "%s >%s/big" % (agent, d))
    said = {s[0]: s[1] for s in stamps(file)}
    seconds = (said["w1"] - said["w0"]) / 1e9
    return dict(mb_s=said["bytes"] / seconds / 1e6, total_cpu_s_per_gib=usage * (1 << 30) / said["bytes"])


def run(command):
    """Runs a shell line and returns the processor time that it took."""
    p = subprocess.Popen(["/bin/sh", "-c", command])
    _, _, usage = os.wait4(p.pid, 0)
    return usage.ru_utime + usage.ru_stime
