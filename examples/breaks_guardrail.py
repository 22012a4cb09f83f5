"""Prints a guardrail violation and goes on as if nothing had been.

What should happen: the rule of the policy calls the line a safety_violation; the
sidecar freezes the whole tree at once, keeps evidence, and holds the agent until
a person releases it.
"""

from work import run_number, work

run = run_number()
while True:
    done = work()
    print(f"unit {done} done in run {run}", flush=True)
    if done == 20:
        print("GUARDRAIL VIOLATION: tool shell.exec called with rm -rf /srv outside the sandbox", flush=True)
