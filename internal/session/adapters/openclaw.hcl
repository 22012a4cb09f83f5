# OpenClaw: a folder for each agent, a file for each session.
runtime "openclaw" {
  home_env = "OPENCLAW_STATE_DIR"
  home     = "~/.openclaw"
  files    = ["agents/*/sessions/*.jsonl"]
  time     = "timestamp"

  record "prompt" {
    event = "prompt"
    when  = { type = "message", "message.role" = "user" }
  }
  record "speaking" {
    event = "progress"
    when  = { type = "message", "message.role" = "assistant", "message.stopReason" = "toolUse" }
    text  = "message.content"
  }
  record "tool" {
    event = "tool_call"
    each  = "message.content"
    when  = { type = "message", "message.role" = "assistant", "message.stopReason" = "!error|aborted", ".type" = "toolCall" }
    id    = ".id"
    tool  = ".name"
    input = ".arguments"
  }
  record "tool-result" {
    event  = "tool_result"
    when   = { type = "message", "message.role" = "toolResult" }
    id     = "message.toolCallId"
    tool   = "message.toolName"
    output = "message.content"
    failed = "message.isError"
  }
  record "answer" {
    event = "turn_end"
    when  = { type = "message", "message.role" = "assistant", "message.stopReason" = "stop|length" }
    text  = "message.content"
  }
  record "error" {
    event = "error"
    when  = { type = "message", "message.role" = "assistant", "message.stopReason" = "error" }
    text  = "message.errorMessage"
  }
  record "interrupted" {
    event = "aborted"
    when  = { type = "message", "message.role" = "assistant", "message.stopReason" = "aborted" }
  }
  record "compacted" {
    event = "compacted"
    when  = { type = "compaction" }
  }
  record "other" {
    event = "ignored"
    when  = { type = "session|model_change|thinking_level_change|custom|custom_message|label|session_info|branch_summary" }
  }
}
