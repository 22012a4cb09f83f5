agent "crasher" {
  command = ["python3", "crashes_then_works.py"]
  dir     = "."
  heal {
    verify_for = "1s"
    backoff { base = "300ms" }
  }
}
