agent "clinger" {
  command = ["python3", "clings.py"]
  dir     = "."
  stop {
    signal = "SIGTERM"
    grace  = "500ms"
  }
  heal {
    verify_for = "1s"
  }
}
