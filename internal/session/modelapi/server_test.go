package modelapi

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestStreamsAreWhole: every event of a stream is JSON, and the last one tells that the answer is complete.
func TestStreamsAreWhole(t *testing.T) {
	s := New(Reply{Text: "hello", Command: "ls", Thinking: "so"})
	defer s.Close()
	for path, last := range map[string]string{
		"/v1/messages":                           "message_stop",
		"/v1/responses":                          "response.completed",
		"/v1beta/models/x:streamGenerateContent": "finishReason",
	} {
		resp, err := http.Post(s.URL+path, "application/json", strings.NewReader(`{"stream":true,"tools":[{"name":"exec_command"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		end := ""
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			if ok && !json.Valid([]byte(data)) {
				t.Errorf("%s: %q is no JSON", path, data)
			}
			if ok {
				end = data
			}
		}
		resp.Body.Close()
		if !strings.Contains(end, last) {
			t.Errorf("%s ends with %q, want %s", path, end, last)
		}
	}
	if s.Served() != 3 {
		t.Errorf("%d replies were served, want 3", s.Served())
	}
}

func TestErrorsAndHangs(t *testing.T) {
	s := New(Reply{Status: 429, Body: `{"error":{}}`, Header: map[string]string{"Retry-After": "7"}}, Reply{Hang: true})
	defer s.Close()
	resp, err := http.Post(s.URL+"/v1/messages", "application/json", strings.NewReader(`{"tools":[{}]}`))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "7" || string(body) != `{"error":{}}` {
		t.Errorf("got %d %s %s", resp.StatusCode, resp.Header, body)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/v1/messages", strings.NewReader(`{"tools":[{}]}`))
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Error("a request that hangs was answered")
	}
}
