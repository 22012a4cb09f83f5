"""Fault scenarios under each supervisor, judged from outside."""

import importlib.util
import os
import random
import shutil
import sys
import time
import traceback

from .adapters import Spec
from .core import AGENTS, PY, SCEN, Cell, is_agent, mem, mono, read, stamps
from .verdict import judge


def load(name):
    path = os.path.join(SCEN, name + ".py")
    spec = importlib.util.spec_from_file_location("scen_" + name, path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, AGENTS)
    spec.loader.exec_module(module)
    module.FILE = path
    return module


def names():
    return sorted(f[:-3] for f in os.listdir(SCEN) if f.endswith(".py") and not f.startswith("_"))


class Ctx:
    """What a scenario sees: its run directory, a block of ports, helpers."""

    def __init__(self, dir, port, m, cell, hcell):
        self.dir, self.port, self.m, self.cell, self.hcell = dir, port, m, cell, hcell

    def path(self, *a):
        return os.path.join(self.dir, *a)

    def remedy(self, name):
        return [PY, "-S", "-E", self.m.FILE, "remedy", name, self.dir, str(self.port)]

    def helper(self, *args):
        argv = [PY, "-S", "-E", os.path.join(AGENTS, "helpers.py")] + [str(a) for a in args]
        return self.hcell.popen(argv, log=self.path("helpers.log"))

    def write(self, name, text):
        with open(self.path(name), "w") as h:
            h.write(text)

    def starts(self, a="agent"):
        return [s for s in stamps(self.path(a + ".stamps")) if s[0] == "start"]

    def work(self, a="agent"):
        return [int(x) for x in read(self.path(a + ".work")).split()]


def specs_of(ctx):
    """The agents of a scenario, and the bystander that must not be disturbed."""
    m, d, port = ctx.m, ctx.dir, str(ctx.port)
    notify = [PY, "-S", "-E", os.path.join(AGENTS, "helpers.py"), "notify", ctx.path("notified")]
    agents = m.agents(ctx) if hasattr(m, "agents") else [dict(name="agent", policy=m.policy(ctx))]
    bystander = [PY, "-S", "-E", os.path.join(AGENTS, "agentlib.py"), "/scenarios/", d, "bystander", port]
    agents = agents + [dict(name="bystander", policy={}, argv=bystander)]
    specs = []
    for a in agents:
        policy = dict(a["policy"])
        if policy.get("notify") is True:
            policy["notify"] = notify
        argv = a.get("argv") or [PY, "-S", "-E", m.FILE, "agent", d, a["name"], port]
        specs.append(Spec(a["name"], argv, d, policy, a.get("stdout")))
    return specs


def watch(ctx, sup, res):
    """Lets time pass, brings about what is to happen, and keeps the peaks."""
    scenario, cell = ctx.m.SCENARIO, ctx.cell
    events = sorted(scenario.get("events", []), key=lambda e: e[0])  # (seconds, function name)
    begun = mono()
    while (mono() - begun) / 1e9 < scenario["limit_s"]:
        while events and (mono() - begun) / 1e9 >= events[0][0]:
            _, what = events.pop(0)
            if what == "supervisor_kill":
                kill_supervisor(cell, sup)
            else:
                getattr(ctx.m, what)(ctx, sup)
        if scenario.get("watch"):
            res["procs_max"] = max(res["procs_max"], len(cell.pids()))
        if scenario.get("watch") == "rss":
            res["rss_max_mb"] = max(res["rss_max_mb"], mem([s[2] for s in ctx.starts()[-1:]])[0] / 1024)
        time.sleep(0.1)


def kill_supervisor(cell, sup):
    """Kills the supervisor's own processes, leaves the agents, and starts it again with the same files."""
    for p in cell.pids():
        if not is_agent(p):
            try:
                os.kill(p, 9)
            except OSError:
                pass
    time.sleep(0.5)
    sup.launch()


def run_one(ad, name, scratch, port, opts=None):
    m = load(name)
    root = os.path.join(scratch, "runs", "h-%s-%s-%d" % (name, ad.name, random.randrange(10**6)))
    shutil.rmtree(root, ignore_errors=True)
    d = os.path.join(root, "w")
    os.makedirs(d)
    cell, hcell = Cell("h", os.path.join(root, "c")), Cell("hh", os.path.join(root, "hc"))
    ctx = Ctx(d, port, m, cell, hcell)
    res = dict(scenario=name, peer=ad.name, procs_max=0, rss_max_mb=0)
    try:
        if hasattr(m, "setup"):
            m.setup(ctx)
        opts = dict(opts or {}, heal=True)
        if ad.name == "pm2":
            opts.setdefault("worker_ms", 1000)
        sup = ad(cell, os.path.join(root, "s"), **opts)
        sup.configure(specs_of(ctx))
        res["cannot"] = sup.cannot
        begun = mono()
        sup.launch()
        watch(ctx, sup, res)
        judge(ctx, sup, res, begun, mono())
    except Exception:
        res.update(ok=False, verdict="error", error=traceback.format_exc()[-600:])
    finally:
        cell.kill_all()
        hcell.kill_all()
        if hasattr(m, "teardown"):
            m.teardown(ctx)
        if os.environ.get("HB_KEEP"):
            res["root"] = root
        else:
            shutil.rmtree(root, ignore_errors=True)
    return res
