# Every block and every kind that a policy may hold, with what happens without it.
# Durations, sizes and shares are strings with a unit: "30s", "512MiB", "80%".

# Where the sidecar keeps its journal and what it learned; relative to this file.
# Default: a directory chosen by the path of the policy, below /var/lib for root and
# below ~/.local/state for others.
state_dir = "state"

# What holds for every agent that says nothing else. Attributes and blocks of an agent replace
# those with the same name; what stays unsaid comes from here.
defaults {
  stop {
    grace = "10s"
  }
}

agent "researcher" {
  # With count = 3 there are researcher-1 to researcher-3, and expressions know ${instance},
  # the number, and ${agent}, the name. Default: one agent, with the name as it is.
  # count = 3
  # An argument list, never a shell line.
  command = ["sh", "-c", "while :; do echo step done; sleep 1; done"]
  # Working directory; relative to this file. Default: the sidecar's own.
  dir = "."
  # Added to the sidecar's environment, which is handed on without what belongs to
  # the sidecar alone. The agent also gets HEALER_AGENT, HEALER_RUN_ID and
  # HEALER_RUN_DIR, a folder that every run finds empty.
  env = { MODEL = "large" }
  # true: it gets a terminal of 24 lines and 80 columns, and both of its streams go to
  # stdout.log; healer-sidecar send and attach-tty type there. Default: false, two files.
  tty = false
  # It is not drilled (healer-sidecar drill) without a flag. Default: false.
  production = true
  # A critical agent's failures weigh 1.5 times as much. Default: false.
  critical = false
  # Agents of one class learn together what helps. Default: the agent's own name.
  class = "researchers"
  # false: what it does must not be done twice, so it is never just run again.
  repeatable = true
  # How many depend on it that are not in this file. A critical agent with more than three
  # healthy dependents is not taken away to be healed.
  dependents = 0
  # Variables from files of lines NAME=VALUE, read at each start; env goes over them.
  env_file = ".env"
  # Files that hold what it proves its rights with. One that fails for want of rights is not
  # run again and again: people are notified once, and it goes on when one of these changes.
  credentials = ["token"]
  # "keep": it goes on when the sidecar is told to end by SIGTERM, and the next
  # sidecar takes it over; "stop": it ends with the sidecar. Ctrl-C ends both.
  # Default: "keep" for a sidecar that systemd started, else "stop".
  on_sidecar_exit = "keep"

  # Good generations of these paths are kept after a healthy time, and put back by rollback:
  # by staging and exchange, with the agent stopped. What was there is kept beside it, as
  # .healer-bad-NAME. Files of other owners, sockets and the like are left out and listed.
  # Default: 5 generations of at most 1GiB and 100000 files, after verify_for, each minute.
  snapshot "state" {
    paths     = ["state"]
    keep      = 5
    max_size  = "256MiB"
    max_files = 10000
    after     = "30s"
    every     = "1m"
  }
  # Steps down for degrade_gracefully, mildest first; each adds to those before it. The agent
  # finds its mode in HEALER_MODE and in the file HEALER_MODE_FILE; with signal a running one
  # is told, else it is restarted.
  degrade "basic" {
    env    = { FEATURES = "core" }
    signal = "SIGUSR1"
  }
  degrade "least" {
    args = ["--read-only"]
    limits {
      memory = "1GiB"
    }
  }
  # Input for a living agent, instead of a new start: keys (with tty = true), signal, command or url, by the situation
  # that detect "session" sees. It counts as a retry, is verified, and is never used for a line of output alone.
  nudge "go-on" {
    on      = ["turn_stalled", "asleep"]
    # keys = "\r" types a line at the agent's terminal instead, where it has one
    signal  = "SIGUSR2"
    timeout = "10s"
  }
  nudge "compact" {
    on      = ["context_full"]
    command = ["./compact.sh"]
  }
  # A profile that fits a known program: healer-sidecar init --list shows them. What this block says itself comes first.
  profile = "node"
  # How the agent goes on where it was: args that are added, a whole command, or env. Remedies that start it again use
  # it. When resuming fails twice in the same way, or the session cannot be resumed, the next run begins a new
  # session; the old one is kept.
  resume {
    args = ["--continue"]
  }
  # Another way for alternative_path: env, args or a whole command. The way back is taken
  # after ease_after, when the dependency primary answers.
  # What it may spend, in money and tokens: in a sliding hour, a sliding day, and one run. The sums
  # hold over restarts of the agent and the sidecar.
  spend {
    per_hour = "$5"
    per_day  = "$40, 20M tokens"
    per_run  = "2000000 tokens"
    # People are notified from here on, and when the rate says that it will be used up soon.
    warn_at = "80%"
    # "pause" freezes it, "hold" stops it, "degrade" puts the next cheaper way in force that is declared,
    # and freezes it when that is not enough. It goes on when the window has passed, or when a person
    # releases it.
    on_exhausted = "degrade"
    alternative  = "small-model"
    # Which sources count, all of them. Default: the first that tells of a run.
    sources = ["telemetry", "reports"]
  }

  alternative "small-model" {
    env     = { MODEL = "small" }
    primary = "postgres"
  }
  # Numbers that reconfigure scales by throttle, down to min: a variable of that name, an
  # argument, or a file. A signal, a command or a url puts it in force in a running agent;
  # the url takes {"name": ..., "value": ...} by PUT, and is asked by GET what is in force.
  tunable "MAX_CONCURRENCY" {
    value = 8
    min   = 1
  }
  tunable "rate" {
    value   = 100
    min     = 10
    file    = "rate"
    command = ["sh", "-c", "test $HEALER_VALUE -gt 0"]
    timeout = "10s"
  }
  tunable "depth" {
    value = 32
    url   = "http://127.0.0.1:8080/depth"
  }
  tunable "batch" {
    value    = 64
    argument = "--batch"
    signal   = "SIGHUP"
  }
  # What compensate undoes of a dead run before it runs the agent again; each may be done any
  # number of times. Exactly one of command, lock (removed when the process whose number it
  # holds is gone), aside, port (waited for until it is free) and input: the item of that
  # folder that was named last before so many deaths of one failure is moved away.
  compensate "half-written" {
    command = ["sh", "-c", "rm -f *.part"]
    timeout = "5s"
    types   = ["execution_failure", "unknown"]
  }
  compensate "stale-lock" {
    lock = "agent.lock"
  }
  compensate "cache" {
    aside = "cache"
    to    = "bad"
  }
  compensate "port" {
    port = "127.0.0.1:8099"
  }
  compensate "poison" {
    input  = "inbox"
    to     = "quarantine"
    deaths = 3
  }
  # Commands at pre_start, post_start, pre_stop and post_stop of what people and remedies do.
  # HEALER_REASON, HEALER_STRATEGY, HEALER_INCIDENT, HEALER_COUNT, HEALER_TYPE, HEALER_FINGERPRINT,
  # HEALER_EXIT_CODE and HEALER_EXIT_SIGNAL say what it is about. Nothing waits for post_start;
  # what comes after the others does, for their timeout at most. One that hangs is ended
  # with its children, and holds nothing up.
  hook "pre_start" {
    command = ["sh", "-c", "true"]
    timeout = "5s"
  }

  # It is asked by this signal for a point at which it may be interrupted (docs/reports.md)
  # before something is done that could wait: what is foretold, or the way back from a
  # measure. Without an answer in time it is done. Default: SIGUSR1 and 30s; without the
  # block it is not asked.
  safe_point {
    signal = "SIGUSR1"
    within = "30s"
  }

  # How it is held when it has done what it must not: frozen, or with by = "kill" ended at
  # once. With network it is cut off the network as well, by nftables on its cgroup, which
  # takes root. With namespace it is started in the network namespace that ip netns add has
  # made for it alone, and is cut off in there. The command of stack prints the
  # stack of a process for the evidence.
  # Default: "freeze", with the network and without a stack.
  isolate {
    by      = "freeze"
    network = true
    # namespace = "researcher"
    stack   = ["cat", "/proc/{pid}/stack"]
    timeout = "5s"
  }

  # How to end it: the signal goes to the whole tree, KILL follows after the grace.
  # With drain its first process alone is asked before, by that signal, to bring its work to
  # an end, and has so long to end by itself. Default: SIGTERM and 10s, no drain.
  stop {
    signal    = "SIGTERM"
    grace     = "10s"
    drain     = "SIGUSR2"
    drain_for = "30s"
  }

  # Limits from the start, by cgroup where the host allows. Default: none.
  # For cpu, 100 % is one core; io is what each disk reads and writes in a second.
  limits {
    memory = "2GiB"
    cpu    = "150%"
    pids   = 512
    io     = "200MiB"
  }

  # How much of its output stays on the disk, for each of its two streams: the last
  # size bytes at least, and older output in archives of that size. What an agent
  # writes faster than it can be filed away is dropped from the oldest on, and counted.
  # Default: 8MiB, 3 archives without a limit of age, packed with gzip.
  output {
    size     = "8MiB"
    keep     = 3
    max_age  = "7d"
    compress = true
    # Lines that begin with "@healer " and the value of HEALER_RUN_ID are reports of the agent.
    reports  = true
  }

  # The way it ends is always watched.
  detect "exit" {
    # Codes of an end that is no failure. Default: [0].
    success_codes = [0, 3]
    # Codes by which it asks to be run again: no failure, no budget. It can also
    # leave a file named restart in its HEALER_RUN_DIR.
    restart_codes = [42]
    # What a code or a signal means, whatever the output says.
    map = { "75" = "dependency_failure", "SIGABRT" = "execution_failure" }
    # "unfinished": it should never end by itself. Default: "finished".
    clean_exit = "finished"
    # A clean end means finished only when this file exists.
    done_file = "report.json"
  }

  # stdout and stderr are always read, with the built-in rules. A rule of yours comes
  # first and may trigger any remedy; without one, output alone never touches a
  # running agent.
  detect "log" "stdout" {
    rule "guardrail" {
      match = "GUARDRAIL VIOLATION"
      not   = "self-test"
      type  = "safety_violation"
    }
  }
  # A file that the agent writes; it may be rotated by rename, truncation or deletion.
  detect "log" "app" {
    path = "app.log"
    rule "quota" {
      match = "insufficient_quota"
      type  = "resource_exhaustion"
    }
  }

  # Readings are sums over the whole tree, one a second. They raise when they stay
  # above the limit for the time, and clear a tenth below it. With limits.memory the
  # memory is watched at 90 % of it by default.
  detect "memory" {
    above = "1.5GiB"
    for   = "10s"
  }
  detect "cpu" {
    above = "140%"
    for   = "1m"
  }
  detect "fds" {
    above = 900
  }
  detect "threads" {
    above = 400
  }
  detect "processes" {
    above = 60
  }
  # Ended children that the agent does not wait for. Without the block a quarter of the
  # processes that it may have, and at most 1000, are too many.
  detect "zombies" {
    above = 40
    for   = "1m"
  }
  # Memory with its share of what several processes have in common; takes longer to read.
  detect "pss" {
    above = "1.2GiB"
    for   = "30s"
  }
  detect "connections" {
    above = 200
    for   = "10s"
  }
  detect "disk" {
    path  = "."
    above = "95%"
  }
  detect "inodes" {
    path  = "."
    above = "95%"
  }
  # Forks and memory that a limit of its own cgroup refused. With limits.memory or
  # limits.pids this is watched without the block.
  detect "limit_hits" {}
  # Processes that a signal or a debugger holds, and questions that nobody answers. Both are
  # watched without the blocks.
  detect "stopped" {}
  detect "input" {}
  # Any number that a command prints, as of the memory of a GPU.
  detect "reading" "gpu" {
    command = ["sh", "-c", "nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits"]
    above   = 70000
    for     = "30s"
    every   = "10s"
  }
  # How long processes of this host waited for memory, cpu or io within a window: some of
  # them, or with full all. The kernel says so at once where it lets us ask.
  detect "pressure" "memory" {
    some   = "300ms"
    window = "1s"
  }
  detect "pressure" "io" {
    full   = "800ms"
    window = "2s"
  }

  # Several readings together, in so many of the last looks, one a second: memory, pss, cpu,
  # fds, threads, processes, connections, quiet (since the last output), uptime, and the pressure on
  # the host, psi_cpu, psi_memory and psi_io. and binds tighter than or.
  detect "condition" "pressed" {
    when     = "memory > 1.5GiB and psi_memory > 20% or fds > 900 and threads > 300"
    failures = 3
    of       = 5
    type     = "resource_exhaustion"
  }

  # Something runs out: foretold in the status and the journal. Whether anything is done
  # before it has happened is for the prevent block to say.
  detect "leak" {
    resource = "memory"
    # Default for memory: limits.memory, and then it is foretold without this block.
    # path is that of a disk.
    limit = "2GiB"
  }

  # It must tell that it is alive: WATCHDOG=1 to NOTIFY_SOCKET, "heartbeat" or
  # "progress" to HEALER_SOCKET, or touching a file. With progress only a counter that
  # grows counts. The first one may take longer. A lease of the agent holds it back.
  detect "heartbeat" {
    missing_for = "45s"
    startup     = "2m"
    progress    = true
  }
  detect "heartbeat" "file" {
    missing_for = "2m"
    file        = "alive"
  }
  # No output, while nothing is computed, read or written and no tool is waited for.
  detect "silence" {
    for = "5m"
  }
  # Nothing is done at all, and another sign agrees: output that was steady before, a
  # heartbeat, or that all of it is in uninterruptible sleep.
  detect "hang" {
    for = "1m"
  }
  # A core is burnt without output, input or progress.
  detect "spin" {
    for = "1m"
  }
  # Lines that tell of its steps, and lead nowhere. Default: words like step, tool, call.
  detect "no_progress" {
    match = "^(step|tool):"
  }
  # Transcripts that the agent writes about its own turns: turn_stalled, tool_loop, limited, credentials_refused,
  # context_full, refusal, waiting_for_person, turn_failed, cannot_resume, unfinished, asleep. The runtime is told by the
  # command where it can be; known are claude-code, codex, gemini, openclaw and jsonl. The attributes home_env,
  # home, files, time and folder, and record blocks, correct what is built in, or describe another runtime. A
  # stage takes too long after its timeout, and after three times the longest that was seen.
  detect "session" {
    runtime        = "jsonl"
    files          = ["sessions/*.jsonl"]
    time           = "at"
    folder         = "cwd"
    model_timeout  = "10m"
    tool_timeout   = "1h"
    person_timeout = "1m"
    # Conditions by path: "a|b" one of these, "*" anything, "~a" contains it, "!" the opposite.
    record "search" {
      event  = "tool_call"
      each   = "steps"
      when   = { type = "work", ".kind" = "search" }
      id     = ".id"
      tool   = ".kind"
      input  = ".query"
    }
    record "found" {
      event  = "tool_result"
      when   = { type = "found" }
      id     = "id"
      output = "hits"
      failed = "error"
    }
    record "broken" {
      event  = "error"
      when   = { type = "broken" }
      text   = "message"
      status = "code"
      detail = "reason"
      until  = "resets_at"
    }
    record "nap" {
      event = "sleeping"
      when  = { type = "nap" }
      in    = "seconds"
    }
  }

  # Asked from outside: three failures in a row, or failures of the last of answers. In
  # the startup time before it was well once, failures do not count. When the host is
  # short of processors it may take longer to answer.
  detect "probe_http" "health" {
    url      = "http://127.0.0.1:8080/healthz"
    every    = "5s"
    timeout  = "2s"
    failures = 3
    of       = 5
    startup  = "30s"
  }
  # A probe with the role of readiness only says when others may use the agent.
  detect "probe_tcp" "port" {
    address = "127.0.0.1:8080"
    role    = "readiness"
  }
  detect "probe_grpc" "rpc" {
    address = "127.0.0.1:9090"
    service = "agent.v1.Agent"
  }
  detect "probe_exec" "own" {
    command = ["test", "-d", "."]
  }

  heal {
    # A plan with more risk than this becomes a call for people.
    risk_limit = 0.8
    # How long all signals must stay clear before a remedy counts as a success.
    verify_for = "30s"
    # The uptime that halves what is remembered of earlier failures.
    healthy_after = "30s"
    # The least time between two attempts.
    cooldown = "0s"
    # The share of its present use that a throttled agent keeps.
    throttle = 0.7
    # true: decide and record, but never act; healer-sidecar stats --shadow compares.
    shadow = false
    # Strategies that are never used.
    forbid = ["isolate"]
    # Strategies that a person is asked about, with healer-sidecar approve. Without an answer
    # in time they are not used. Default: 15m.
    approve        = ["rollback"]
    approve_within = "15m"
    # true: it is run again when it is down, and never touched while it runs.
    protected = false
    # Times in which nothing disruptive is done to a running agent.
    quiet_hours = ["Mon 08:00-18:00"]
    # The healthy time after which a throttle, or another measure that stays in force, is
    # eased by a step. One that is needed again at once then stays for a day.
    ease_after = "5m"
    # How long an outage is outlasted at least: the agent is down for a rate limit, an overload,
    # a quota or a service that does not answer. It is tried again with growing delays, which
    # costs no budget. Default: as often as budget and tries allow; 30m for run -- COMMAND.
    give_up_after = "30m"
    # When no remedy is left: "slow" goes on at long intervals, "stop" leaves the
    # agent down, "hold" waits for a person. All three call people.
    on_limit = "slow"

    # Automatic attempts inside a sliding window; remembered over restarts.
    budget {
      attempts = 5
      window   = "10m"
    }
    # Delay before the n-th start in a row: base x factor^(n-1), at most max, with up
    # to a tenth of jitter. The first has none. wait_and_retry waits no longer than max either,
    # unless the failure itself names a time.
    backoff {
      base   = "5s"
      factor = 2
      max    = "5m"
    }
    # How often one incident may use a strategy.
    strategy "retry" {
      tries = 3
    }
    # Your own order of remedies for a type; escalate always comes last.
    # Times in which people are at work and nothing is done; what fails is seen all the same.
    maintenance = ["Sat 02:00-04:00"]
    # Consent to act on what is foretold: with these strategies, at these times, or else at a
    # point that the agent calls safe, or when half of the time left is over. Default: none.
    prevent {
      strategies = ["restart"]
      at         = ["02:00-04:00"]
    }
    # How sure a diagnosis must be for a remedy that touches a running agent or its data.
    least_confidence = 0.3
    # What it costs to call a person, as time: a remedy that is expected to cost more is
    # not tried. Default: 31m.
    person = "31m"
    on "resource_exhaustion" {
      strategies = ["reconfigure", "restart", "escalate"]
      # "given": in this order, which experience only corrects; "learned": by expected
      # cost, as for the types that no block names.
      order = "given"
    }
  }
}

