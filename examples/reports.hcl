# An agent that reports: its heartbeat must carry progress, and it names its own failure.
agent "python" {
  command = ["python3", "reports.py"]
  dir     = "."
  detect "heartbeat" {
    missing_for = "5s"
    startup     = "1m"
    progress    = true
  }
  heal {
    shadow = true
  }
}
