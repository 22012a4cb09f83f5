#!/bin/sh
# Runs an agent that crashes twice under the sidecar, and lets the sidecar explain
# what it did. Everything happens in a temporary folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$here/.." && pwd)/bin/healer-sidecar
dir=$(mktemp -d)
cp "$here"/*.py "$here"/*.hcl "$dir"
mkfifo "$dir/log"
"$bin" run --config "$dir/crashes_then_works.hcl" --state-dir "$dir/state" 2>"$dir/log" &
sidecar=$!
trap 'kill -INT $sidecar 2>/dev/null || true; wait $sidecar 2>/dev/null || true; rm -rf "$dir"' EXIT
while read -r line; do
  printf '%s\n' "$line"
  case $line in *"incident closed"*) break ;; esac
done <"$dir/log"
cat "$dir/log" >/dev/null &
printf '\n--- healer-sidecar status\n'
"$bin" status --state-dir "$dir/state"
printf '\n--- healer-sidecar explain\n'
"$bin" explain --state-dir "$dir/state"
printf '\n--- healer-sidecar stats\n'
"$bin" stats --state-dir "$dir/state"
