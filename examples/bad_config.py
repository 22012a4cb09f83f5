"""Has a key in its config that it does not know.

What should happen: the failure is diagnosed as configuration_error. No restart
can mend it, so none is spent: people are notified and the agent is held until one of
them releases it.
"""

import json
import pathlib
import sys

from work import run_number, work

run = run_number()
config = json.loads(pathlib.Path("bad_config.json").read_text())
for key in config:
    if key not in ("model", "temperature"):
        print(f"ConfigError: unknown key '{key}' in bad_config.json", file=sys.stderr, flush=True)
        sys.exit(2)
while True:
    print(f"unit {work()} done in run {run}", flush=True)
