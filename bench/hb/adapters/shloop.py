"""A shell loop: the least that anybody would write."""
import os

from .base import Adapter, NO_PROBE, cmd, dpkg, q, script


class ShLoop(Adapter):
    name = "shloop"
    why = dict(NO_PROBE)

    @classmethod
    def binary(cls):
        return "/bin/sh"

    @classmethod
    def version(cls):
        return "dash " + dpkg("dash")

    group_leader = False

    def configure(self, specs):
        L = ["#!/bin/sh"]
        for s in specs:
            d = os.path.join(self.root, "w", s.name)
            a = self.wrap(s, d)
            L += [
                "( cd %s; while :; do %s; sleep %s; done ) &"
                % (q(s.cwd), cmd(a), s.policy.get("backoff_s") or self.opts.get("delay", 1))
            ]
        script(os.path.join(self.root, "loop.sh"), L + ["wait"])
        self.note_cannot(specs, ("prestart", "backoff_s"))

    def launch(self):
        self.p = self.cell.popen([os.path.join(self.root, "loop.sh")], log=os.path.join(self.root, "out.log"))
