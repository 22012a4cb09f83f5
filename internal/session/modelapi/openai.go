package modelapi

import (
	"encoding/json"
	"fmt"
	"slices"
)

// openai is the responses interface.
type openai struct{}

func (openai) read(_ string, body []byte) request {
	var in struct {
		Stream bool
		Tools  []struct{ Name, Type string }
	}
	_ = json.Unmarshal(body, &in)
	q := request{offers: len(in.Tools) > 0, stream: true}
	for _, name := range []string{"exec_command", "shell_command", "shell"} {
		if slices.ContainsFunc(in.Tools, func(t struct{ Name, Type string }) bool { return t.Name == name }) {
			q.shell = name
			break
		}
	}
	return q
}

func (o openai) events(r Reply, q request, n int) []string {
	id := fmt.Sprintf("resp_%04d", n)
	out := []string{event("response.created", object{"response": object{"id": id}})}
	var items []object
	if r.Text != "" {
		items = append(items, object{
			"type": "message", "role": "assistant", "id": fmt.Sprintf("msg_%04d", n),
			"content": []object{{"type": "output_text", "text": r.Text}},
		})
	}
	if r.Command != "" {
		items = append(items, object{
			"type": "function_call", "id": fmt.Sprintf("fc_%04d", n), "call_id": fmt.Sprintf("call_%04d", n), "name": q.shell,
			"arguments": text(o.arguments(q.shell, r.Command)),
		})
	}
	for i, item := range items {
		out = append(out, event("response.output_item.done", object{"output_index": i, "item": item}))
	}
	usage := object{
		"input_tokens": 10, "input_tokens_details": object{"cached_tokens": 0}, "output_tokens": 5,
		"output_tokens_details": object{"reasoning_tokens": 0}, "total_tokens": 15,
	}
	return append(out, event("response.completed", object{"response": object{"id": id, "output": items, "usage": usage}}))
}

func (openai) arguments(tool, command string) object {
	switch tool {
	case "exec_command":
		return object{"cmd": command}
	case "shell":
		return object{"command": []string{"sh", "-c", command}}
	}
	return object{"command": command}
}
