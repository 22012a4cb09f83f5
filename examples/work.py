"""Shared by the example agents: a unit of useful work, counted in a file."""

import pathlib
import time

COUNTER = pathlib.Path("work.txt")
RUNS = pathlib.Path("runs.txt")


def work(seconds=0.02):
    """Do one unit of work and count it."""
    time.sleep(seconds)
    done = int(COUNTER.read_text() or 0) + 1 if COUNTER.exists() else 1
    COUNTER.write_text(str(done))
    return done


def run_number():
    """Say the how-manieth run of this agent this is, from 1."""
    n = int(RUNS.read_text()) + 1 if RUNS.exists() else 1
    RUNS.write_text(str(n))
    return n
