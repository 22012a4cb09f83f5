package modelapi

import (
	"encoding/json"
	"strings"
)

// gemini is the generateContent interface.
type gemini struct{}

func (gemini) read(path string, body []byte) request {
	var in struct{ Tools []any }
	_ = json.Unmarshal(body, &in)
	return request{shell: "run_shell_command", offers: len(in.Tools) > 0, stream: strings.Contains(path, "streamGenerateContent")}
}

func (gemini) events(r Reply, q request, _ int) []string {
	var parts []object
	if r.Thinking != "" {
		parts = append(parts, object{"text": r.Thinking, "thought": true})
	}
	if r.Text != "" {
		parts = append(parts, object{"text": r.Text})
	}
	if r.Command != "" {
		parts = append(parts, object{"functionCall": object{"name": q.shell, "args": object{"command": r.Command, "description": "run"}}})
	}
	stop := r.Stop
	if stop == "" {
		stop = "STOP"
	}
	usage := object{"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
	content := func(parts []object, stop any) string {
		candidate := object{"content": object{"role": "model", "parts": parts}, "index": 0}
		if stop != nil {
			candidate["finishReason"] = stop
		}
		return "data: " + text(object{"candidates": []object{candidate}, "usageMetadata": usage, "modelVersion": "gemini-2.5-pro"})
	}
	if !q.stream {
		return []string{content(parts, stop)}
	}
	return []string{content(parts, nil), content([]object{{"text": ""}}, stop)}
}
