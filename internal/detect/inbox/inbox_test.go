package inbox

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, row := range []struct{ text, wrong string }{
		{`{"v":1,"type":"dependency_failure","message":"m","severity":0.5,"critical_operation":true,"retry_count":2}`, ""},
		{`{"heartbeat":true}`, ""},
		{`{"progress":12.5,"lease":30}`, ""},
		{`{"v":2,"heartbeat":true}`, "version 2"},
		{`{"type":"nonsense"}`, "no error type"},
		{`{"message":"m"}`, "without a type"},
		{`{"type":"unknown","severity":7}`, "severity"},
		{`{"type":"unknown","retry_count":-1}`, "retry_count"},
		{`{"lease":-1}`, "lease"},
		{`{}`, "says nothing"},
		{`{"what":1}`, "unknown field"},
		{`{"heartbeat":true} {}`, "more than one"},
		{`nonsense`, "cannot read report"},
		{`{"message":"` + strings.Repeat("x", maxReport) + `"}`, "longer than"},
	} {
		_, err := Parse([]byte(row.text))
		if (err == nil) != (row.wrong == "") || err != nil && !strings.Contains(err.Error(), row.wrong) {
			t.Errorf("%.80s: got %v", row.text, err)
		}
	}
}

func TestNotified(t *testing.T) {
	r := Notified([]byte("READY=1\nSTATUS=fine\nWATCHDOG=1\nX_HEALER_PROGRESS=7\nEXTEND_TIMEOUT_USEC=5000000\nMAINPID=1\n=\n"))
	if !r.Ready || !r.Heartbeat || r.Status != "fine" || r.Progress == nil || *r.Progress != 7 || r.LeaseFor() != 5*time.Second {
		t.Errorf("got %+v", r)
	}
	if r := Notified([]byte("X_HEALER_LEASE=1e300\nX_HEALER_PROGRESS=many")); r.Lease != nil || r.Progress != nil {
		t.Errorf("got %+v", r)
	}
	huge := 1e8
	if got := (Report{Lease: &huge}).LeaseFor(); got != MaxLease {
		t.Errorf("a lease of %s", got)
	}
}

func TestWithin(t *testing.T) {
	block := "a line\n@healer a-1 {\"heartbeat\":true}\nsaid: @healer a-1 {\"restart\":true}\n@healer a-1 {broken\n" +
		"@healer {\"restart\":true}\n@healer a-12 {\"restart\":true}\n@healer  {\"restart\":true}\n@healer a-1{\"restart\":true}\n"
	Within([]byte(block), "", func(r Report, err error) { t.Errorf("without a token it is told %+v, %v", r, err) })
	var got []string
	Within([]byte(block), "a-1", func(r Report, err error) { got = append(got, fmt.Sprint(r.Heartbeat, r.Restart, err != nil)) })
	if strings.Join(got, ", ") != "true false false, false false true" {
		t.Errorf("got %v", got)
	}
}

func TestBothSocketsAreHeard(t *testing.T) {
	dir := t.TempDir()
	box, err := Listen(dir)
	if err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	said, ended := make(chan Report, 8), make(chan struct{})
	go func() { box.Run(ctx, func(r Report) { said <- r }); close(ended) }()
	env := Env(dir)
	n, err := net.Dial("unixgram", env["NOTIFY_SOCKET"])
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(n, "READY=1")
	if r := <-said; !r.Ready {
		t.Errorf("heard %+v", r)
	}
	s, err := net.Dial("unix", env["HEALER_SOCKET"])
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(s, "{\"restart\":true}\nnonsense\n")
	answers := bufio.NewScanner(s)
	for _, want := range []string{`{"ok":true}`, `{"ok":false,"error":"cannot read report`} {
		if !answers.Scan() || !strings.HasPrefix(answers.Text(), want) {
			t.Errorf("answered %q: want %q", answers.Text(), want)
		}
	}
	if r := <-said; !r.Restart {
		t.Errorf("heard %+v", r)
	}
	cancel()
	<-ended
}

func FuzzReports(f *testing.F) {
	f.Add("READY=1\nX_HEALER_LEASE=3")
	f.Add(`@healer a-1 {"type":"unknown","message":"m"}`)
	f.Fuzz(func(_ *testing.T, text string) {
		_ = Notified([]byte(text))
		_, _ = Parse([]byte(text))
		Within([]byte(text), "a-1", func(Report, error) {})
	})
}
