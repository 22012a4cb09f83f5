"""supervisord."""
import os

from .base import Adapter, NO_PROBE, dpkg, find


class Supervisord(Adapter):
    name = "supervisord"
    why = dict(
        NO_PROBE,
        giveup="",
        notify="gives up after startretries, but telling anyone needs an event listener; none is shipped",
        log="PROCESS_LOG events need a listener program; none is shipped",
    )

    @classmethod
    def binary(cls):
        return find("supervisord", "HB_SUPERVISORD")

    @classmethod
    def version(cls):
        return dpkg("supervisor")

    def configure(self, specs):
        L = [
            "[supervisord]",
            "logfile=%s/supervisord.log" % self.root,
            "pidfile=%s/supervisord.pid" % self.root,
            "nodaemon=true",
            "minfds=8192",
            "minprocs=1000",
            "user=root",
            "childlogdir=" + self.root,
        ]
        for s in specs:
            p = s.policy
            d = os.path.join(self.root, "w", s.name)
            a = self.wrap(s, d)
            L += [
                "[program:%s]" % s.name,
                "command=" + " ".join('"%s"' % x.replace("%", "%%") if " " in x or "%" in x else x for x in a),
                "directory=" + s.cwd,
                "autorestart=%s" % {"always": "true", "on-failure": "unexpected"}.get(p.get("restart", "always")),
                "startsecs=%s" % p.get("startsecs", self.opts.get("startsecs", 1)),
                "stopwaitsecs=%s" % p.get("stop_timeout_s", 3),
                "stopasgroup=true",
                "killasgroup=true",
                "redirect_stderr=true",
                "startretries=%d" % ((p.get("giveup") or {}).get("n", 50)),
            ]
            if p.get("on_exit"):
                L += ["exitcodes=" + ",".join(["0"] + [str(c) for c, do in p["on_exit"].items() if do == "stop"])]
                if "stop" in p["on_exit"].values():
                    L += ["autorestart=unexpected"]
            if s.stdout == "null":
                L += ["stdout_logfile=NONE"]
            elif p.get("logger"):
                L += [
                    "stdout_logfile=%s/%s.log" % (self.root, s.name),
                    "stdout_logfile_maxbytes=100MB",
                    "stdout_logfile_backups=4",
                ]
        # one line per option: the later autorestart wins only if the earlier is dropped
        out, seen = [], {}
        for l in L:
            k = l.split("=")[0]
            if l.startswith("["):
                seen = {}
            elif k in seen:
                out[seen[k]] = l
                continue
            else:
                seen[k] = len(out)
            out.append(l)
        open(os.path.join(self.root, "supervisord.conf"), "w").write("\n".join(out) + "\n")
        h = ["prestart", "giveup", "logger", "kill_group", "backoff_s"]
        if all(v == "stop" for s in specs for v in (s.policy.get("on_exit") or {}).values()):
            h.append("on_exit")
        self.note_cannot(specs, h)

    def launch(self):
        self.p = self.cell.popen(
            ["/usr/bin/python3", "/usr/bin/supervisord", "-n", "-c", os.path.join(self.root, "supervisord.conf")]
            if self.binary() == "/usr/bin/supervisord"
            else [self.binary(), "-n", "-c", os.path.join(self.root, "supervisord.conf")]
        )
