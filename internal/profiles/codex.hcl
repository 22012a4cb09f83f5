  # Its rollout files tell of stalled turns, loops of tools, limits, refused credentials and a full context.
  # Goes on with the latest session: add resume { command = ["codex", "exec", "resume", "--last", "PROMPT"] }.
  detect "session" {
    runtime = "codex"
  }
  # After a login it is tried again at once.
  credentials = ["~/.codex/auth.json"]
  stop {
    signal = "SIGINT"
    grace  = "15s"
  }
  heal {
    verify_for    = "30s"
    give_up_after = "12h"
  }
