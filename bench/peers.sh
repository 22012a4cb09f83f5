#!/bin/sh
# peers.sh SCRATCH REPORT: installs the peers, runs the scenarios and the basic measures for
# all of them, and writes the comparison. It takes about 80 minutes of an idle machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$1 report=$2
export HB_HEALER=${HB_HEALER:-$here/../bin/healer-sidecar} HB_ADAPTERS=$here/healer_adapter.py

sh "$here/install_peers.sh" "$scratch/peers"
. "$scratch/peers/env"
results=$scratch/results
measure() {
	python3 "$here/measure.py" "$scratch" "$@" --peers "$peers" --results "$results"
}
peers=$(python3 "$here/measure.py" "$scratch" versions --results "$results" | awk '$3 != "healer_untold" { printf "%s%s", comma, $3; comma = "," }')

measure latency --reps 20 --rounds 2
measure crash
measure scale --n 1,100,500 --idle 15
measure logpath --rounds 2
measure logref
measure detect --kinds log-stdout,log-file,memory,heartbeat-file,http-probe
# A peer that fails a scenario is a result; so the scenarios come last and end nothing.
python3 "$here/healbench.py" "$scratch" --lanes "${LANES:-10}" --results "$results" || true
python3 "$here/report.py" "$results" >"$report"
