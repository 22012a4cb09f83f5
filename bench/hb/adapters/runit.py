"""runit."""
import os
import time

from .base import Adapter, NO_PROBE, dpkg, find, q, script


class Runit(Adapter):
    name = "runit"
    why = dict(NO_PROBE)

    @classmethod
    def binary(cls):
        return find("runsvdir", "HB_RUNSVDIR")

    @classmethod
    def version(cls):
        return dpkg("runit")

    def exec_prefix(self, s):
        return "chpst -P " if s.policy.get("kill_group") else ""

    stop_cmd = "sv down ."

    def configure(self, specs):
        self.sv = os.path.join(self.root, "sv")
        for s in specs:
            d = os.path.join(self.sv, s.name)
            os.makedirs(d)
            self.wrap(s, d, force=True)
            os.rename(d + "/run.sh", d + "/run")
            h = self.exit_hook(s, d, self.stop_cmd)
            if h:
                script(d + "/finish", ["#!/bin/sh", "code=$1; sig=$2; stopcode=0; cd %s" % q(d)] + h)
            if s.policy.get("logger"):
                os.makedirs(d + "/log/main")
                script(d + "/log/run", ["#!/bin/sh", "exec svlogd -b 65536 ./main"])
                open(d + "/log/main/config", "w").write("s100000000\nn4\n")
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
        os.utime(self.sv, (time.time() - 60,) * 2)  # runsvdir waits a second if the directory is brand new
        self.p = self.cell.popen(["runsvdir", "-P", self.sv])
