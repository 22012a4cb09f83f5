"""Adapters of healer-sidecar for the scenario bench: `healer` is told each scenario's own remedy for
its fault, `healer_untold` only what exists. Name this file in HB_ADAPTERS."""
import json, os
from hb.adapters import Adapter, find, q, ver


def block(title, lines):
    return [title + " {"] + ["  " + l for l in lines] + ["}"]


def text(v):
    return json.dumps(v)


class Healer(Adapter):
    name = "healer"
    told = True

    @classmethod
    def binary(cls):
        return find("healer-sidecar", "HB_HEALER")

    @classmethod
    def version(cls):
        return ver([cls.binary(), "version"])

    def configure(self, specs):
        L = ["state_dir = " + text(os.path.join(self.root, "state"))]
        L += block("host", ["restarts = 10000", 'window = "1m"'])
        outside, notify = {}, None
        for s in specs:
            L += self.agent(s, outside)
            notify = notify or s.policy.get("notify")
        for name, address in outside.items():
            L += block("dependency " + text(name), ["tcp = " + text(address), 'every = "200ms"'])
        if notify:
            L += block('notify "people"', ["command = " + text(notify)])
        self.conf = os.path.join(self.root, "policy.hcl")
        with open(self.conf, "w") as h:
            h.write("\n".join(L) + "\n")

    def launch(self):
        self.p = self.cell.popen([self.binary(), "run", "--config", self.conf], log=os.path.join(self.root, "out.log"))

    # --- one agent ---------------------------------------------------------------------------
    def agent(self, s, outside):
        p = s.policy
        argv = list(s.argv)
        if p.get("envfile"):
            argv = ["sh", "-c", 'set -a; [ -f %s ] && . %s; set +a; exec "$@"' % ((q(p["envfile"]),) * 2), "sh"] + argv
        L = ["command = " + text(argv), "dir = " + text(s.cwd)]
        if p.get("attach"):
            L = ["dir = " + text(s.cwd)]
            L += block("attach", ["pidfile = " + text(p["attach"]), "captured = true"])
        if p.get("envfile"):
            L += ["credentials = " + text([p["envfile"]])]
        needs = list(p.get("depends_on") or [])
        if p.get("dep_tcp"):
            address = p["dep_tcp"] if isinstance(p["dep_tcp"], str) else "127.0.0.1:%d" % p["dep_tcp"]
            outside.setdefault("dep-" + s.name, address)
            needs.append("dep-" + s.name)
        if needs:
            L += ["depends_on = " + text(needs)]
        if p.get("stop_timeout_s"):
            L += block("stop", ['grace = "%gs"' % p["stop_timeout_s"]])
        L += self.detectors(s)
        types, ladders, more = self.remedies(s)
        if types["exit"] or p.get("done_file") or p.get("restart") == "always":
            E = (
                ["map = { %s }" % ", ".join("%s = %s" % (text(str(c)), text(t)) for c, t in types["exit"].items())]
                if types["exit"]
                else []
            )
            if p.get("done_file"):
                E += ["done_file = " + text(p["done_file"])]
            elif p.get("restart") == "always":
                E += ['clean_exit = "unfinished"']
            L += block('detect "exit"', E)
        L += more
        L += block("heal", self.heal(s, ladders))
        return block("agent " + text(s.name), L)

    def heal(self, s, ladders):
        p = s.policy
        g = p.get("giveup") or {}
        H = ['verify_for = "1s"', 'healthy_after = "2s"']
        # a wanted pause is kept as it is, as the peers keep it; nobody having one, it may grow
        pause = p.get("backoff_s")
        grows = ['base = "%gs"' % self.opts.get("pause_s", 0.1), "factor = 1.6", 'max = "2s"']
        H += block("backoff", ['base = "%gs"' % pause, "factor = 1", 'max = "%gs"' % pause] if pause else grows)
        H += block("budget", ["attempts = %d" % g.get("n", 100), 'window = "%ds"' % g.get("within_s", 60)])
        for n in ("retry", "restart", "wait_and_retry", "compensate", "rollback", "reconfigure"):
            H += block('strategy "%s"' % n, ["tries = %d" % (ladders.get("tries", {}).get(n) or 20)])
        if g:
            H += ['on_limit = "stop"']
        for t, names in ladders.items():
            if t != "tries":
                H += block("on " + text(t), ["strategies = " + text(names)])
        return H

    def detectors(self, s):
        p, L = s.policy, []
        for n in ("liveness", "progress"):
            if p.get(n):
                L += block(
                    'detect "heartbeat" "%s"' % n,
                    [
                        "file = " + text(p[n]["file"]),
                        'missing_for = "%gs"' % p[n]["max_age_s"],
                        'startup = "%gs"' % max(p.get("grace_s", 0), p[n]["max_age_s"]),
                    ],
                )
        if p.get("http"):
            h = p["http"]
            L += block(
                'detect "probe_http" "http"',
                [
                    'url = "http://127.0.0.1:%d%s"' % (h["port"], h["path"]),
                    'every = "500ms"',
                    'timeout = "500ms"',
                    "failures = %d" % h["n"],
                    "of = %d" % h["n"],
                    'startup = "%gs"' % (p.get("grace_s") or 5),
                ],
            )
        for n, k, unit in (("mem_mb", "memory", "MiB"), ("fds", "fds", ""), ("children", "processes", "")):
            if p.get(n):
                L += block(
                    'detect "%s"' % k, ["above = " + (text("%d%s" % (p[n], unit)) if unit else str(p[n])), 'for = "0s"']
                )
        return L

    # --- told: each fault has its remedy -------------------------------------------------------
    # types that no built-in rule of these agents uses: one for each fault with a remedy of its own
    kinds = ["goal_conflict", "learning_failure", "performance_degradation", "communication_error"]

    def remedies(self, s):
        """the types of exit codes, the ladders of types, and the blocks that they need"""
        p = s.policy
        self.free = list(self.kinds)
        ladders = {
            t: ["retry", "restart"] for t in ("resource_exhaustion", "unknown", "execution_failure", "goal_conflict")
        }
        ladders.update(configuration_error=["retry"], communication_error=["retry", "restart"])
        ladders.update(performance_degradation=["restart"], dependency_failure=["wait_and_retry", "retry"])
        types = {}
        lines = self.told_exits(p, types, ladders) + self.told_logs(p, ladders)
        if p.get("on_crash_count"):
            c = p["on_crash_count"]
            lines += block('compensate "crashes"', ["command = " + text(c["run"])])
            for t, ladder in ladders.items():
                if ladder != ["compensate"]:
                    ladders[t] = ["retry", "compensate"]
            ladders["tries"] = {"retry": max(c["n"] - 1, 1)}
        if p.get("prestart"):
            lines += block('hook "pre_start"', ["command = " + text(p["prestart"])])
        return {"exit": types}, ladders, lines

    def told_exits(self, p, types, ladders):
        lines = []
        for code, do in (p.get("on_exit") or {}).items():
            t = types[code] = self.free.pop(0)
            ladders[t] = ["escalate"] if do == "stop" else ["compensate"]
            if do != "stop":
                lines += block(
                    'compensate "exit-%s"' % code, ["command = " + text(do), "types = " + text([t]), 'timeout = "2s"']
                )
        return lines

    def told_logs(self, p, ladders):
        lines, own = [], {}
        for i, r in enumerate(p.get("log") or []):
            if isinstance(r["do"], list):
                t = own[i] = self.free.pop(0)
                ladders[t] = ["compensate"]
                lines += block('compensate "log-%d"' % i, ["command = " + text(r["do"]), "types = " + text([t])])
        for r in (p.get("log") or []) + (p.get("logfile") or []):
            if r["do"] == "restart":
                ladders["execution_failure"] = ["restart", "retry"]
        return lines + watched(p, own)


