"""Burns a whole core while it works.

What should happen: the cpu detector raises after two seconds above 80 %, which
is performance_degradation; the sidecar throttles the running agent to half of
what it uses, through its cgroup or, without the right to, by a duty cycle. The
agent goes on working, in the same run.
"""

from work import run_number, work

run = run_number()
n = 0
while True:
    n += 1
    if n % 200_000 == 0:
        print(f"unit {work(0)} done in run {run}", flush=True)
