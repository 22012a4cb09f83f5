  # The first start migrates the database, which takes minutes.
  detect "probe_http" "health" {
    url     = "http://127.0.0.1:5678/healthz"
    startup = "5m"
    every   = "10s"
  }
  compensate "port" {
    port = "127.0.0.1:5678"
  }
  # It ends its executions before it exits.
  stop {
    grace = "40s"
  }
  heal {
    verify_for = "1m"
  }
