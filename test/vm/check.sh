#!/bin/bash
# Runs inside a guest with systemd and cgroup v2, as root, in the folder that holds the
# binary and the units. Prints one line for each check; the exit code counts failures.
set -u
cd "$(dirname "$0")" || exit 1
failures=0
check() { # check NAME COMMAND...
  local name=$1
  shift
  if "$@" >/tmp/out 2>&1; then echo "pass  $name"; else
    echo "FAIL  $name: $(tail -n 3 /tmp/out | tr '\n' ' ')"
    failures=$((failures + 1))
  fi
}
soon() { # soon COMMAND...: holds within 10 seconds or so
  for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  return 1
}
unit=healer-sidecar-root
state=/var/lib/healer-sidecar
hs() { "$@" --state-dir $state; }
agent_pid() { healer-sidecar status --json --state-dir $state | sed -n 's/.*"pid": \([0-9]*\),$/\1/p' | sed -n 2p; }
main_pid() { systemctl show $unit -P MainPID; }

install -m 755 healer-sidecar /usr/bin/healer-sidecar
install -m 644 *.service /etc/systemd/system/
mkdir -p /etc/healer-sidecar
cat >/etc/healer-sidecar/agents.hcl <<'P'
agent "worker" {
  command = ["sh", "-c", "env > /run/worker.env; ls -l /proc/self/fd > /run/worker.fds; while :; do sleep 0.1; done"]
  limits {
    memory = "64MiB"
    cpu    = "50%"
    pids   = 50
  }
  heal {
    verify_for = "1s"
  }
}
P
# The worker writes below /run, which a strict file system forbids.
mkdir -p /etc/systemd/system/$unit.service.d
printf '[Service]\nReadWritePaths=/run\n' >/etc/systemd/system/$unit.service.d/paths.conf
systemctl daemon-reload

check 'unit files verify' systemd-analyze verify /etc/systemd/system/healer-sidecar.service /etc/systemd/system/$unit.service
check 'start waits for READY' systemctl start $unit
check 'active' systemctl is-active $unit
check 'the agent runs' soon sh -c "hs() { \"\$@\" --state-dir $state; }; hs healer-sidecar status | grep -q 'worker *healthy'"
check 'entries in the journal have their priority, and one time' soon sh -c "journalctl -u $unit -o json --no-pager | grep '\[INFO\]  healer-sidecar: started' | grep '\"MESSAGE\":\"\[INFO' | grep -q '\"PRIORITY\":\"6\"'"
check 'status line' soon sh -c "systemctl show $unit -P StatusText | grep -q '1 of 1 agents healthy'"
check 'limits are in force (v2)' sh -c "healer-sidecar status --state-dir $state | grep -q 'cgroup v2: cpu 50 %, memory 64 MiB, pids 50'"
check 'nothing of ours is inherited' sh -c "! grep -E '^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_|INVOCATION_ID)' /run/worker.env | grep -v '^NOTIFY_SOCKET=$state/agents/'"
check 'the sidecar moved into its leaf' sh -c "grep -q '/supervisor$' /proc/$(main_pid)/cgroup"

before=$(agent_pid) old=$(main_pid)
systemctl kill -s KILL --kill-who=main $unit
check 'restarted after KILL of the main process' soon sh -c "p=\$(systemctl show $unit -P MainPID); test \$p != 0 && test \$p != $old && systemctl -q is-active $unit"
check 'the agent was adopted' soon sh -c "healer-sidecar events --state-dir $state --kind agent_adopted | grep -q adopted"
check 'its limits are in force again' soon sh -c "healer-sidecar status --state-dir $state | grep -q 'cgroup v2: cpu 50 %, memory 64 MiB, pids 50'"
check 'with the same pid' test "$before" = "$(agent_pid)"

before=$(agent_pid) old=$(main_pid)
check 'upgrade keeps both pids' sh -c "healer-sidecar upgrade --state-dir $state && sleep 2"
check '... of the sidecar' test "$old" = "$(main_pid)"
check '... and of the agent' test "$before" = "$(agent_pid)"
check 'still active after the upgrade' systemctl is-active $unit

