"""Leaks memory until the kernel kills it at its limit.

What should happen: the kill is proven to be an OOM kill of the agent's own
cgroup and diagnosed as resource_exhaustion; the sidecar restarts it. The second
run leaks no more.
"""

from work import run_number, work

run = run_number()
hoard = []
while True:
    done = work()
    if run == 1:
        hoard.append(bytearray(8 << 20))
    print(f"unit {done} done in run {run}", flush=True)
