"""monit."""
import os
import time

from .base import Adapter, NO_PROBE, cmd, dpkg, find, q, script


class Monit(Adapter):
    name = "monit"
    why = dict(NO_PROBE)

    @classmethod
    def binary(cls):
        return find("monit", "HB_MONIT")

    @classmethod
    def version(cls):
        return dpkg("monit")

    def configure(self, specs):
        poll = self.opts.get("poll", 1)
        R = self.root
        L = [
            "set daemon %d" % poll,
            "set pidfile %s/monit.pid" % R,
            "set statefile %s/monit.state" % R,
            "set idfile %s/monit.id" % R,
            "set log %s/monit.log" % R,
            "set limits { stopTimeout: 15 s, startTimeout: 2 s, restartTimeout: 10 s, programTimeout: 5 s }",
            "set httpd unixsocket %s/monit.sock allow hb:hb" % R,
        ]

        def exe(argv):
            return '"%s"' % " ".join(argv)

        for s in specs:
            p, n = s.policy, s.name
            d = os.path.join(R, "w", n)
            os.makedirs(d, exist_ok=True)
            pid = p["attach"] if p.get("attach") else d + "/pid"
            out = "/dev/null" if s.stdout == "null" else d + "/out.log"
            if out != "/dev/null":
                open(out, "a").close()
            a = self.wrap(s, d, force=True, redirect=out)
            to = p.get("stop_timeout_s", 3)
            st = ["#!/bin/sh"]
            if p.get("grace_s") and p.get("liveness"):
                st += ['touch -d "+%d seconds" %s' % (p["grace_s"], q(p["liveness"]["file"]))]
            elif p.get("liveness"):
                st += ["touch " + q(p["liveness"]["file"])]
            if p.get("progress"):
                st += ["touch " + q(p["progress"]["file"])]
            if p.get("on_exit") or p.get("done_file"):
                open(d + "/exits", "a").close()
                st += [
                    "setsid sh -c %s </dev/null >/dev/null 2>&1 &"
                    % q('%s & echo $! > %s; wait $!; echo "exit=$?" >> %s/exits' % (cmd(a), q(pid), q(d)))
                ]
            else:
                st += ["setsid sh -c %s </dev/null >/dev/null 2>&1 &" % q("echo $$ > %s; exec %s" % (q(pid), cmd(a)))]
            start = script(
                d + "/start.sh",
                st
                + [
                    "i=0; while [ $i -lt 20 ] && ! kill -0 $(cat %s 2>/dev/null) 2>/dev/null; do i=$((i+1)); sleep 0.02; done; exit 0"
                    % q(pid)
                ],
            )
            k = "-$P" if p.get("kill_group") else "$P"
            stop = script(
                d + "/stop.sh",
                [
                    "#!/bin/sh",
                    "P=$(cat %s) || exit 0" % q(pid),
                    "kill -TERM %s" % k,
                    "i=0; while [ $i -lt %d ] && kill -0 $P 2>/dev/null; do i=$((i+1)); sleep 0.1; done" % (to * 10),
                    "kill -KILL %s 2>/dev/null; exit 0" % k,
                ],
            )
            L += [
                "check process %s with pidfile %s" % (n, pid),
                '  start program = "%s"' % start,
                '  stop program = "%s"' % stop,
            ]
            deps = list(p.get("depends_on") or [])
            if p.get("mem_mb"):
                L += ["  if total memory > %d MB then restart" % p["mem_mb"]]
            if p.get("fds"):
                L += ["  if filedescriptors > %d then restart" % p["fds"]]
            if p.get("children"):
                L += ["  if children > %d then restart" % p["children"]]
            if p.get("cpu"):
                L += [
                    "  if cpu > %d%% for %d cycles then restart"
                    % (p["cpu"]["pct"] / (os.cpu_count() or 1), p["cpu"]["for_s"])
                ]
            if p.get("http"):
                L += [
                    '  if failed host 127.0.0.1 port %d protocol http request "%s" with timeout %d seconds for %d cycles then restart'
                    % (
                        p["http"]["port"],
                        p["http"].get("path", "/"),
                        p["http"].get("timeout", 1),
                        p["http"].get("n", 2),
                    )
                ]
            if p.get("on_crash_count"):
                c = p["on_crash_count"]
                L += [
                    '  if %d restarts within %d cycles then exec "%s"'
                    % (c["n"], c["within_s"], script(d + "/remedy.sh", ["#!/bin/sh", cmd(c["run"])]))
                ]
            if p.get("giveup"):
                g = p["giveup"]
                if p.get("notify"):
                    L += [
                        '  if %d restarts within %d cycles then exec "%s"'
                        % (
                            g["n"] - 1,
                            min(60, g["within_s"]),
                            script(d + "/notify.sh", ["#!/bin/sh", cmd(p["notify"])]),
                        )
                    ]
                L += ["  if %d restarts within %d cycles then unmonitor" % (g["n"], min(60, g["within_s"]))]
            extra = []
            for k in ("liveness", "progress"):
                if p.get(k):  # monit starts nothing that depends on a file that is not there yet
                    open(p[k]["file"], "a").close()
                    t = time.time() + (p.get("grace_s", 0) if k == "liveness" else 0)
                    os.utime(p[k]["file"], (t, t))
            if p.get("liveness"):
                extra += [
                    "check file %s_hb with path %s" % (n, p["liveness"]["file"]),
                    "  if does not exist then alert",
                    '  start program = "%s"' % start,
                    '  stop program = "%s"' % stop,
                    "  if timestamp > %d seconds then restart" % p["liveness"]["max_age_s"],
                ]
            if p.get("progress"):
                extra += [
                    "check file %s_pr with path %s" % (n, p["progress"]["file"]),
                    "  if does not exist then alert",
                    '  start program = "%s"' % start,
                    '  stop program = "%s"' % stop,
                    "  if timestamp > %d seconds then restart" % p["progress"]["max_age_s"],
                ]
            i = 0
            for r in (p.get("log") or []) + (p.get("logfile") or []):
                i += 1
                f = r.get("file") or out
                open(f, "a").close()
                act = {"restart": "restart", "stop": "stop"}.get(r["do"] if isinstance(r["do"], str) else "", None)
                extra += ["check file %s_log%d with path %s" % (n, i, f), "  if does not exist then alert"]
                if act == "stop" and p.get("notify"):
                    extra += [
                        '  if match "%s" then exec "%s"'
                        % (r["re"], script(d + "/notify%d.sh" % i, ["#!/bin/sh", cmd(p["notify"])]))
                    ]
                if act:
                    extra += [
                        '  if match "%s"%s then %s'
                        % (r["re"], " for %d cycles" % r["cycles"] if r.get("cycles") else "", act)
                    ]
                else:  # run a command first, then restart
                    extra += [
                        '  if match "%s" then exec "%s"'
                        % (r["re"], script(d + "/remedy_log%d.sh" % i, ["#!/bin/sh", cmd(r["do"])])),
                        '  if match "%s" then restart' % r["re"],
                    ]
                deps.append("%s_log%d" % (n, i))
            for c, do in (p.get("on_exit") or {}).items():
                i += 1
                extra += ["check file %s_exit%s with path %s/exits" % (n, c, d), "  if does not exist then alert"]
                if do == "stop":
                    if p.get("notify"):
                        extra += [
                            '  if match "^exit=%s$" then exec "%s"'
                            % (c, script(d + "/notify_x%s.sh" % c, ["#!/bin/sh", cmd(p["notify"])]))
                        ]
                    extra += ['  if match "^exit=%s$" then stop' % c]
                    deps.append("%s_exit%s" % (n, c))
                else:
                    extra += [
                        '  if match "^exit=%s$" then exec "%s"'
                        % (c, script(d + "/remedy_x%s.sh" % c, ["#!/bin/sh", cmd(do)]))
                    ]
            if p.get("done_file"):
                extra += [
                    "check file %s_done with path %s" % (n, p["done_file"]),
                    "  if does not exist then alert",
                    '  if exist then exec "%s"'
                    % script(
                        d + "/finished.sh",
                        [
                            "#!/bin/sh",
                            "i=0; while [ $i -lt 5 ] && ! monit -c %s/monitrc stop %s; do i=$((i+1)); sleep 1; done"
                            % (q(R), n),
                        ],
                    ),
                ]
            if p.get("dep_tcp"):
                extra += [
                    "check host %s_dep with address 127.0.0.1" % n,
                    "  if failed port %d with timeout 1 seconds then alert" % p["dep_tcp"],
                ]
            if deps:
                L += ["  depends on " + ", ".join(deps)]
            L += extra
        f = os.path.join(R, "monitrc")
        open(f, "w").write("\n".join(L) + "\n")
        os.chmod(f, 0o600)
        self.note_cannot(
            specs,
            (
                "prestart",
                "kill_group",
                "liveness",
                "progress",
                "log",
                "logfile",
                "on_exit",
                "on_crash_count",
                "giveup",
                "notify",
                "mem_mb",
                "fds",
                "children",
                "cpu",
                "http",
                "depends_on",
                "attach",
                "done_file",
                "dep_tcp",
            ),
        )

    def launch(self):
        self.p = self.cell.popen(["monit", "-I", "-c", os.path.join(self.root, "monitrc")])
