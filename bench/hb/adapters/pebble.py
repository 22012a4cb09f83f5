"""pebble."""
import json
import os

from .base import Adapter, NO_PROBE, find, q, script, ver


class Pebble(Adapter):
    name = "pebble"
    why = dict(
        NO_PROBE,
        on_exit="no hook after an exit (only restart, shutdown or ignore)",
        log="no reaction to log content (forwards to Loki/OTLP/syslog)",
        giveup="backs off forever; never gives up",
        notify="no notification hook",
        backoff_s="",
    )

    @classmethod
    def binary(cls):
        return find("pebble", "HB_PEBBLE")

    @classmethod
    def version(cls):
        return os.environ.get("HB_PEBBLE_VERSION") or ver([cls.binary(), "version", "--client"])

    def configure(self, specs):
        self.dir = os.path.join(self.root, "pebble")
        os.makedirs(self.dir + "/layers")
        svcs, checks = {}, {}
        for s in specs:
            p = s.policy
            d = os.path.join(self.root, "w", s.name)
            a = self.wrap(s, d)
            o = {
                "override": "replace",
                "command": " ".join(q(x) if " " in x else x for x in a),
                "startup": "enabled",
                "working-dir": s.cwd,
                "on-failure": "restart",
                "on-success": "restart" if p.get("restart", "always") == "always" else "ignore",
                "backoff-delay": self.opts.get("delay", "500ms"),
                "backoff-factor": 2.0,
                "backoff-limit": self.opts.get("limit", "10s"),
                "kill-delay": "%ds" % p.get("stop_timeout_s", 3),
            }
            if p.get("depends_on"):
                o["after"] = list(p["depends_on"])
                o["requires"] = list(p["depends_on"])
            c = {"override": "replace", "period": "1s", "timeout": "900ms"}
            if p.get("http"):
                c.update(
                    threshold=p["http"].get("n", 2),
                    http=dict(url="http://127.0.0.1:%d%s" % (p["http"]["port"], p["http"].get("path", "/"))),
                )
            else:
                pr = []
                for k in ("liveness", "progress"):
                    if p.get(k):
                        pr += [
                            "test $(( $(date +%%s) - $(stat -c %%Y %s) )) -le %d" % (q(p[k]["file"]), p[k]["max_age_s"])
                        ]
                if pr:
                    script(
                        d + "-probe.sh"
                        if os.path.isdir(os.path.dirname(d))
                        else (os.makedirs(os.path.dirname(d), exist_ok=True) or d + "-probe.sh"),
                        ["#!/bin/sh", " && ".join(pr)],
                    )
                    # no start delay in pebble: the threshold is the grace
                    c.update(threshold=max(2, int(p.get("grace_s", 0))), exec=dict(command=d + "-probe.sh"))
            if "http" in c or "exec" in c:
                checks[s.name + "-ok"] = c
                o["on-check-failure"] = {s.name + "-ok": "restart"}
            svcs[s.name] = o
        json.dump(
            dict(summary="bench", services=svcs, checks=checks),
            open(self.dir + "/layers/001-bench.yaml", "w"),
            indent=1,
        )
        self.note_cannot(
            specs, ("prestart", "kill_group", "backoff_s", "liveness", "progress", "http", "depends_on", "logger")
        )

    def launch(self):
        env = dict(os.environ, PEBBLE=self.dir, PEBBLE_SOCKET=self.dir + "/.s")
        self.p = self.cell.popen([self.binary(), "run"], env=env)
