# Any agent that writes one JSON object a line with a role or a type. Name the files in the policy.
runtime "jsonl" {
  time   = "timestamp"
  folder = "cwd"

  record "prompt" {
    event = "prompt"
    when  = { role = "user|human" }
  }
  record "tool" {
    event = "tool_call"
    each  = "tool_calls"
    when  = { role = "assistant" }
    id    = ".id"
    tool  = ".function.name"
    input = ".function.arguments"
  }
  record "tool-result" {
    event  = "tool_result"
    when   = { role = "tool|function" }
    id     = "tool_call_id"
    tool   = "name"
    output = "content"
  }
  record "answer" {
    event = "turn_end"
    when  = { role = "assistant|ai|model", tool_calls = "!*" }
    text  = "content"
  }
  record "error" {
    event  = "error"
    when   = { type = "error" }
    text   = "message"
    status = "status"
  }
  record "started" {
    event = "prompt"
    when  = { type = "turn_started|task_started|turn.started" }
  }
  record "ended" {
    event = "turn_end"
    when  = { type = "turn_completed|task_complete|turn.completed|result", is_error = "!true" }
  }
  record "call" {
    event = "tool_call"
    when  = { type = "tool_call|tool_use" }
    id    = "id"
    tool  = "name"
    input = "input"
  }
  record "result" {
    event  = "tool_result"
    when   = { type = "tool_result" }
    id     = "id"
    output = "output"
    failed = "is_error"
  }
  record "question" {
    event = "waiting_for_person"
    when  = { type = "approval_request|permission_request|input_required" }
    text  = "message"
  }
}
