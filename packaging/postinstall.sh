#!/bin/sh
# Makes the user and tells systemd of the units; nothing is started.
set -e
if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers healer-sidecar.conf
elif ! getent passwd healer-sidecar >/dev/null; then
  useradd --system --home-dir /var/lib/healer-sidecar --shell /usr/sbin/nologin healer-sidecar
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
