"""s6."""
import os

from .base import dpkg, find, q, script
from .runit import Runit


class S6(Runit):
    name = "s6"
    stop_cmd = ":"

    @classmethod
    def binary(cls):
        return find("s6-svscan", "HB_S6_SVSCAN")

    @classmethod
    def version(cls):
        return dpkg("s6")

    def exec_prefix(self, s):
        return ""

    def configure(self, specs):
        self.sv = os.path.join(self.root, "sv")
        for s in specs:
            d = os.path.join(self.sv, s.name)
            os.makedirs(d)
            self.wrap(s, d, force=True)
            os.rename(d + "/run.sh", d + "/run")
            h = self.exit_hook(s, d, self.stop_cmd)
            if h:  # exit 125 of finish: permanent failure, the documented way to stop restarting
                script(d + "/finish", ["#!/bin/sh", "code=$1; sig=$2; stopcode=125; cd %s" % q(d)] + h)
                open(d + "/timeout-finish", "w").write("%d\n" % (6000 + 1000 * s.policy.get("backoff_s", 0)))
            if s.policy.get("logger"):
                os.makedirs(d + "/log")
                script(d + "/log/run", ["#!/bin/sh", "exec s6-log -b n4 s100000000 %s/logs" % q(d)])
        self.note_cannot(
            specs,
            (
                "prestart",
                "kill_group",
                "on_exit",
                "on_crash_count",
                "giveup",
                "notify",
                "backoff_s",
                "done_file",
                "logger",
            ),
        )

    def launch(self):
        self.p = self.cell.popen(["s6-svscan", "-c", "1100", self.sv])
