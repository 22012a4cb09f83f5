"""Cells (one supervisor run in its own cgroup), stamps, process accounting."""
import ctypes, json, os, shutil, signal, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AGENTS = os.path.join(HERE, "agents")
SCEN = os.environ.get("HB_SCENARIOS") or os.path.join(HERE, "scenarios")
PY = os.environ.get("HB_PYTHON") or (
    "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else shutil.which("python3")
)
CG2 = "/sys/fs/cgroup/unified"
CGA = "/sys/fs/cgroup/cpuacct"


def mono():
    return time.monotonic_ns()


def set_subreaper(on):
    ctypes.CDLL(None).prctl(36, int(on), 0, 0, 0)


def subreaper():
    """Orphans come back to this process, so that nothing escapes a run; reap them in a thread."""
    set_subreaper(True)
    signal.signal(
        signal.SIGTERM, lambda *a: os._exit(143) if os.getpid() != me else sys.exit(143)
    )  # so that finally: cleans up
    me = os.getpid()
    sweep()

    def reap():
        while True:
            try:
                si = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if si is None:
                    time.sleep(0.02)
                    continue
                if si.si_pid in Cell.known:
                    time.sleep(0.02)  # subprocess owns it; poll it so it cannot block the queue
                    p = Cell.known.get(si.si_pid)
                    if p is not None:
                        p.poll()
                        if p.returncode is not None:
                            Cell.known.pop(si.si_pid, None)
                else:
                    os.waitpid(si.si_pid, os.WNOHANG)
            except ChildProcessError:
                time.sleep(0.05)
            except Exception:
                time.sleep(0.05)

    threading.Thread(target=reap, daemon=True).start()


def sweep():
    """end what an earlier bench process that is gone has left in its cells (a spinning agent would spoil every figure)"""
    for d in os.listdir(CG2) if os.path.isdir(CG2) else []:
        f = d.split("-")
        if len(f) == 3 and f[0] == "hb" and f[1].isdigit() and not os.path.exists("/proc/" + f[1]):
            c = Cell.__new__(Cell)
            c.cg = [x + "/" + d for x in (CG2, CGA) if os.path.isdir(x + "/" + d)]
            n = len(c.pids())
            c.kill_all()
            if n:
                print("bench: ended %d processes left by a run that was cut off" % n, file=sys.stderr)


def read(p, d=""):
    try:
        with open(p) as f:
            return f.read()
    except OSError:
        return d


def stamps(path):
    """-> list of (event, ns, pid)"""
    out = []
    for l in read(path).splitlines():
        f = l.split()
        if len(f) == 3:
            try:
                out.append((f[0], int(f[1]), int(f[2])))
            except ValueError:
                pass
    return out


def wait_for(fn, timeout, step=0.02):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        r = fn()
        if r:
            return r
        time.sleep(step)
    return fn()


class Cell:
    """All processes of one run: started through popen(), inherited by cgroup, killed by pid at the end."""

    known = {}
    n = 0

    def __init__(self, label, root):
        Cell.n += 1
        self.label = label
        self.root = root
        self.tag = "hb-%d-%d" % (os.getpid(), Cell.n)
        os.makedirs(root, exist_ok=True)
        self.cg = [d + "/" + self.tag for d in (CG2, CGA) if os.path.isdir(d)]
        for d in self.cg:
            os.makedirs(d, exist_ok=True)

    def popen(self, argv, log=None, **kw):
        join = "".join("echo $$ > %s/cgroup.procs; " % d for d in self.cg)
        out = open(log or os.path.join(self.root, "sup.log"), "ab") if kw.get("stdout") is None else kw.pop("stdout")
        kw.setdefault("stdin", subprocess.DEVNULL)
        kw.setdefault("start_new_session", True)
        t = mono()
        p = subprocess.Popen(
            ["/bin/sh", "-c", join + 'exec "$@"', "sh"] + list(argv),
            stdout=out,
            stderr=kw.pop("stderr", subprocess.STDOUT),
            **kw
        )
        p.t0 = t
        Cell.known[p.pid] = p
        return p

    def pids(self):
        s = set()
        if self.cg:
            for base, ds, fs in os.walk(self.cg[0]):
                s.update(int(x) for x in read(base + "/cgroup.procs").split())
            # also descendants that a supervisor moved to a control group of its own
        ppid = {}
        for d in os.listdir("/proc"):
            if d.isdigit():
                st = read("/proc/%s/stat" % d)
                if st:
                    ppid[int(d)] = int(st[st.rindex(")") + 2 :].split()[1])
        grew = True
        while grew:
            grew = False
            for p, pp in ppid.items():
                if pp in s and p not in s:
                    s.add(p)
                    grew = True
        return {p for p in s if p in ppid}

    def cpu_ns(self):
        return int(read(self.cg[1] + "/cpuacct.usage", "0") or 0) if len(self.cg) > 1 else 0

    def kill_all(self):
        for _ in range(100):
            ps = self.pids()
            if not ps:
                break
            for sig in (signal.SIGSTOP, signal.SIGKILL) if _ == 0 and len(ps) > 60 else (signal.SIGKILL,):
                for p in ps:
                    try:
                        os.kill(p, sig)
                    except OSError:
                        pass
            time.sleep(0.05)
        for d in self.cg:
            for base, ds, fs in os.walk(d, topdown=False):
                try:
                    os.rmdir(base)
                except OSError:
                    pass


def cmdline(pid):
    return read("/proc/%d/cmdline" % pid).replace("\0", " ")


def is_agent(pid):
    try:
        if os.readlink("/proc/%d/exe" % pid).endswith("/hbagent"):
            return True
    except OSError:
        return False
    c = cmdline(pid)
    return "HBAGENT=1" in c or (
        "/scenarios/" in c and " remedy " not in c and "run.sh" not in c and "/sh " not in c[:9]
    )


def schedns(pid):
    s = read("/proc/%d/schedstat" % pid).split()
    return int(s[0]) if s else 0


def mem(pids):
    rss = pss = 0
    for p in pids:
        for l in read("/proc/%d/smaps_rollup" % p).splitlines():
            if l.startswith("Rss:"):
                rss += int(l.split()[1])
            elif l.startswith("Pss:"):
                pss += int(l.split()[1])
    return rss, pss


def med(v):
    v = sorted(v)
    return v[len(v) // 2] if v else None


def hbagent(scratch):
    out = os.path.join(scratch, "hbagent")
    src = os.path.join(AGENTS, "hbagent.c")
    if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(src):
        subprocess.check_call(["gcc", "-O2", "-static", "-o", out, src])
    return out


def save(res, name, results):
    os.makedirs(results, exist_ok=True)
    p = os.path.join(results, name + ".json")
    with open(p + ".tmp", "w") as f:
        json.dump(res, f, indent=1, sort_keys=True)
    os.replace(p + ".tmp", p)
    return p