# The page: agents, charts, the story of every incident. It is off without the block, on
# loopback only, and asks for a token: healer-sidecar page prints its address with it.
page {
  listen        = "127.0.0.1:9465"
  hosts         = ["sidecar.internal"]
  allow_actions = false
}

# A socket for others beside root and the sidecar's own user. The kernel says who calls. Who may
# act (start, stop, hold, approve and the like) may read, and who may administer (reload,
# upgrade, restore, teach) may do all. Users by name, groups behind an @. Every act is recorded
# with the user, and so is everything that is refused. docs/openapi.json describes it.
access {
  socket = "/run/healer-sidecar/control.sock"
  read   = ["nobody"]
  act    = ["@daemon"]
  admin  = []
}

# What agents export over OTLP is taken on one loopback port: tokens, money, failed requests and
# tool calls (docs/telemetry.md). Off without the block.
telemetry {
  # Default: a free port, which stays the same over restarts.
  listen = "127.0.0.1:0"
  # A collector that gets the same bytes. What it cannot take now waits on the disk.
  forward = "http://127.0.0.1:4318"
  headers = { X-Tenant = "agents" }
  queue   = "64MiB"
  # true: agents export to the sidecar even where their environment names another place.
  override = false
}

# What a million tokens of a model cost, by the longest name with which that of the model begins;
# "*" is every other one. It goes before what a program says itself.
price "small-model" {
  input       = "$3"
  output      = "$15"
  cache_read  = "$0.30"
  cache_write = "$3.75"
}

