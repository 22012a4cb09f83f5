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
        H += block("backoff", ['base = "%gs"' % (p.get("backoff_s") or 0.1), "factor = 1.6", 'max = "%gs"' % max(2, p.get("backoff_s") or 0)])
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
    kinds = ["goal_conflict", "learning_failure", "performance_degradation", "communication_error"]

    def remedies(self, s):
        p, types, ladders, L = s.policy, {"exit": {}}, {}, []
        free = list(self.kinds)
        again = ["restart"]
        for n in ("resource_exhaustion", "unknown", "execution_failure"):
            ladders[n] = ["retry", "restart"]
        ladders["configuration_error"] = ["retry"]
        ladders["goal_conflict"] = ["retry", "restart"]
        ladders["communication_error"] = ["retry", "restart"]
        ladders["performance_degradation"] = ["restart"]
        ladders["dependency_failure"] = ["wait_and_retry", "retry"]
        for code, do in (p.get("on_exit") or {}).items():
            t = free.pop(0)
            types["exit"][code] = t
            if do == "stop":
                ladders[t] = ["escalate"]
            else:
                L += block(
                    'compensate "exit-%s"' % code, ["command = " + text(do), "types = " + text([t]), 'timeout = "2s"']
                )
                ladders[t] = ["compensate"]
        for log, rules in [("stdout", p.get("log") or []), ("stderr", p.get("log") or [])] + [
            (r["file"], [r]) for r in p.get("logfile") or []
        ]:
            R = []
            for i, r in enumerate(rules):
                t = "safety_violation" if r["do"] == "stop" else "execution_failure"
                if isinstance(r["do"], list):
                    t = free.pop(0) if log == "stdout" else t
                    L += (
                        block('compensate "log-%d"' % i, ["command = " + text(r["do"]), "types = " + text([t])])
                        if log == "stdout"
                        else []
                    )
                    ladders[t] = ["compensate"]
                elif r["do"] == "restart":
                    ladders["execution_failure"] = ["restart", "retry"]
                R += block('rule "r%d"' % i, ["match = " + text(r["re"]), "type = " + text(t)])
            if R:
                L += block(
                    'detect "log" ' + text("app-%d" % len(L) if log.startswith("/") else log),
                    (["path = " + text(log)] if log.startswith("/") else []) + R,
                )
        if p.get("on_crash_count"):
            c = p["on_crash_count"]
            L += block('compensate "crashes"', ["command = " + text(c["run"])])
            for n in ladders:
                ladders[n] = ["retry", "compensate"] if ladders[n] != ["compensate"] else ladders[n]
            ladders["tries"] = {"retry": max(c["n"] - 1, 1)}
        if p.get("prestart"):
            L += block('hook "pre_start"', ["command = " + text(p["prestart"])])
        return types, ladders, L


class HealerUntold(Healer):
    name = "healer_untold"
    told = False

    def remedies(self, s):
        """what exists, as compensation and rules of the operator: never for which fault"""
        p, L = s.policy, []
        there = [do for do in (p.get("on_exit") or {}).values() if isinstance(do, list)]
        there += [r["do"] for r in (p.get("log") or []) + (p.get("logfile") or []) if isinstance(r["do"], list)]
        there += [p["on_crash_count"]["run"]] if p.get("on_crash_count") else []
        there += [p["prestart"]] if p.get("prestart") else []
        L += block(
            'detect "heartbeat" "there"',
            ["file = " + text(os.path.join(s.cwd, s.name + ".hb")), 'missing_for = "4s"', 'startup = "25s"'],
        )
        if p.get("envfile") and there:
            L += block(
                'alternative "there"',
                [
                    "command = "
                    + text(
                        [
                            "sh",
                            "-c",
                            '%s; set -a; . %s; set +a; exec "$@"' % (" ".join(q(x) for x in there[0]), q(p["envfile"])),
                            "sh",
                        ]
                        + list(s.argv)
                    )
                ],
            )
        for i, do in enumerate(there):
            L += block('compensate "there-%d"' % i, ["command = " + text(do), 'timeout = "2s"'])
        for r in p.get("logfile") or []:
            L += block(
                'detect "log" "app-%d"' % len(L),
                ["path = " + text(r["file"])]
                + block('rule "r"', ["match = " + text(r["re"]), 'type = "execution_failure"']),
            )
        for log in ("stdout", "stderr"):
            R = []
            for i, r in enumerate(p.get("log") or []):
                R += block(
                    'rule "r%d"' % i,
                    [
                        "match = " + text(r["re"]),
                        "type = " + text("safety_violation" if r["do"] == "stop" else "execution_failure"),
                    ],
                )
            if R:
                L += block('detect "log" ' + text(log), R)
        return {"exit": {}}, {}, L

    def heal(self, s, ladders):
        H = super().heal(s, ladders)
        return H


ADAPTERS = [Healer, HealerUntold]
