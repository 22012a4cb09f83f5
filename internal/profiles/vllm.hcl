  # Loading a model takes minutes, more when it must be downloaded first.
  detect "probe_http" "health" {
    url      = "http://127.0.0.1:8000/health"
    startup  = "20m"
    every    = "10s"
    failures = 6
  }
  compensate "port" {
    port = "127.0.0.1:8000"
  }
  stop {
    grace = "60s"
  }
  heal {
    verify_for = "2m"
  }