# Every incident goes to an OpenTelemetry collector, over HTTP: a trace with a span for each
# attempt, and logs (docs/operation.md). Off without the block.
otlp {
  endpoint = "http://127.0.0.1:4318"
}

# OpenMetrics for a Prometheus. Off without the block.
metrics {
  listen = "127.0.0.1:9464"
  hosts  = ["sidecar.internal"]
}

# A fleet: the hosts of a group share budgets and common causes, and their events are archived.
# healer-hub join HOST makes the key and prints this block. Without TLS only loopback is allowed.
# Nothing of it runs without the block; without the hub every host heals alone.
fleet {
  servers     = ["tls://hub.example:4222"]
  credentials = "fleet.nk"
  group       = "web"
  host        = "web-17"
  tls {
    ca   = "hub-ca.pem"
    cert = "web-17.pem"
    key  = "web-17.key"
  }
  budget {
    disruptions       = "10%" # of the hosts may take a running agent away at the same moment
    starts_per_second = 5     # of all hosts together, after a common cause
    stop_above        = "50%" # unwell hosts: then only one of them acts, and the others wait for its proof
  }
}

# What holds for all agents together.
host {
  # Attempts that all agents together may make, and the time in which that many are saved up
  # again. Default: three for each agent, one of which comes back in two minutes; at least 6,
  # one of which comes back in 20s; and never less than what one agent's budget allows.
  restarts = 20
  window   = "2m"
  # How many running agents may be stopped at a time to be healed; those that are unwell for
  # longest come first. Default: a quarter of all agents, at least 2.
  parallel = 2
  # People are notified of an agent that is unwell for so long without any action. Default: 10m.
  alarm_after = "10m"
}

