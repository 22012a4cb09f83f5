"""The peers, one module each. A module turns the words of a policy (README.md) into the best
configuration that its supervisor really offers, and says what it has no means for."""
import importlib.util
import os

from .base import Adapter, Spec, cmd, dpkg, find, q, script, ver
from .shloop import ShLoop
from .runit import Runit
from .s6 import S6
from .daemontools import Daemontools
from .supervisord import Supervisord
from .monit import Monit
from .pm2 import Pm2
from .process_compose import ProcessCompose
from .immortal import Immortal
from .pebble import Pebble

__all__ = ["Adapter", "Spec", "cmd", "dpkg", "find", "q", "script", "ver", "chosen"]

ALL = [ShLoop, Runit, S6, Daemontools, Supervisord, Monit, Pm2, ProcessCompose, Immortal, Pebble]


def load_extra():
    """HB_ADAPTERS=path/to/file.py[:file.py]: each file may define a list ADAPTERS of further Adapter classes"""
    for i, f in enumerate(x for x in os.environ.get("HB_ADAPTERS", "").split(":") if x):
        sp = importlib.util.spec_from_file_location("hbextra%d" % i, f)
        m = importlib.util.module_from_spec(sp)
        sp.loader.exec_module(m)
        ALL.extend(m.ADAPTERS)


def chosen(names=None):
    load_extra()
    return [a for a in ALL if (not names or a.name in names) and a.binary()]
