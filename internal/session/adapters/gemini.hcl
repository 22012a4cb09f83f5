# Gemini CLI: a message a line, written again when it changes. A call of a tool is written once it has run, so
# a tool that hangs looks like an answer.
runtime "gemini" {
  home   = "~/.gemini"
  files  = ["tmp/*/chats/session-*.jsonl"]
  time   = "timestamp"

  record "prompt" {
    event = "prompt"
    when  = { type = "user", "content[].functionResponse" = "!*" }
  }
  record "tools-ran" {
    event = "progress"
    when  = { type = "user", "content[].functionResponse" = "*" }
  }
  record "tool" {
    event = "tool_call"
    each  = "toolCalls"
    when  = { type = "gemini" }
    id    = ".id"
    tool  = ".name"
    input = ".args"
  }
  record "tool-result" {
    event  = "tool_result"
    each   = "toolCalls"
    when   = { type = "gemini", ".status" = "success" }
    id     = ".id"
    tool   = ".name"
    output = ".result"
  }
  record "tool-failed" {
    event  = "tool_result"
    each   = "toolCalls"
    when   = { type = "gemini", ".status" = "error|cancelled" }
    id     = ".id"
    tool   = ".name"
    output = ".result"
    failed = ".status"
  }
  record "approval" {
    event = "waiting_for_person"
    each  = "toolCalls"
    when  = { type = "gemini", ".status" = "awaiting_approval" }
    tool  = ".name"
  }
  record "answer" {
    event = "message"
    when  = { type = "gemini", toolCalls = "!*" }
    text  = "content"
  }
  record "error" {
    event = "error"
    when  = { type = "error" }
    text  = "content"
  }
  record "other" {
    event = "ignored"
    when  = { type = "info|warning" }
  }
  record "change" {
    event = "ignored"
    when  = { "$set" = "*" }
  }
  record "header" {
    event = "ignored"
    when  = { sessionId = "*" }
  }
}
