"""monit."""
import os
import time

from .base import NO_PROBE, Adapter, cmd, dpkg, find, q, script

WORDS = (
    "prestart kill_group liveness progress log logfile on_exit on_crash_count giveup notify mem_mb fds children cpu http "
    "depends_on attach done_file dep_tcp"
).split()


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
        lines = [
            "set daemon %d" % self.opts.get("poll", 1),
            "set pidfile %s/monit.pid" % self.root,
            "set statefile %s/monit.state" % self.root,
            "set idfile %s/monit.id" % self.root,
            "set log %s/monit.log" % self.root,
            "set limits { stopTimeout: 15 s, startTimeout: 2 s, restartTimeout: 10 s, programTimeout: 5 s }",
            "set httpd unixsocket %s/monit.sock allow hb:hb" % self.root,
        ]
        for s in specs:
            lines += Service(self, s).lines()
        rc = os.path.join(self.root, "monitrc")
        with open(rc, "w") as f:
            f.write("\n".join(lines) + "\n")
        os.chmod(rc, 0o600)
        self.note_cannot(specs, WORDS)

    def launch(self):
        self.p = self.cell.popen(["monit", "-I", "-c", os.path.join(self.root, "monitrc")])


class Service:
    """One agent: a check of its process, and checks of files beside it that act for it."""

    def __init__(self, monit, spec):
        self.monit, self.spec, self.name, self.policy = monit, spec, spec.name, spec.policy
        self.dir = os.path.join(monit.root, "w", spec.name)
        os.makedirs(self.dir, exist_ok=True)
        self.pid = self.policy.get("attach") or self.dir + "/pid"
        self.out = "/dev/null" if spec.stdout == "null" else self.dir + "/out.log"
        self.needs = list(self.policy.get("depends_on") or [])
        self.scripts = 0

    def lines(self):
        if self.out != "/dev/null":
            open(self.out, "a").close()
        self.programs = ['  start program = "%s"' % self.starter(), '  stop program = "%s"' % self.stopper()]
        own = (
            ["check process %s with pidfile %s" % (self.name, self.pid)] + self.programs + self.limits() + self.counts()
        )
        beside = self.beats() + self.logs() + self.exits() + self.finish() + self.dependency()
        return own + (["  depends on " + ", ".join(self.needs)] if self.needs else []) + beside

    def script(self, name, argv):
        return script("%s/%s" % (self.dir, name), ["#!/bin/sh", cmd(argv)])

    def starter(self):
        """monit has no children: the agent is started into the background, and its number kept."""
        p, d, pid = self.policy, self.dir, q(self.pid)
        argv = cmd(self.monit.wrap(self.spec, d, force=True, redirect=self.out))
        lines = ["#!/bin/sh"]
        if p.get("grace_s") and p.get("liveness"):
            lines += ['touch -d "+%d seconds" %s' % (p["grace_s"], q(p["liveness"]["file"]))]
        elif p.get("liveness"):
            lines += ["touch " + q(p["liveness"]["file"])]
        if p.get("progress"):
            lines += ["touch " + q(p["progress"]["file"])]
        body = "echo $$ > %s; exec %s" % (pid, argv)
        if p.get("on_exit") or p.get("done_file"):
            open(d + "/exits", "a").close()
            body = '%s & echo $! > %s; wait $!; echo "exit=$?" >> %s/exits' % (argv, pid, q(d))
        lines += ["setsid sh -c %s </dev/null >/dev/null 2>&1 &" % q(body)]
        until = "[ $i -lt 20 ] && ! kill -0 $(cat %s 2>/dev/null) 2>/dev/null" % pid
        lines += ["i=0; while %s; do i=$((i+1)); sleep 0.02; done; exit 0" % until]
        return script(d + "/start.sh", lines)

    def stopper(self):
        whom = "-$P" if self.policy.get("kill_group") else "$P"
        tenths = self.policy.get("stop_timeout_s", 3) * 10
        lines = [
            "#!/bin/sh",
            "P=$(cat %s) || exit 0" % q(self.pid),
            "kill -TERM %s" % whom,
            "i=0; while [ $i -lt %d ] && kill -0 $P 2>/dev/null; do i=$((i+1)); sleep 0.1; done" % tenths,
            "kill -KILL %s 2>/dev/null; exit 0" % whom,
        ]
        return script(self.dir + "/stop.sh", lines)

    def limits(self):
        p, lines = self.policy, []
        if p.get("mem_mb"):
            lines += ["  if total memory > %d MB then restart" % p["mem_mb"]]
        if p.get("fds"):
            lines += ["  if filedescriptors > %d then restart" % p["fds"]]
        if p.get("children"):
            lines += ["  if children > %d then restart" % p["children"]]
        if p.get("cpu"):
            share = p["cpu"]["pct"] / (os.cpu_count() or 1)
            lines += ["  if cpu > %d%% for %d cycles then restart" % (share, p["cpu"]["for_s"])]
        if p.get("http"):
            h = p["http"]
            probe = 'failed host 127.0.0.1 port %d protocol http request "%s"' % (h["port"], h.get("path", "/"))
            lines += [
                "  if %s with timeout %d seconds for %d cycles then restart"
                % (probe, h.get("timeout", 1), h.get("n", 2))
            ]
        return lines

    def counts(self):
        p, lines = self.policy, []
        if p.get("on_crash_count"):
            c = p["on_crash_count"]
            remedy = self.script("remedy.sh", c["run"])
            lines += ['  if %d restarts within %d cycles then exec "%s"' % (c["n"], c["within_s"], remedy)]
        if p.get("giveup"):
            g = p["giveup"]
            within = min(60, g["within_s"])
            if p.get("notify"):
                tell = self.script("notify.sh", p["notify"])
                lines += ['  if %d restarts within %d cycles then exec "%s"' % (g["n"] - 1, within, tell)]
            lines += ["  if %d restarts within %d cycles then unmonitor" % (g["n"], within)]
        return lines

    def beats(self):
        """files that must be fresh; monit starts nothing that depends on a file that is not there yet"""
        lines = []
        for word, end in (("liveness", "hb"), ("progress", "pr")):
            beat = self.policy.get(word)
            if not beat:
                continue
            open(beat["file"], "a").close()
            at = time.time() + (self.policy.get("grace_s", 0) if word == "liveness" else 0)
            os.utime(beat["file"], (at, at))
            lines += [
                "check file %s_%s with path %s" % (self.name, end, beat["file"]),
                "  if does not exist then alert",
            ]
            lines += self.programs + ["  if timestamp > %d seconds then restart" % beat["max_age_s"]]
        return lines

    def logs(self):
        lines = []
        for r in (self.policy.get("log") or []) + (self.policy.get("logfile") or []):
            self.scripts += 1
            n, path = self.scripts, r.get("file") or self.out
            open(path, "a").close()
            lines += ["check file %s_log%d with path %s" % (self.name, n, path), "  if does not exist then alert"]
            lines += self.matched(r["re"], r["do"], "log%d" % n, "notify%d" % n)
            self.needs.append("%s_log%d" % (self.name, n))
        return lines

    def exits(self):
        lines = []
        for code, do in (self.policy.get("on_exit") or {}).items():
            lines += [
                "check file %s_exit%s with path %s/exits" % (self.name, code, self.dir),
                "  if does not exist then alert",
            ]
            found = self.matched("^exit=%s$" % code, do, "x%s" % code, "notify_x%s" % code)
            lines += found if do == "stop" else found[:1]  # it is restarted for its absence anyway
            if do == "stop":
                self.needs.append("%s_exit%s" % (self.name, code))
        return lines

    def matched(self, expression, do, remedy, notice):
        """what a line asks for; a command comes before the restart"""
        if isinstance(do, list):
            run = self.script("remedy_%s.sh" % remedy, do)
            return ['  if match "%s" then exec "%s"' % (expression, run), '  if match "%s" then restart' % expression]
        lines = []
        if do == "stop" and self.policy.get("notify"):
            lines += [
                '  if match "%s" then exec "%s"' % (expression, self.script(notice + ".sh", self.policy["notify"]))
            ]
        return lines + ['  if match "%s" then %s' % (expression, do)]

    def finish(self):
        done = self.policy.get("done_file")
        if not done:
            return []
        stop = "monit -c %s/monitrc stop %s" % (q(self.monit.root), self.name)
        run = script(
            self.dir + "/finished.sh",
            ["#!/bin/sh", "i=0; while [ $i -lt 5 ] && ! %s; do i=$((i+1)); sleep 1; done" % stop],
        )
        head = ["check file %s_done with path %s" % (self.name, done), "  if does not exist then alert"]
        return head + ['  if exist then exec "%s"' % run]

    def dependency(self):
        port = self.policy.get("dep_tcp")
        if not port:
            return []
        return [
            "check host %s_dep with address 127.0.0.1" % self.name,
            "  if failed port %d with timeout 1 seconds then alert" % port,
        ]
