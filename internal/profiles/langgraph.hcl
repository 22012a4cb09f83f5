  # The server answers once the graphs are loaded.
  detect "probe_http" "health" {
    url     = "http://127.0.0.1:2024/ok"
    startup = "2m"
    every   = "10s"
  }
  compensate "port" {
    port = "127.0.0.1:2024"
  }
  stop {
    grace = "20s"
  }
  heal {
    verify_for = "1m"
  }
