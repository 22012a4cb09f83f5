# Codex: {timestamp, type, payload} a line, in a folder for each day. Archived and packed files are not written
# any more and are not read.
runtime "codex" {
  home_env = "CODEX_HOME"
  home     = "~/.codex"
  files    = ["sessions/*/*/*/rollout-*.jsonl"]
  time     = "timestamp"
  folder   = "payload.cwd"

  record "prompt" {
    event = "prompt"
    when  = { type = "event_msg", "payload.type" = "task_started|turn_started|user_message" }
  }
  record "speaking" {
    event = "progress"
    when  = { type = "response_item", "payload.type" = "message|reasoning|compaction|web_search_call", "payload.role" = "!user|developer|system" }
    text  = "payload.content"
  }
  record "tool" {
    event = "tool_call"
    when  = { type = "response_item", "payload.type" = "function_call|custom_tool_call|local_shell_call", "payload.name" = "!request_user_input" }
    id    = "payload.call_id"
    tool  = "payload.name"
    input = "payload.arguments"
  }
  record "question" {
    event = "waiting_for_person"
    when  = { type = "response_item", "payload.type" = "function_call", "payload.name" = "request_user_input" }
    tool  = "payload.name"
  }
  record "approval" {
    event = "waiting_for_person"
    when  = { type = "event_msg", "payload.type" = "exec_approval_request|apply_patch_approval_request|request_user_input|request_permissions|elicitation_request" }
    text  = "payload.reason"
    tool  = "payload.type"
  }
  # What a command came to is told twice: the first time with its exit code.
  record "command-ran" {
    event  = "tool_result"
    when   = { type = "event_msg", "payload.type" = "item_completed", "payload.item.type" = "CommandExecution" }
    id     = "payload.item.id"
    output = "payload.item.aggregated_output"
    failed = "payload.item.exit_code"
  }
  record "tool-result" {
    event  = "tool_result"
    when   = { type = "response_item", "payload.type" = "function_call_output|custom_tool_call_output" }
    id     = "payload.call_id"
    output = "payload.output"
  }
  record "answer" {
    event = "turn_end"
    when  = { type = "event_msg", "payload.type" = "task_complete|turn_complete", "payload.error" = "!*" }
    text  = "payload.last_agent_message"
  }
  record "failed-turn" {
    event  = "error"
    when   = { type = "event_msg", "payload.type" = "task_complete|turn_complete", "payload.error" = "*" }
    text   = "payload.error.message"
    status = "payload.error.codex_error_info"
  }
  record "error" {
    event  = "error"
    when   = { type = "event_msg", "payload.type" = "error" }
    text   = "payload.message"
    status = "payload.codex_error_info"
  }
  record "retry" {
    event = "retrying"
    when  = { type = "event_msg", "payload.type" = "stream_error" }
    text  = "payload.message"
  }
  record "interrupted" {
    event = "aborted"
    when  = { type = "event_msg", "payload.type" = "turn_aborted" }
  }
  record "compacted" {
    event = "compacted"
    when  = { type = "compacted" }
  }
  record "limit" {
    event  = "limit"
    when   = { type = "event_msg", "payload.type" = "token_count", "payload.rate_limits.rate_limit_reached_type" = "*" }
    until  = "payload.rate_limits.primary.resets_at"
    text   = "payload.rate_limits.rate_limit_reached_type"
  }
  record "closed" {
    event = "ended"
    when  = { type = "event_msg", "payload.type" = "shutdown_complete" }
  }
  record "other" {
    event = "ignored"
    when  = { type = "session_meta|turn_context|world_state|token_usage_record|event_msg|response_item|ghost_snapshot" }
  }
}
