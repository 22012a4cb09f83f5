package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// begun opens the state like a start of the sidecar that gets no further.
func begun(t *testing.T, dir string) *state {
	t.Helper()
	s, err := openState(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStateThatEndsUsIsLoadedWithoutWhatWasLearned(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := begun(t, dir)
	lesson := heal.Lesson{Agent: "a", Type: heal.ExecutionFailure, Fingerprint: "v1:x", Strategy: heal.Retry, Outcome: heal.Recovered}
	order := heal.Order{Command: heal.CommandStop, Agent: "a"}
	if err := s.append(heal.Event{Kind: heal.EventLesson, Agent: "a", Lesson: &lesson}, heal.Event{Kind: heal.EventCommand, Agent: "a", Command: &order}); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	for n := 2; n <= 3; n++ { // the first start did not get as far as to supervise, either
		if s = begun(t, dir); s.safe != (n == 3) || (len(s.ledger.Learned.Patterns) == 0) != (n == 3) {
			t.Errorf("start %d: safe %v, %d patterns", n, s.safe, len(s.ledger.Learned.Patterns))
		}
		if !s.ledger.Agent("a").Down {
			t.Errorf("start %d: a person's stop is forgotten", n)
		}
		s.lock.Close()
	}
	aside, err := os.ReadFile(filepath.Join(dir, asideFile))
	if err != nil || !strings.Contains(string(aside), "v1:x") {
		t.Errorf("set aside: %s, %v", aside, err)
	}
	if err := endLoading(dir); err != nil {
		t.Fatal(err)
	}
	if s = begun(t, dir); s.safe {
		t.Error("still careful after a start that supervised")
	}
	s.lock.Close()
}

func TestARecordThatCannotBeFoldedIsLeftOut(t *testing.T) {
	o := &safeLoader{} // without a ledger every record is poison
	o.apply(heal.Event{Kind: heal.EventStarted, Agent: "a"})
	if o.refused != 1 {
		t.Errorf("refused %d", o.refused)
	}
}
