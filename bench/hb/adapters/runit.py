"""runit."""
import os
import time

from .base import dpkg, find
from .servicedir import ServiceDirs


class Runit(ServiceDirs):
    name = "runit"
    stop_cmd = "sv down ."

    @classmethod
    def binary(cls):
        return find("runsvdir", "HB_RUNSVDIR")

    @classmethod
    def version(cls):
        return dpkg("runit")

    def exec_prefix(self, s):
        return "chpst -P " if s.policy.get("kill_group") else ""

    def logger(self, d):
        with open(d + "/log/main/config", "w") as f:
            f.write("s100000000\nn4\n")
        return "svlogd -b 65536 ./main"

    def launch(self):
        os.utime(self.sv, (time.time() - 60,) * 2)  # runsvdir waits a second if the directory is brand new
        self.p = self.cell.popen(["runsvdir", "-P", self.sv])
