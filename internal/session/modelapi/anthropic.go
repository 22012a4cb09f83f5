package modelapi

import (
	"encoding/json"
	"fmt"
)

// anthropic is the messages interface.
type anthropic struct{}

type object = map[string]any

func (anthropic) read(_ string, body []byte) request {
	var in struct {
		Stream bool
		Tools  []struct{ Name string }
	}
	_ = json.Unmarshal(body, &in)
	return request{shell: "Bash", offers: len(in.Tools) > 0, stream: in.Stream}
}

func (a anthropic) events(r Reply, q request, n int) []string {
	stop := r.Stop
	var blocks []object
	if r.Thinking != "" {
		blocks = append(blocks, object{"type": "thinking", "thinking": r.Thinking, "signature": "c2ln"})
	}
	if r.Text != "" {
		blocks = append(blocks, object{"type": "text", "text": r.Text})
	}
	if r.Command != "" {
		blocks = append(blocks, object{
			"type": "tool_use", "id": fmt.Sprintf("toolu_%04d", n), "name": "Bash",
			"input": object{"command": r.Command, "description": "run"},
		})
		stop = "tool_use"
	}
	if stop == "" {
		stop = "end_turn"
	}
	usage := object{"input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
	message := object{
		"id": fmt.Sprintf("msg_%04d", n), "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
		"content": []object{}, "stop_reason": nil, "stop_sequence": nil, "usage": usage,
	}
	out := []string{event("message_start", object{"message": message})}
	for i, b := range blocks {
		out = append(out, a.block(i, b)...)
	}
	out = append(out,
		event("message_delta", object{"delta": object{"stop_reason": stop, "stop_sequence": nil}, "usage": object{"output_tokens": 5}}),
		event("message_stop", object{}))
	if !q.stream {
		message["content"], message["stop_reason"] = blocks, stop
		return []string{"data: " + text(message)}
	}
	return out
}

func (anthropic) block(i int, b object) []string {
	start, delta := object{"type": b["type"]}, object{}
	switch b["type"] {
	case "text":
		start["text"] = ""
		delta = object{"type": "text_delta", "text": b["text"]}
	case "thinking":
		start["thinking"] = ""
		delta = object{"type": "thinking_delta", "thinking": b["thinking"]}
	case "tool_use":
		start["id"], start["name"], start["input"] = b["id"], b["name"], object{}
		delta = object{"type": "input_json_delta", "partial_json": text(b["input"])}
	}
	return []string{
		event("content_block_start", object{"index": i, "content_block": start}),
		event("content_block_delta", object{"index": i, "delta": delta}),
		event("content_block_stop", object{"index": i}),
	}
}
