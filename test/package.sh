#!/bin/sh
# Installs a package into a clean root, uses it there as an operator would, removes it, and
# looks for what it leaves. Needs root, debootstrap and a mirror of Debian.
set -eu
deb=$1
suite=${SUITE:-bookworm}
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
  echo "skip: this needs root and debootstrap to make a clean root"
  exit 0
fi
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -m1 debian/*$ || true)
debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1 || { tail -5 "$root.log"; exit 1; }
failures=0
check() {
  what=$1
  shift
  if "$@" >"$root.out" 2>&1; then echo "ok    $what"; else echo "FAIL  $what: $(tail -3 "$root.out")"; failures=$((failures + 1)); fi
}
inside() { chroot "$root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
files() { (cd "$root" && find etc usr var/lib -path var/lib/dpkg -prune -o -print | sort); }

files >"$root.before"
cp "$deb" "$root/tmp/healer.deb"
check 'installs' inside dpkg -i /tmp/healer.deb
check 'the program runs' inside healer-sidecar version
check 'the user is made' inside getent passwd healer-sidecar
check 'the sample policy is a policy' inside sh -c 'cat /usr/share/doc/healer-sidecar/example.hcl >/tmp/x.hcl && healer-sidecar validate /tmp/x.hcl'
check 'a command is healed' inside sh -c 'cd /tmp && healer-sidecar run --state-dir /tmp/s -- sh -c "test -e once || { touch once; exit 1; }"'
check 'manual pages are there' test -s "$root/usr/share/man/man1/healer-sidecar-run.1"
check 'completions are there' test -s "$root/usr/share/bash-completion/completions/healer-sidecar"
if command -v systemd-analyze >/dev/null; then
  check 'the unit of its own user is tight' systemd-analyze security --offline=true --threshold=25 "$root/usr/lib/systemd/system/healer-sidecar.service"
  check 'the unit of root is tight' systemd-analyze security --offline=true --threshold=50 "$root/usr/lib/systemd/system/healer-sidecar-root.service"
else
  echo 'skip  the units: systemd-analyze is not installed'
fi
check 'the configuration of the operator stays when it is removed' sh -c "echo '# mine' >>$root/etc/healer-sidecar/agents.hcl && chroot $root dpkg -r healer-sidecar && grep -q mine $root/etc/healer-sidecar/agents.hcl"
check 'is purged' inside dpkg -P healer-sidecar
rm -rf "$root/tmp/"*
files >"$root.after"
check 'nothing is left but its user' sh -c "diff $root.before $root.after | grep '^[<>]' | grep -vE 'etc/(passwd|group|shadow|gshadow|subuid|subgid)-?\$|var/lib/systemd' && exit 1 || exit 0"
rm -f "$root".*
echo "$failures failed"
exit "$failures"
