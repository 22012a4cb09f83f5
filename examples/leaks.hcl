agent "leaker" {
  command = ["python3", "leaks.py"]
  dir     = "."
  limits {
    memory = "96MiB"
  }
  heal {
    verify_for = "1s"
  }
}
