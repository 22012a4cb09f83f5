  # Loops are told by the steps that it prints.
  detect "no_progress" {}
  detect "silence" {
    for = "30m"
  }
  resume {
    args = ["--resume"]
  }
  # A broken configuration is put back. The bad version is kept.
  snapshot "config" {
    paths = ["~/.config/goose/config.yaml"]
    keep  = 5
  }
  stop {
    signal = "SIGINT"
    grace  = "15s"
  }
  heal {
    verify_for    = "30s"
    give_up_after = "12h"
  }
