"""immortal."""
import json
import os

from .base import Adapter, NO_PROBE, cmd, find, q, script, ver


class Immortal(Adapter):
    name = "immortal"
    why = dict(NO_PROBE)
    subreaper = False  # its daemons re-fork until their parent is PID 1
    stop_cmd = ":"

    @classmethod
    def binary(cls):
        return find("immortal", "HB_IMMORTAL")

    @classmethod
    def version(cls):
        return os.environ.get("HB_IMMORTAL_VERSION") or ver([cls.binary(), "-v"])

    def configure(self, specs):
        self.d = os.path.join(self.root, "etc")
        self.sdir = os.path.join(self.root, "sd")
        os.makedirs(self.d)
        os.makedirs(self.sdir)
        self.names = []
        for s in specs:
            p = s.policy
            d = os.path.join(self.root, "w", s.name)
            os.makedirs(d, exist_ok=True)
            a = self.wrap(s, d)
            y = dict(
                cmd=" ".join(a) if not any(" " in x for x in a) else " ".join(self.wrap(s, d, force=True)), cwd=s.cwd
            )
            h = self.exit_hook(s, d, ":")  # "immortalctl stop" does nothing while the child is down
            if p.get("giveup"):
                y["retries"] = p["giveup"]["n"]
            if h:
                y["post_exit"] = script(d + "/post.sh", ["#!/bin/sh", "code=$1; sig=$1; stopcode=0; cd %s" % q(d)] + h)
            if s.stdout != "null":
                y["log"] = dict(file="%s/%s.log" % (self.root, s.name))
                if p.get("logger"):
                    y["log"].update(size=100, num=4)
            if p.get("attach"):
                y["pid"] = dict(follow=p["attach"])
            json.dump(y, open(os.path.join(self.d, s.name + ".yml"), "w"))
            self.names.append(s.name)
        self.note_cannot(
            specs,
            ("prestart", "kill_group", "on_crash_count", "giveup", "notify", "backoff_s", "logger", "attach")
            + (
                ()
                if any(v == "stop" for s in specs for v in (s.policy.get("on_exit") or {}).values())
                else ("on_exit",)
            ),
        )

    def launch(self):
        env = dict(
            os.environ,
            IMMORTAL_SDIR=self.sdir,
            PATH=os.path.dirname(self.binary()) + ":" + os.environ["PATH"],
            SHELL="/bin/sh",
        )
        self.p = self.cell.popen([os.path.join(os.path.dirname(self.binary()), "immortaldir"), self.d], env=env)
