"""One supervisor with agents of the exact kind, in a cell of its own."""
import os
import random
import shutil

from ..adapters import Spec
from ..core import Cell, hbagent, is_agent, stamps


class Run:
    def __init__(self, adapter, scratch, label, **opts):
        self.root = os.path.join(scratch, "runs", "%s-%s-%d" % (label, adapter.name, random.randrange(10**6)))
        shutil.rmtree(self.root, ignore_errors=True)
        self.cell = Cell(label, self.root)
        self.supervisor = adapter(self.cell, os.path.join(self.root, "s"), **opts)
        self.scratch = scratch
        self.folder = os.path.join(self.root, "a")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.supervisor.stop()
        finally:
            self.cell.kill_all()
            if not os.environ.get("HB_KEEP"):
                shutil.rmtree(self.root, ignore_errors=True)

    def specs(self, n, mode, each_file=False, policy=lambda i: None, stdout="null"):
        """n agents; mode and policy say for each number what it does and how it is looked after."""
        agent = hbagent(self.scratch)
        os.makedirs(self.folder, exist_ok=True)
        made = []
        for i in range(n):
            file = os.path.join(self.folder, "stamps%d" % i if each_file else "stamps")
            argv = [agent, file] + [str(word) for word in mode(i)]
            made.append(Spec("a%d" % i, argv, self.folder, policy(i), stdout))
        return made

    def start(self, specs):
        self.supervisor.configure(specs)
        self.supervisor.launch()

    def processes(self):
        """The processes of the supervisor, and those of the agents."""
        all = self.cell.pids()
        agents = {p for p in all if is_agent(p)}
        return all - agents, agents


def when(path, event, after=0):
    """The times of an event in a file of stamps."""
    return [ns for name, ns, _ in stamps(path) if name == event and ns > after]
