#!/bin/sh
# What was learned stays until the package is purged.
set -e
case $1 in
  purge) rm -rf /var/lib/healer-sidecar ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
