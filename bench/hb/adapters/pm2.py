"""pm2."""
import json
import os

from .base import Adapter, NO_PROBE, find, script, ver


class Pm2(Adapter):
    name = "pm2"
    why = dict(
        NO_PROBE,
        notify="no hook (pm2.io or a custom bus client only)",
        log="no reaction to log content (modules need custom code)",
    )

    @classmethod
    def binary(cls):
        return find("pm2", "HB_PM2")

    @classmethod
    def version(cls):
        # asking pm2 itself would leave a daemon behind
        here = os.path.realpath(cls.binary())
        with open(os.path.join(os.path.dirname(os.path.dirname(here)), "package.json")) as f:
            return json.load(f)["version"]

    def configure(self, specs):
        apps = []
        for s in specs:
            p = s.policy
            d = os.path.join(self.root, "w", s.name)
            a = self.wrap(s, d)
            o = dict(
                name=s.name,
                script=a[0],
                args=a[1:],
                cwd=s.cwd,
                interpreter="none",
                autorestart=True,
                vizion=False,
                pmx=False,
                kill_timeout=int(p.get("stop_timeout_s", 3) * 1000),
                out_file="/dev/null" if s.stdout == "null" else "%s/%s.log" % (self.root, s.name),
                error_file="/dev/null" if s.stdout == "null" else "%s/%s.err" % (self.root, s.name),
            )
            if self.opts.get("heal"):  # else pm2's defaults: no delay, 16 unstable restarts
                o["max_restarts"] = (p.get("giveup") or {}).get("n", 100000)
                if p.get("backoff_s"):
                    o["restart_delay"] = int(p["backoff_s"] * 1000)
                else:
                    o["exp_backoff_restart_delay"] = 100
            if p.get("giveup"):
                o["min_uptime"] = 3000
            if p.get("mem_mb"):
                o["max_memory_restart"] = "%dM" % p["mem_mb"]
            sc = [int(c) for c, do in (p.get("on_exit") or {}).items() if do == "stop"]
            if sc or p.get("restart") == "on-failure":
                o["stop_exit_codes"] = sc + [0]
            apps.append(o)
        self.f = os.path.join(self.root, "eco.config.json")
        json.dump(dict(apps=apps), open(self.f, "w"))
        h = ["prestart", "kill_group", "mem_mb", "giveup", "backoff_s", "logger"]
        if all(v == "stop" for s in specs for v in (s.policy.get("on_exit") or {}).values()):
            h.append("on_exit")
        self.note_cannot(specs, h)
        self.env = dict(
            os.environ,
            PM2_HOME=os.path.join(self.root, "home"),
            PM2_DISABLE_VERSION_CHECK="true",
            PM2_DISCRETE_MODE="true",
        )
        if self.opts.get("worker_ms"):
            self.env["PM2_WORKER_INTERVAL"] = str(self.opts["worker_ms"])

    def launch(self):
        self.p = self.cell.popen([self.binary(), "start", self.f], env=self.env)