old=$(main_pid)
mkdir -p /etc/systemd/system/$unit.service.d
printf '[Service]\nWatchdogSec=3\n' >/etc/systemd/system/$unit.service.d/watchdog.conf
systemctl daemon-reload
systemctl restart $unit
old=$(main_pid)
kill -STOP "$old"
check 'the watchdog ends a sidecar that hangs' soon sh -c "p=\$(systemctl show $unit -P MainPID); test \$p != 0 && test \$p != $old"
check 'and the agent lives on' soon sh -c "healer-sidecar status --state-dir $state | grep -q 'worker *healthy'"

# A fork that its cgroup refuses is told at once, not at the next sample.
cat >/etc/healer-sidecar/forks.hcl <<'P'
agent "forks" {
  command = ["sh", "-c", "sleep 3; date +%s%N >/run/forked; for i in 1 2 3 4 5 6 7 8 9; do sleep 9 & done; sleep 60"]
  limits {
    pids = 5
  }
  detect "limit_hits" {}
  heal {
    shadow = true
  }
}
P
systemctl reload $unit
refused() { healer-sidecar events --json --state-dir $state --agent forks --kind signal | grep -q limit_hits; }
check 'a refused fork is seen' soon refused
at=$(healer-sidecar events --json --state-dir $state --agent forks --kind signal | grep limit_hits | head -1 | sed 's/.*"wall":"\([^"]*\)".*/\1/')
late=$((($(date -d "$at" +%s%N) - $(cat /run/forked)) / 1000000))
echo "figure  signalled $late ms after the forks began (wanted 100 on an idle machine)"
rm /etc/healer-sidecar/forks.hcl
systemctl reload $unit

# A reload touches only what it concerns; a wrong policy touches nothing.
before=$(agent_pid)
cat >>/etc/healer-sidecar/agents.hcl <<'P'
agent "crasher" {
  command = ["sh", "-c", "exit 1"]
  heal {
    budget {
      attempts = 100
    }
    backoff {
      base   = "20s"
      factor = 1
      max    = "20s"
    }
  }
}
P
check 'reload' systemctl reload $unit
check 'a new agent is begun' soon sh -c "healer-sidecar status --state-dir $state | grep -q crasher"
check 'the other one is untouched' test "$before" = "$(agent_pid)"
echo 'agent {' >/etc/healer-sidecar/wrong.hcl
check 'a wrong policy is refused' sh -c "! systemctl reload $unit"
check 'and shown' sh -c "healer-sidecar status --state-dir $state | grep -q 'POLICY: the file is not in force'"
rm /etc/healer-sidecar/wrong.hcl
check 'still active' systemctl is-active $unit

# The wall clock is moved, and moved back after five seconds; intervals do not care.
step() { date -s "@$1" >/dev/null; sleep 5; date -s "@$(($(date +%s) + $2))" >/dev/null; sleep 4; }
steps() { healer-sidecar events --state-dir $state --kind note | grep -c clock_stepped; }
already=$(steps)
mono=$(cut -d. -f1 /proc/uptime)
now=$(date +%s); step $((now + 7200)) -7200
now=$(date +%s); step $((now - 7200)) 7200
now=$(date +%s); step 86400 $((now - 86400))
now=$(date +%s); step 2177452800 $((now - 2177452800))
sleep 5
stepped() { echo "$already, then $(steps)"; healer-sidecar events --state-dir $state --kind note | tail -n 2; test "$(($(steps) - already))" = 8; }
check 'clock steps: one note for each' stepped
check 'clock steps: the worker is untouched' test "$before" = "$(agent_pid)"
spaced() { # the starts of the crasher lie 20 s apart on the monotonic clock
  healer-sidecar events --json --state-dir $state --agent crasher --kind agent_started |
    sed -n 's/.*"mono":\([0-9]*\)[,}].*/\1/p' | awk -v since="$mono" '
      { t = $1 / 1e9 } last && t > since { n++; d = t - last; if (d < 17.9 || d > 22.5) bad = bad " " d } { last = t }
      END { if (bad || !n) { print "spaced " bad; exit 1 } }'
}
check 'clock steps: back-off keeps its time' spaced

