"""daemontools."""
from .base import dpkg, find
from .servicedir import ServiceDirs


class Daemontools(ServiceDirs):
    name = "daemontools"
    finishes = ()  # it has no hook after an exit

    @classmethod
    def binary(cls):
        return find("svscan", "HB_SVSCAN")

    @classmethod
    def version(cls):
        return dpkg("daemontools")

    def exec_prefix(self, s):
        return "pgrphack " if s.policy.get("kill_group") else ""

    def logger(self, d):
        return "multilog s100000000 n4 ./main"

    def launch(self):
        self.p = self.cell.popen(["svscan", self.sv], cwd=self.sv)
