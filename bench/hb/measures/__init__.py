"""The basic measures, one module each: what a supervisor costs, and how fast it is."""
from .cost import scale
from .detection import detect
from .logpath import logpath, logref
from .restart import crash_pattern, restart_latency

__all__ = ["crash_pattern", "detect", "logpath", "logref", "restart_latency", "scale"]
