agent "api" {
  command = ["python3", "rate_limited_api.py", "0"]
  dir     = "."
}

agent "client" {
  command = ["python3", "rate_limited.py"]
  dir     = "."
  heal {
    verify_for = "1s"
  }
}
