  # Its chats tell of a model that does not answer. Errors are told by its output and exit code.
  detect "session" {
    runtime = "gemini"
  }
  resume {
    args = ["--resume", "latest"]
  }
  credentials = ["~/.gemini/oauth_creds.json"]
  # Exit codes: 41 no credentials, 42 bad input, 44 no sandbox, 52 bad settings, 53 too many turns.
  detect "exit" {
    map = { "41" = "configuration_error", "42" = "configuration_error", "44" = "configuration_error", "52" = "configuration_error", "53" = "learning_failure" }
  }
  stop {
    signal = "SIGINT"
    grace  = "15s"
  }
  heal {
    verify_for    = "30s"
    give_up_after = "12h"
  }
