agent "typo" {
  command = ["python3", "bad_config.py"]
  dir     = "."
  heal {
    verify_for = "1s"
  }
}

notify "ops" {
  command = ["sh", "-c", "cat > notice.json"]
  dir     = "."
}
