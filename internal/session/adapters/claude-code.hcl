# Claude Code: one JSON record a line in a folder for each project.
runtime "claude-code" {
  home_env = "CLAUDE_CONFIG_DIR"
  home     = "~/.claude"
  files    = ["projects/*/*.jsonl"]
  time     = "timestamp"
  folder   = "cwd"

  # What a sub-agent does keeps the turn of its parent alive.
  record "sub-agent" {
    event = "progress"
    when  = { isSidechain = "true" }
  }
  record "prompt" {
    event = "prompt"
    when  = { type = "user", isSidechain = "!true", isMeta = "!true", isCompactSummary = "!true", "message.content[].type" = "!tool_result", "message.content" = "!~[request interrupted" }
  }
  record "interrupted" {
    event = "aborted"
    when  = { type = "user", isSidechain = "!true", "message.content" = "~[request interrupted" }
  }
  record "tool-result" {
    event  = "tool_result"
    each   = "message.content"
    when   = { type = "user", isSidechain = "!true", ".type" = "tool_result" }
    id     = ".tool_use_id"
    output = ".content"
    failed = ".is_error"
  }
  # A rate limit or another error looks like a clean end of the turn.
  record "error" {
    event  = "error"
    when   = { type = "assistant", isApiErrorMessage = "true", "message.stop_reason" = "!refusal" }
    text   = "message.content"
    status = "apiErrorStatus"
    detail = "error"
    until  = "resetsAt"
  }
  record "refusal" {
    event = "refusal"
    when  = { type = "assistant", isSidechain = "!true", "message.stop_reason" = "refusal" }
    text  = "message.content"
  }
  record "speaking" {
    event = "progress"
    when  = { type = "assistant", isSidechain = "!true", isApiErrorMessage = "!true", "message.stop_reason" = "tool_use|pause_turn|" }
    text  = "message.content"
  }
  record "tool" {
    event = "tool_call"
    each  = "message.content"
    when  = { type = "assistant", isSidechain = "!true", ".type" = "tool_use", ".name" = "!AskUserQuestion|ExitPlanMode" }
    id    = ".id"
    tool  = ".name"
    input = ".input"
  }
  record "question" {
    event = "waiting_for_person"
    each  = "message.content"
    when  = { type = "assistant", isSidechain = "!true", ".type" = "tool_use", ".name" = "AskUserQuestion|ExitPlanMode" }
    tool  = ".name"
  }
  record "wake-up" {
    event = "sleeping"
    each  = "message.content"
    when  = { type = "assistant", isSidechain = "!true", ".type" = "tool_use", ".name" = "ScheduleWakeup" }
    in    = ".input.delaySeconds"
  }
  record "answer" {
    event = "turn_end"
    when  = { type = "assistant", isSidechain = "!true", isApiErrorMessage = "!true", "message.stop_reason" = "end_turn|stop_sequence|max_tokens" }
    text  = "message.content"
  }
  record "retry" {
    event = "retrying"
    when  = { type = "system", subtype = "api_error" }
    text  = "error"
  }
  record "compacted" {
    event = "compacted"
    when  = { type = "system", subtype = "compact_boundary|microcompact_boundary" }
  }
  record "other" {
    event = "ignored"
    when  = { type = "system|summary|attachment|queue-operation|last-prompt|file-history-snapshot|progress|custom-title|mode|permission-mode|ai-title|agent-name|pr-link|tag" }
  }
}
