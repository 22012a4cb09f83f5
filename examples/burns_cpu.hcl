agent "burner" {
  command = ["python3", "burns_cpu.py"]
  dir     = "."
  detect "cpu" {
    above = "80%"
    for   = "2s"
  }
  heal {
    verify_for = "3s"
    throttle   = 0.5
  }
}
