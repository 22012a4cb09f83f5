"""What runit, s6 and daemontools share: a folder for each service with a script run, and perhaps finish and log."""
import os

from .base import NO_PROBE, Adapter, q, script


class ServiceDirs(Adapter):
    why = dict(NO_PROBE)
    # the words that a script finish makes possible; stopped is its exit code for "no further start"
    finishes = ("on_exit", "on_crash_count", "giveup", "notify", "backoff_s", "done_file")
    stop_cmd, stopped = ":", 0

    def configure(self, specs):
        self.sv = os.path.join(self.root, "sv")
        for s in specs:
            d = os.path.join(self.sv, s.name)
            os.makedirs(d)
            self.wrap(s, d, force=True)
            os.rename(d + "/run.sh", d + "/run")
            hook = self.exit_hook(s, d, self.stop_cmd) if self.finishes else []
            if hook:
                head = ["#!/bin/sh", "code=$1; sig=$2; stopcode=%d; cd %s" % (self.stopped, q(d))]
                script(d + "/finish", head + hook)
                self.finishing(s, d)
            if s.policy.get("logger"):
                os.makedirs(d + "/log/main")
                script(d + "/log/run", ["#!/bin/sh", "exec " + self.logger(d)])
        self.note_cannot(specs, ("prestart", "kill_group", "logger") + self.finishes)

    def finishing(self, s, d):
        """what else the script finish needs"""

    def logger(self, d):
        """the command that keeps the log, run in d/log"""
