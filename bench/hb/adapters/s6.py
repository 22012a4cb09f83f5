"""s6."""
from .base import dpkg, find
from .servicedir import ServiceDirs


class S6(ServiceDirs):
    name = "s6"
    stopped = 125  # permanent failure, the documented way to stop restarting

    @classmethod
    def binary(cls):
        return find("s6-svscan", "HB_S6_SVSCAN")

    @classmethod
    def version(cls):
        return dpkg("s6")

    def finishing(self, s, d):
        with open(d + "/timeout-finish", "w") as f:
            f.write("%d\n" % (6000 + 1000 * s.policy.get("backoff_s", 0)))

    def logger(self, d):
        return "s6-log -b n4 s100000000 %s/logs" % d

    def launch(self):
        self.p = self.cell.popen(["s6-svscan", "-c", "1100", self.sv])
