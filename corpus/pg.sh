#!/bin/sh
# Runs a command beside a small PostgreSQL cluster of its own, and ends both. The server
# refuses to run as root.
set -e
bin=$(dirname "$(readlink -f "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb | tail -1)")")
dir=$(mktemp -d)
[ "$(id -u)" != 0 ] || chown postgres "$dir"
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
as "$bin/initdb" -D "$dir/data" -A trust -N -U postgres > /dev/null 2>&1
printf "listen_addresses=''\nunix_socket_directories='%s'\nmax_connections=5\nsuperuser_reserved_connections=0\n" "$dir" >> "$dir/data/postgresql.conf"
as "$bin/pg_ctl" -D "$dir/data" -s -w -l "$dir/log" start > /dev/null 2>&1
rc=0
PGHOST=$dir PGUSER=postgres PATH=$PATH:$bin "$@" || rc=$?
as "$bin/pg_ctl" -D "$dir/data" -s -m immediate stop > /dev/null 2>&1 || true
rm -rf "$dir"
exit $rc