agent "reporter" {
  command = ["sh", "-c", "while :; do sleep 1; done"]
  # Agents that must be ready before this one is started, and that are stopped after
  # it, and dependencies that must be up. While one of them is not, this one is not run
  # again, and what it fails of is called a dependency_failure with that name.
  depends_on = ["researcher", "postgres"]
  # When this one may be used by those that depend on it: when all of it holds.
  # Default: as soon as it is started.
  ready {
    after = "2s"
    file  = "ready"
    tcp   = "127.0.0.1:8080"
  }
}

# An agent that something else starts is attached to. It is watched, healed without
# being ended, and left as it was found.
agent "legacy" {
  attach {
    # Exactly one of these three names the process; it must be one of the user's, and
    # the only one that matches.
    pidfile = "legacy.pid"
    # pid   = 4711
    # match = "python3 legacy[.]py"
    # Default: the sidecar's own user.
    user = "root"
    # Consent to start it again with the arguments, directory and environment it had.
    # Without this and without a command it is never ended by the sidecar.
    captured = false
  }
}

# Something outside that agents need; asked once for all of them. Exactly one of tcp,
# http, grpc (with service), dns, file and command (with dir).
dependency "postgres" {
  tcp = "127.0.0.1:5432"
  # http    = "http://127.0.0.1:8000/health"
  # grpc    = "127.0.0.1:9000"
  # dns     = "db.internal"
  # file    = "/run/db.ready"
  # command = ["pg_isready"]
  every    = "5s"
  timeout  = "2s"
  failures = 2
}

# People are notified in every declared way, and in the sidecar's log always: the first of one
# cause at once, others like it together after a minute, and nothing twice. After
# healer-sidecar ack INCIDENT they are only told that it is over.
notify "pager" {
  # Gets the notice as JSON on its standard input, and HEALER_AGENT, HEALER_INCIDENT,
  # HEALER_TYPE, HEALER_SEVERITY and HEALER_REASON in its environment.
  command = ["sh", "-c", "cat >> notices.jsonl"]
  dir     = "."
  timeout = "10s"
}
notify "hook" {
  # Takes the notice as a JSON POST; redirects are not followed.
  url = "https://pager.example/notices"
}
notify "alerts" {
  # One alert for each incident, withdrawn when it is over.
  alertmanager = "http://127.0.0.1:9093"
}
notify "chat" {
  # A chat, mail or push service by its shoutrrr address. What cannot be delivered, on any
  # way, waits on the disk and is tried again for a day.
  service = "generic+https://chat.example/hooks/agents?template=json"
}
