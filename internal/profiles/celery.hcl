  # A worker that hangs neither prints nor works. With an application, celery -A APP inspect ping is a better probe.
  detect "hang" {
    for = "5m"
  }
  # SIGTERM is a warm shutdown: the tasks that run are brought to their end.
  stop {
    signal = "SIGTERM"
    grace  = "60s"
  }
  heal {
    verify_for = "1m"
  }
