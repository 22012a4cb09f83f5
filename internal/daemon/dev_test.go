package daemon

import (
	"testing"
	"time"
)

// What changes soon after every start is written by the command; what a person saves is not, however
// often.
func TestOwnWritesAreLearned(t *testing.T) {
	var o ownWrites
	for i, path := range []string{"out/001.json", "out/002.json", "out/003.json"} {
		if o.knows(path) {
			t.Errorf("%s is known before there were enough starts", path)
		}
		if got, want := o.seen(path, time.Second), i == startsAlike; got != want {
			t.Errorf("%s: got %v", path, got)
		}
	}
	if !o.knows("out/004.json") || o.knows("out/main.py") || o.knows("conf.json") {
		t.Error("other files are known than those of its kind")
	}
	for range 10 {
		if o.seen("agent.py", time.Second) || o.seen("agent.py", time.Minute) {
			t.Error("what a person saves counts as written by the command")
		}
	}
}
