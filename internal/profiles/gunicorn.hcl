  # Change the address when --bind names another.
  detect "probe_tcp" "port" {
    address = "127.0.0.1:8000"
    startup = "1m"
    every   = "10s"
  }
  compensate "port" {
    port = "127.0.0.1:8000"
  }
  # SIGTERM ends it after the requests that are under way, for 30 s by default.
  stop {
    signal = "SIGTERM"
    grace  = "35s"
  }
  heal {
    verify_for = "30s"
  }
