#!/bin/sh
# Stops the sidecar with its agents when the package goes, not when it is replaced.
set -e
case $1 in
  remove | purge | 0)
    if [ -d /run/systemd/system ]; then
      systemctl disable --now healer-sidecar.service healer-sidecar-root.service 2>/dev/null || true
    fi
    ;;
esac
