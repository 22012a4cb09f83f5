  # A probe of the server tells more: detect "probe_http" "health" { url = "http://127.0.0.1:3000/health" }.
  detect "spin" {
    for = "1m"
  }
  stop {
    grace = "15s"
  }
  heal {
    verify_for = "30s"
  }
