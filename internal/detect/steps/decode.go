package steps

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The names under which the parts of a step may stand in a record.
var (
	actionNames   = []string{"tool", "action", "name", "function", "kind", "type"}
	argumentNames = []string{"args", "arguments", "input", "params", "parameters", "command", "path", "query"}
	resultNames   = []string{"observation", "result", "output", "response", "content"}
	lineNames     = []string{"line", "text", "message", "msg"}
	failureNames  = []string{"error", "is_error", "failed", "err"}
	timeNames     = []string{"time", "t", "at", "ts", "timestamp"}
	speech        = []string{"say", "message", "think", "thought", "talk", "speak", "respond", "reply", "assistant", "monologue"}
)

// Decoder reads records of steps: JSON objects, JSON strings, or plain lines of
// output. The time between them tells waiting from doing.
type Decoder struct {
	at  time.Duration
	had bool
}

// Decode reads one record.
func (d *Decoder) Decode(record []byte) (Step, error) {
	text := strings.TrimSpace(string(record))
	switch {
	case strings.HasPrefix(text, "{"):
		var fields map[string]any
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			return Step{}, fmt.Errorf("cannot read step: %w", err)
		}
		return d.step(fields), nil
	case strings.HasPrefix(text, `"`):
		var line string
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			return Step{}, fmt.Errorf("cannot read step: %w", err)
		}
		return Line(line, 0), nil
	}
	return Line(text, 0), nil
}

// Line is a step of which nothing is known but what was printed.
func Line(text string, gap time.Duration) Step {
	return Step{Action: text, Failed: Fails(text), Talk: Talks(text), Gap: gap}
}

func (d *Decoder) step(fields map[string]any) Step {
	gap := d.gap(fields)
	action, acted := pick(fields, actionNames)
	if line, ok := pick(fields, lineNames); ok && !acted {
		s := Line(line, gap)
		s.count(fields)
		return s
	}
	arguments, _ := pick(fields, argumentNames)
	result, _ := pick(fields, resultNames)
	s := Step{Action: action + " | " + arguments, Result: result, Gap: gap, Talk: slices.Contains(speech, strings.ToLower(action))}
	known := false
	for _, name := range failureNames {
		if v, ok := fields[name]; ok {
			known = true
			s.Failed = s.Failed || truth(v)
			if why, ok := v.(string); ok {
				s.Result += " " + why
			}
		}
	}
	if !known {
		s.Failed = Fails(result)
	}
	s.count(fields)
	return s
}

// count reads the mark of progress: a number that grows, or true for one more.
func (s *Step) count(fields map[string]any) {
	if n, ok := fields["progress"].(float64); ok {
		s.Progress, s.Counted = n, true
	}
}

// gap is the time since the record before: as it says, or by its time.
func (d *Decoder) gap(fields map[string]any) time.Duration {
	for _, name := range []string{"gap", "gap_seconds", "wait"} {
		if n, ok := fields[name].(float64); ok {
			return seconds(n)
		}
	}
	for _, name := range timeNames {
		at, ok := moment(fields[name])
		if !ok {
			continue
		}
		before, had := d.at, d.had
		d.at, d.had = at, true
		if had {
			return max(at-before, 0)
		}
		return 0
	}
	return 0
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func moment(v any) (time.Duration, bool) {
	switch v := v.(type) {
	case float64:
		return seconds(v), true
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return time.Duration(t.UnixNano()), true
		}
	}
	return 0, false
}

func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v != ""
	case float64:
		return v != 0
	}
	return v != nil
}

// pick returns the first named field as text.
func pick(fields map[string]any, names []string) (string, bool) {
	for _, name := range names {
		v, ok := fields[name]
		if !ok || v == nil {
			continue
		}
		if s, ok := v.(string); ok {
			return s, true
		}
		b, err := json.Marshal(v)
		return string(b), err == nil
	}
	return "", false
}
