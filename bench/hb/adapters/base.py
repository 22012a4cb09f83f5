"""One small class per supervisor.

A Spec carries the agent's argv and a neutral `policy` (see README); an adapter turns the policy into the best
configuration its supervisor really offers and records in self.cannot what it has no means for.
"""
import os, shutil, subprocess
from ..core import set_subreaper


class Spec:
    def __init__(self, name, argv, cwd, policy=None, stdout=None):
        self.name, self.argv, self.cwd, self.policy = name, list(argv), cwd, dict(policy or {})
        self.stdout = stdout  # None: let the supervisor log it its own way; 'null': /dev/null


def q(s):
    return "'" + str(s).replace("'", "'\\''") + "'"


def cmd(argv):
    return " ".join(q(a) for a in argv)


def find(name, env):
    return os.environ.get(env) or shutil.which(name)


class Adapter:
    name = "?"
    group_leader = True  # the supervisor starts each child as leader of its own process group
    subreaper = True  # False: the supervisor insists on PID 1 as parent of its daemons

    def __init__(self, cell, root, **opts):
        self.cell, self.root, self.opts = cell, root, opts
        self.cannot = {}
        set_subreaper(self.subreaper)
        os.makedirs(root, exist_ok=True)

    # --- what a new supervisor has to write -------------------------------------------------
    @classmethod
    def binary(cls):
        return None

    @classmethod
    def version(cls):
        return "?"

    def configure(self, specs):
        """write config files for the specs"""

    def launch(self):
        """start the supervisor (called again after a kill -9 of it in the scenario 'supervisor restart')"""

    def stop(self):
        self.cell.kill_all()

    # --- shared glue -----------------------------------------------------------------------
    def note_cannot(self, specs, handled):
        for s in specs:
            for k, v in s.policy.items():
                if k not in handled and k not in ("restart", "envfile", "stop_timeout_s", "grace_s"):
                    self.cannot[k] = self.why.get(k, "no such feature")

    why = {}

    def wrap(self, s, d, force=False, redirect=None, pidfile=None):
        """stateless start wrapper; the plain argv where none is needed"""
        p = s.policy
        out = redirect or ("/dev/null" if s.stdout == "null" else None)
        if not (force or out or p.get("prestart") or p.get("envfile") or p.get("kill_group")):
            return s.argv
        L = ["#!/bin/sh", "cd " + q(s.cwd)]
        if p.get("kill_group"):
            L += ["[ -f %s/pgid ] && kill -9 -$(cat %s/pgid) 2>/dev/null; echo $$ > %s/pgid" % ((q(d),) * 3)]
        if p.get("prestart"):
            L += [cmd(p["prestart"])]
        if p.get("envfile"):
            L += ["set -a; [ -f %s ] && . %s; set +a" % ((q(p["envfile"]),) * 2)]
        if pidfile:
            L += ["echo $$ > " + q(pidfile)]
        L += ["exec " + self.exec_prefix(s) + cmd(s.argv) + (" >> %s 2>&1" % q(out) if out else " 2>&1")]
        os.makedirs(d, exist_ok=True)
        f = os.path.join(d, "run.sh")
        with open(f, "w") as h:
            h.write("\n".join(L) + "\n")
        os.chmod(f, 0o755)
        return [f]

    def exec_prefix(self, s):
        return ""

    def exit_hook(self, s, d, stop_cmd):
        """body of a hook that the supervisor runs after each exit with $code and $sig set: at most ~10 lines"""
        p = s.policy
        L = []
        if p.get("kill_group"):
            L += ["[ -f %s/pgid ] && kill -9 -$(cat %s/pgid) 2>/dev/null" % (q(d), q(d))]
        for c, do in (p.get("on_exit") or {}).items():
            if do == "stop":
                L += [
                    '[ "$code" = %s ] && { %s; %s; exit $stopcode; }'
                    % (c, cmd(p["notify"]) if p.get("notify") else ":", stop_cmd)
                ]
            else:
                L += ['[ "$code" = %s ] && %s' % (c, cmd(do))]
        if p.get("done_file"):
            L += ['[ "$code" = 0 ] && [ -f %s ] && { %s; exit $stopcode; }' % (q(p["done_file"]), stop_cmd)]
        cc, gu = p.get("on_crash_count"), p.get("giveup")
        if cc or gu:
            L += ['[ "$code" = 0 ] || date +%%s >> %s/crashes' % q(d)]
        if cc:
            L += [
                "n=$(awk -v t=$(($(date +%%s)-%d)) '$1>=t' %s/crashes 2>/dev/null | wc -l); [ $n -gt 0 ] && [ $((n %% %d)) -eq 0 ] && %s"
                % (cc["within_s"], q(d), cc["n"], cmd(cc["run"]))
            ]
        if gu:
            L += [
                "n=$(awk -v t=$(($(date +%%s)-%d)) '$1>=t' %s/crashes 2>/dev/null | wc -l); [ $n -ge %d ] && { %s; %s; exit $stopcode; }"
                % (gu["within_s"], q(d), gu["n"], cmd(p["notify"]) if p.get("notify") else ":", stop_cmd)
            ]
        if p.get("backoff_s"):
            L += ["sleep %s" % p["backoff_s"]]
        return L


def script(path, lines):
    with open(path, "w") as h:
        h.write("\n".join(lines) + "\n")
    os.chmod(path, 0o755)
    return path


def ver(argv, pick=None):
    try:
        o = subprocess.run(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=20
        ).stdout.decode()
        return (pick(o) if pick else o.strip().splitlines()[0])[:60]
    except Exception as e:
        return "?"


def dpkg(n):
    return ver(["dpkg-query", "-W", "-f", "${Version}", n])


NO_PROBE = dict(
    liveness='no liveness test of a running child (only a manual "check"): it sees an exit, nothing else',
    http="no health probe",
    mem_mb="no memory limit other than rlimits",
    fds="no descriptor watch",
    children="no child count",
    cpu="no CPU watch",
    log="no reaction to log content",
    logfile="no log file watch",
    progress="no progress watch",
    attach="it can only supervise its own child",
    on_exit="no hook after an exit",
    on_crash_count="no hook after an exit",
    giveup="never gives up",
    notify="no notification hook",
    depends_on="no dependency between services",
    backoff_s="fixed pause only",
    done_file="cannot be told that the work is finished",
    safety="no reaction to log content",
)
