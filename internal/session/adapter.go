package session

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Adapter says where the transcripts of one runtime are and what their records mean.
type Adapter struct {
	Name string
	// HomeEnv is the variable that names the folder of the runtime, Home the folder without it; "~" is the
	// home of the user. Files are patterns below it.
	HomeEnv, Home string
	Files         []string
	// Time is where a record holds its time, Folder where it names the folder in which the agent works.
	Time, Folder string
	Rules        []Rule
}

// Rule turns records that match into an event. All rules that match a record apply, in their order.
type Rule struct {
	Name  string
	Event Kind
	// When holds a condition for each path. See Match.
	When map[string]string
	// Each is the path of a list: the rule is tried on each element, and paths that begin with a dot start
	// there.
	Each string
	// The paths of what an event carries; empty for what the record does not hold.
	ID, Tool, Input, Output, Failed, Text, Status, Detail, Until, In string
}

// ErrNotRecord reports a line that is no JSON object, as a torn one.
var ErrNotRecord = errors.New("no record")

// maxText bounds what is kept of one text.
const maxText = 2000

// Read turns a line into events. Known is false when no rule applies to it.
func (a *Adapter) Read(line []byte) (events []Event, known bool, err error) {
	var record map[string]any
	if json.Unmarshal(line, &record) != nil || record == nil {
		return nil, false, ErrNotRecord
	}
	at := moment(lookup(record, nil, a.Time))
	folder := textOf(lookup(record, nil, a.Folder))
	for i := range a.Rules {
		r := &a.Rules[i]
		for _, element := range r.elements(record) {
			if !r.matches(record, element) {
				continue
			}
			e := r.event(record, element, at)
			e.At, e.Folder, known = at, folder, true
			events = append(events, e)
		}
	}
	return events, known, nil
}

// elements are what the rule is tried on: the record alone, or each element of a list.
func (r *Rule) elements(record any) []any {
	if r.Each == "" {
		return []any{nil}
	}
	list, _ := lookup(record, nil, r.Each).([]any)
	return list
}

func (r *Rule) matches(record, element any) bool {
	for path, want := range r.When {
		if !Match(lookup(record, element, path), want) {
			return false
		}
	}
	return true
}

func (r *Rule) event(record, element any, at time.Time) Event {
	get := func(path string) string { return textOf(lookup(record, element, path)) }
	e := Event{
		Kind: r.Event, ID: get(r.ID), Tool: get(r.Tool), Input: get(r.Input), Output: get(r.Output), Text: get(r.Text), Status: get(r.Status),
		Detail: get(r.Detail), Failed: truthy(lookup(record, element, r.Failed)),
	}
	if r.Until != "" {
		e.Until = moment(lookup(record, element, r.Until))
	}
	if n, ok := lookup(record, element, r.In).(float64); ok && r.In != "" && n > 0 && n < 1e9 {
		e.Until = at.Add(time.Duration(n * float64(time.Second)))
	}
	return e
}

// Match reports whether a value meets a condition: "a|b" for one of these words, "*" for anything that is
// there, "~a|b" for a text that contains one of these, and a "!" before any of them for the opposite.
func Match(v any, want string) bool {
	want, not := strings.CutPrefix(want, "!")
	return matchesOne(v, want) != not
}

func matchesOne(v any, want string) bool {
	if list, ok := v.([]any); ok && want != "*" {
		for _, item := range list {
			if matchesOne(item, want) {
				return true
			}
		}
		return false
	}
	if want == "*" {
		return truthy(v)
	}
	text := textOf(v)
	part, contains := strings.CutPrefix(want, "~")
	for word := range strings.SplitSeq(part, "|") {
		if !contains && text == word || contains && strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			return true
		}
	}
	return false
}

// truthy reports that a value is there and not false, zero or empty.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	}
	return true
}

// lookup follows a path: keys with dots between them, "[]" behind a key for all elements of a list, a number
// for one of them. A path that begins with a dot starts at the element.
func lookup(record, element any, path string) any {
	if path == "" {
		return nil
	}
	at := record
	if rest, ok := strings.CutPrefix(path, "."); ok {
		if at = element; rest == "" {
			return at
		}
		path = rest
	}
	return walk(at, strings.Split(path, "."))
}

func walk(at any, keys []string) any {
	for i, key := range keys {
		name, all := strings.CutSuffix(key, "[]")
		at = child(at, name)
		if !all {
			continue
		}
		list, _ := at.([]any)
		var found []any
		for _, item := range list {
			if v := walk(item, keys[i+1:]); v != nil {
				found = append(found, v)
			}
		}
		if found == nil {
			return nil
		}
		return found
	}
	return at
}

func child(at any, key string) any {
	switch v := at.(type) {
	case map[string]any:
		return v[key]
	case []any:
		if n, err := strconv.Atoi(key); err == nil && n >= 0 && n < len(v) {
			return v[n]
		}
	}
	return nil
}

// textOf is a value as text: of a list the texts of its elements, of an object what it says, else its JSON.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v[:min(len(v), maxText)]
	case []any:
		var parts []string
		for _, item := range v[:min(len(v), 50)] {
			parts = append(parts, textOf(item))
		}
		text := strings.Join(parts, "\n")
		return text[:min(len(text), maxText)]
	case map[string]any:
		for _, key := range []string{"text", "content", "message", "output"} {
			if s, ok := v[key].(string); ok {
				return s[:min(len(s), maxText)]
			}
		}
	}
	b, _ := json.Marshal(v)
	return string(b[:min(len(b), maxText)])
}

// moment reads a time: RFC 3339, or seconds or milliseconds since 1970.
func moment(v any) time.Time {
	switch v := v.(type) {
	case string:
		t, _ := time.Parse(time.RFC3339Nano, v)
		return t
	case float64:
		switch {
		case v > 1e9 && v < 1e11:
			return time.UnixMilli(int64(v * 1000))
		case v > 1e12 && v < 1e14:
			return time.UnixMilli(int64(v))
		}
	}
	return time.Time{}
}
