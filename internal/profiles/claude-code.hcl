  # Its transcripts tell of stalled turns, loops of tools, limits, refused credentials and a full context.
  detect "session" {
    runtime = "claude-code"
  }
  # It goes on with the latest conversation of its folder. One that cannot be resumed is left for a new one.
  resume {
    args = ["--continue"]
  }
  # After a login it is tried again at once.
  credentials = ["~/.claude/.credentials.json"]
  stop {
    signal = "SIGINT"
    grace  = "15s"
  }
  heal {
    verify_for    = "30s"
    give_up_after = "12h"
  }
