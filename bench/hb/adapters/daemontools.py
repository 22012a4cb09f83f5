"""daemontools."""
import os

from .base import Adapter, NO_PROBE, dpkg, find, script


class Daemontools(Adapter):
    name = "daemontools"
    why = dict(NO_PROBE)

    @classmethod
    def binary(cls):
        return find("svscan", "HB_SVSCAN")

    @classmethod
    def version(cls):
        return dpkg("daemontools")

    def exec_prefix(self, s):
        return "pgrphack " if s.policy.get("kill_group") else ""

    def configure(self, specs):
        self.sv = os.path.join(self.root, "sv")
        for s in specs:
            d = os.path.join(self.sv, s.name)
            os.makedirs(d)
            self.wrap(s, d, force=True)
            os.rename(d + "/run.sh", d + "/run")
            if s.policy.get("logger"):
                os.makedirs(d + "/log/main")
                script(d + "/log/run", ["#!/bin/sh", "exec multilog s100000000 n4 ./main"])
        self.note_cannot(specs, ("prestart", "kill_group", "logger"))

    def launch(self):
        self.p = self.cell.popen(["svscan", self.sv], cwd=self.sv)