def watched(p, own):
    """what is looked for in the output and in files; own are the types of lines with a remedy of their own"""
    lines, rules = [], []
    for i, r in enumerate(p.get("log") or []):
        t = own.get(i) or ("safety_violation" if r["do"] == "stop" else "execution_failure")
        rules += block('rule "r%d"' % i, ["match = " + text(r["re"]), "type = " + text(t)])
    for stream in ("stdout", "stderr"):
        if rules:
            lines += block('detect "log" ' + text(stream), rules)
    for n, r in enumerate(p.get("logfile") or []):
        t = "safety_violation" if r["do"] == "stop" else "execution_failure"
        rule = block('rule "r0"', ["match = " + text(r["re"]), "type = " + text(t)])
        lines += block('detect "log" "app-%d"' % n, ["path = " + text(r["file"])] + rule)
    return lines


class HealerUntold(Healer):
    name = "healer_untold"
    told = False

    def remedies(self, s):
        """what exists, as compensation and as rules of the operator: never for which fault"""
        p = s.policy
        beat = ["file = " + text(os.path.join(s.cwd, s.name + ".hb")), 'missing_for = "4s"', 'startup = "25s"']
        lines = block('detect "heartbeat" "there"', beat)
        there = self.commands(p)
        if p.get("envfile") and there:
            run = '%s; set -a; . %s; set +a; exec "$@"' % (" ".join(q(x) for x in there[0]), q(p["envfile"]))
            lines += block('alternative "there"', ["command = " + text(["sh", "-c", run, "sh"] + list(s.argv))])
        for i, do in enumerate(there):
            lines += block('compensate "there-%d"' % i, ["command = " + text(do), 'timeout = "2s"'])
        return {"exit": {}}, {}, lines + watched(p, {})

    def commands(self, p):
        """every command that may mend something"""
        there = [do for do in (p.get("on_exit") or {}).values() if isinstance(do, list)]
        there += [r["do"] for r in (p.get("log") or []) + (p.get("logfile") or []) if isinstance(r["do"], list)]
        there += [p["on_crash_count"]["run"]] if p.get("on_crash_count") else []
        return there + ([p["prestart"]] if p.get("prestart") else [])


ADAPTERS = [Healer, HealerUntold]
