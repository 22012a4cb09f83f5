  # The gateway listens once it has loaded its plugins, which may take a minute.
  detect "probe_tcp" "gateway" {
    address = "127.0.0.1:18789"
    startup = "2m"
    every   = "10s"
  }
  detect "session" {
    runtime = "openclaw"
  }
  # A gateway that died may leave its port for a while.
  compensate "port" {
    port = "127.0.0.1:18789"
  }
  # A broken configuration is put back. The bad version is kept.
  snapshot "config" {
    paths = ["~/.openclaw/openclaw.json"]
    keep  = 5
  }
  stop {
    grace = "20s"
  }
  heal {
    verify_for    = "1m"
    give_up_after = "12h"
  }
