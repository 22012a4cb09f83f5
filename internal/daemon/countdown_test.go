package daemon

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/logging"
)

// TestAWaitIsCountedDown: what is waited for, how long, and when it will be given up; nothing
// once it is over, and nothing on top of another line.
func TestAWaitIsCountedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log, err := logging.NewLog("warn", false, &out)
		if err != nil {
			t.Fatal(err)
		}
		c := newCountdown(log, &out, func(string) time.Duration { return 30 * time.Minute })
		c.terminal = true
		at := func(kind heal.EventKind) heal.Event {
			return heal.Event{Kind: kind, Agent: "claude", At: heal.Stamp{Wall: time.Now()}}
		}
		c.note(at(heal.EventOpened))
		e := at(heal.EventDiagnosed)
		e.Diag = &heal.Diagnosis{Type: heal.DependencyFailure, Cause: heal.Overload}
		c.note(e)
		e = at(heal.EventPlanned)
		e.Plan = &heal.Plan{Delay: 80 * time.Second}
		c.note(e)
		time.Sleep(time.Second)
		c.show(time.Now())
		log.Say("something else")
		time.Sleep(time.Second)
		c.show(time.Now())
		c.note(at(heal.EventAttempt))
		c.show(time.Now())
		log.End()
		const clean = "\r\x1b[K"
		want := clean + "healer: claude: next attempt in 1:19 (service overloaded, giving up in 29:59)" +
			clean + "healer: something else\n" +
			clean + "healer: claude: next attempt in 1:18 (service overloaded, giving up in 29:58)" + clean
		if got := out.String(); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// TestAWaitIsToldWithoutATerminal: now and then, in lines.
func TestAWaitIsToldWithoutATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log, err := logging.NewLog("warn", false, &out)
		if err != nil {
			t.Fatal(err)
		}
		c := newCountdown(log, &out, func(string) time.Duration { return 0 })
		c.note(heal.Event{Kind: heal.EventPlanned, Agent: "a", At: heal.Stamp{Wall: time.Now()}, Plan: &heal.Plan{Delay: 150 * time.Second}})
		for range 200 {
			time.Sleep(time.Second)
			c.show(time.Now())
		}
		log.End()
		if got := out.String(); strings.Count(got, "\n") != 2 || strings.Contains(got, "\r") {
			t.Errorf("%q", got)
		}
	})
}
