"""Fills its small scratch disk with cache files and dies of ENOSPC.

What should happen: "No space left on device" with exit 1 is diagnosed as
resource_exhaustion; a running process to throttle is not there, so the sidecar
restarts it, and the next run finds an empty scratch disk.

The policy starts it in a mount namespace of its own, where the scratch
directory is a tmpfs of one megabyte.
"""

import pathlib

from work import run_number, work

run = run_number()
scratch = pathlib.Path("scratch")
for n in range(1_000_000):
    done = work()
    if run == 1:
        (scratch / f"cache-{n}").write_bytes(b"x" * 200_000)
    print(f"unit {done} done in run {run}", flush=True)
