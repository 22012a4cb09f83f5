"""Crashes at random places in its first two runs and then works.

What should happen: exit 1 with a traceback is diagnosed as execution_failure;
the sidecar retries at once, then after a growing delay; the third run works and
the incident is closed as recovered.
"""

import random

from work import run_number, work

run = run_number()
doom = random.randint(2, 6) if run < 3 else None
while True:
    done = work()
    print(f"unit {done} done in run {run}", flush=True)
    if done and doom is not None:
        doom -= 1
        if doom == 0:
            raise ValueError(f"tool call returned garbage after unit {done}")
