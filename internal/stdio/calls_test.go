package stdio

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestUnansweredRequestsGetAnError(t *testing.T) {
	const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n"
	for _, c := range []struct {
		name, read, wrote string
		want              []string
	}{
		{"nothing", "", "", nil},
		{"unanswered", ping, "", []string{"1"}},
		{"answered", ping, `{"id":1,"result":{}}` + "\n", nil},
		{"answered with an error", ping, `{"id":1,"error":{"code":-32601,"message":"no"}}` + "\r\n", nil},
		{"the answer is cut off", ping, `{"id":1,"resu`, []string{"1"}},
		{"the request is cut off", strings.TrimSpace(ping), "", nil},
		{"a notification", `{"method":"notifications/initialized"}` + "\n", "", nil},
		{"an answer of the client", `{"id":7,"result":{}}` + "\n", "", nil},
		{"a request of the server with the same id", ping, `{"id":1,"method":"roots/list"}` + "\n", []string{"1"}},
		{"ids of two kinds", ping + `{"id":"1","method":"ping"}` + "\n", `{"id":"1","result":{}}` + "\n", []string{"1"}},
		{"a batch", `[{"id":1,"method":"a"},{"id":2,"method":"b"}]` + "\n", `[{"id":2,"result":0}]` + "\n", []string{"1"}},
		{"cancelled", ping + `{"method":"notifications/cancelled","params":{"requestId":1}}` + "\n", "", nil},
		{"other parameters", `{"id":1,"method":"a","params":[1,2]}` + "\n", "", []string{"1"}},
		{"no JSON", "hello\n" + ping, "log\n", []string{"1"}},
		{"an answer too long to be read", ping, `{"id":1,"result":"` + strings.Repeat("x", callLineMost) + "\"}\n", nil},
		{"an id too long", `{"id":"` + strings.Repeat("x", callIDMost) + `","method":"a"}` + "\n", "", nil},
	} {
		k := newCalls(&callsState{})
		for _, b := range []byte(c.read) {
			k.read([]byte{b})
		}
		k.wrote([]byte(c.wrote[:len(c.wrote)/2]))
		k = newCalls(k.state()) // another process goes on
		k.wrote([]byte(c.wrote[len(c.wrote)/2:]))
		if got := errorIDs(t, k.answers(2)); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: errors for %v, want %v", c.name, got, c.want)
		}
		if again := k.answers(3); again != nil {
			t.Errorf("%s: answered twice: %s", c.name, again)
		}
	}
}

// errorIDs are the ids of error responses, one on each line.
func errorIDs(t *testing.T, answers []byte) []string {
	t.Helper()
	var ids []string
	for line := range strings.Lines(string(answers)) {
		if line == "\n" {
			continue
		}
		var m struct {
			JSONRPC string
			ID      json.RawMessage
			Error   struct {
				Code    int
				Message string
			}
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if m.JSONRPC != "2.0" || m.Error.Code != serverError || !strings.Contains(m.Error.Message, "run 2") {
			t.Errorf("got %s", line)
		}
		ids = append(ids, string(m.ID))
	}
	return ids
}

// TestAnAnswerMayBeSeenBeforeItsRequest: what a run has read is only looked at now and then.
func TestAnAnswerMayBeSeenBeforeItsRequest(t *testing.T) {
	k := newCalls(&callsState{})
	k.wrote([]byte(`{"id":1,"result":{}}` + "\n"))
	k = newCalls(k.state())
	k.read([]byte(`{"id":1,"method":"a"}` + "\n" + `{"id":2,"method":"a"}` + "\n"))
	if got := errorIDs(t, k.answers(2)); fmt.Sprint(got) != "[2]" {
		t.Errorf("errors for %v, want 2 only", got)
	}
}

func TestRequestsAreKnownUpToABound(t *testing.T) {
	k := newCalls(&callsState{})
	for i := range 2 * callsMost {
		k.read(fmt.Appendf(nil, `{"id":%d,"method":"a"}`+"\n", i))
	}
	if n := len(errorIDs(t, k.answers(2))); n != callsMost {
		t.Errorf("%d requests are known, want %d", n, callsMost)
	}
}