cat >/etc/healer-sidecar/agents.hcl <<'P'
agent "worker" {
  command = ["sh", "-c", "while :; do sleep 0.1; done"]
}
agent "hog" {
  command = ["sh", "-c", "test -e /run/hogged && exec sleep 1000; touch /run/hogged; head -c 300M /dev/zero | tail"]
  limits {
    memory = "48MiB"
  }
}
P
check 'restart with another policy' systemctl restart $unit
check 'a real OOM kill is proven' soon sh -c "healer-sidecar events --state-dir $state --agent hog --kind agent_exited | grep -q 'OOM kill'"
check 'and healed' soon sh -c "healer-sidecar status --state-dir $state | grep hog | grep -q running"
check 'the unit goes on' systemctl is-active $unit

# What a remedy holds is measured, not believed: a disk's rate, and a violation that is
# frozen and cut off.
cat >/etc/healer-sidecar/agents.hcl <<'P'
agent "writer" {
  command = ["sh", "-c", "while test ! -e /run/write; do sleep 0.1; done; rm /run/write; dd if=/dev/zero of=/var/tmp/written bs=1M count=8 oflag=direct 2>/run/wrote.new; mv /run/wrote.new /run/wrote; exec sleep 2000"]
  limits {
    io = "2MiB"
  }
}
agent "guarded" {
  command = ["bash", "-c", "while :; do if exec 3<>/dev/tcp/127.0.0.1/22222; then echo 1 >/run/connected; exec 3<&-; fi 2>/dev/null; if test -e /run/violate; then rm /run/violate; date +%s%N >/run/violated; echo GUARDRAIL VIOLATION; fi; sleep 0.1; done"]
  isolate {
    network = true
  }
  detect "log" "stdout" {
    rule "guardrail" {
      match = "GUARDRAIL VIOLATION"
      type  = "safety_violation"
    }
  }
}
metrics {
  listen = "127.0.0.1:22222"
}
P
check 'restart with what is measured' systemctl restart $unit
check 'that it could not cut is told at once' soon sh -c "healer-sidecar events --state-dir $state --agent guarded | grep -q CAP_NET_ADMIN"
printf '[Service]\nCapabilityBoundingSet=CAP_NET_ADMIN\n' >/etc/systemd/system/$unit.service.d/cut.conf
systemctl daemon-reload
check 'restart with the right to cut' systemctl restart $unit
check 'the disk limit is in force (v2)' soon sh -c "healer-sidecar status --state-dir $state | grep -q 'io 2.0 MiB/s'"
touch /run/write
check 'the writer has written' soon test -s /run/wrote
echo "figure  8 MiB at 2 MiB a second: $(tail -n 1 /run/wrote)"
check 'and was held to its rate' sh -c "tail -n 1 /run/wrote | awk '{ for (i = 1; i < NF; i++) if (\$(i + 1) ~ /^s,/) exit !(\$i > 3) }'"
check 'the guarded one has a network' soon test -s /run/connected
touch /run/violate
held() { healer-sidecar events --json --state-dir $state --agent guarded --kind attempt_finished | grep -q frozen; }
check 'a violation is isolated' soon held
at=$(healer-sidecar events --json --state-dir $state --agent guarded --kind attempt_finished | grep frozen | head -1 | sed 's/.*"wall":"\([^"]*\)".*/\1/')
echo "figure  isolated and reported $((($(date -d "$at" +%s%N) - $(cat /run/violated)) / 1000000)) ms after the line (wanted 250 on an idle machine)"
healer-sidecar status --state-dir $state | grep guarded
check 'frozen and cut off' sh -c "healer-sidecar status --state-dir $state | grep guarded | grep -q 'frozen.*cut off the network by'"

check 'stop' systemctl stop $unit
check 'nothing is left' sh -c "! pgrep -f '[s]leep 1000|[s]leep 0.1'"
check 'no failure' sh -c "test \$(systemctl show $unit -P Result) = success"
systemd-analyze security --offline=true /etc/systemd/system/healer-sidecar.service 2>/dev/null | tail -n 1
systemd-analyze security --offline=true /etc/systemd/system/$unit.service 2>/dev/null | tail -n 1
[ "$failures" = 0 ] || journalctl -u $unit --no-pager -n 25
echo "$failures failed"
exit "$failures"
