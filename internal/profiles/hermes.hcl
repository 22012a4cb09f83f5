  # Loops are told by the steps that it prints.
  detect "no_progress" {}
  detect "silence" {
    for = "30m"
  }
  # A broken configuration is put back. The bad version is kept.
  snapshot "config" {
    paths = ["~/.hermes/config.yaml"]
    keep  = 5
  }
  credentials = ["~/.hermes/.env", "~/.hermes/auth.json"]
  stop {
    grace = "20s"
  }
  heal {
    verify_for    = "1m"
    give_up_after = "12h"
  }
