"""process-compose."""
import json
import os

from .base import Adapter, NO_PROBE, find, q, ver


class ProcessCompose(Adapter):
    name = "process-compose"
    why = dict(
        NO_PROBE,
        log="no reaction to log content (ready_log_line only marks readiness)",
        notify="no notification hook",
        on_exit="no hook after an exit",
        backoff_s="",
    )

    @classmethod
    def binary(cls):
        return find("process-compose", "HB_PROCESS_COMPOSE")

    @classmethod
    def version(cls):
        return os.environ.get("HB_PROCESS_COMPOSE_VERSION") or ver(
            [cls.binary(), "version"], lambda o: [l.split(":")[1].strip() for l in o.splitlines() if "ersion" in l][0]
        )

    def configure(self, specs):
        procs = {}
        for s in specs:
            p = s.policy
            d = os.path.join(self.root, "w", s.name)
            a = self.wrap(s, d)
            o = dict(
                entrypoint=a,
                working_dir=s.cwd,
                availability=dict(restart={"always": "always", "on-failure": "on_failure"}[p.get("restart", "always")]),
                shutdown=dict(timeout_seconds=int(p.get("stop_timeout_s", 3)), signal=15),
            )
            if p.get("backoff_s"):
                o["availability"]["backoff_seconds"] = int(p["backoff_s"])
            if p.get("giveup"):
                o["availability"]["max_restarts"] = p["giveup"]["n"]
            sc = [int(c) for c, do in (p.get("on_exit") or {}).items() if do == "stop"]
            if sc:
                o["success_exit_codes"] = sc
                o["availability"]["restart"] = "on_failure"
            probe = []
            for k in ("liveness", "progress"):
                if p.get(k):
                    # exec probe: the file must be younger than max_age
                    probe += [
                        "test $(( $(date +%%s) - $(stat -c %%Y %s) )) -le %d" % (q(p[k]["file"]), p[k]["max_age_s"])
                    ]
            for r in p.get("logfile") or []:
                pass
            g = int(p.get("grace_s", 2))
            if p.get("http"):
                o["readiness_probe"] = dict(
                    http_get=dict(
                        host="127.0.0.1", scheme="http", port=p["http"]["port"], path=p["http"].get("path", "/")
                    ),
                    initial_delay_seconds=g,
                    period_seconds=1,
                    timeout_seconds=1,
                    failure_threshold=p["http"].get("n", 2),
                )
            elif probe:
                o["readiness_probe"] = dict(
                    exec=dict(command=" && ".join(probe)),
                    initial_delay_seconds=g,
                    period_seconds=1,
                    timeout_seconds=1,
                    failure_threshold=1,
                )
            if p.get("depends_on"):
                o["depends_on"] = {x: dict(condition="process_started") for x in p["depends_on"]}
            if s.stdout == "null":
                pass
            elif p.get("logger"):
                o["log_location"] = "%s/%s.log" % (self.root, s.name)
                o["disable_ansi_colors"] = True
            procs[s.name] = o
        doc = dict(version="0.5", log_location=os.path.join(self.root, "pc.log"), log_level="warn", processes=procs)
        self.f = os.path.join(self.root, "process-compose.yaml")
        json.dump(doc, open(self.f, "w"), indent=1)  # JSON is YAML
        h = ["prestart", "kill_group", "giveup", "backoff_s", "liveness", "progress", "http", "depends_on", "logger"]
        if all(v == "stop" for s in specs for v in (s.policy.get("on_exit") or {}).values()):
            h.append("on_exit")
        self.note_cannot(specs, h)

    def launch(self):
        env = dict(os.environ, HOME=self.root, PC_DISABLE_TUI="1", XDG_CONFIG_HOME=self.root)
        out = os.path.join(self.root, "sup.log") if not self.opts.get("quiet") else "/dev/null"
        self.p = self.cell.popen(
            [self.binary(), "up", "-f", self.f, "-t=false", "--no-server", "--disable-dotenv", "--keep-project"],
            env=env,
            cwd=self.root,
            log=out,
        )
