package engine

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"healer-sidecar/internal/heal"
)

// recorded plays all scripts and returns what each recorded, with its policies.
func recorded(t *testing.T) map[string]*world {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	worlds := map[string]*world{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		check(t, err)
		_, w := play(t, string(b))
		worlds[path] = w
	}
	return worlds
}

func replayed(w *world, policies []heal.Policy) (all []Redecision) {
	r := NewReplay(policies)
	for _, e := range w.recorded {
		if d, decided := r.See(e); decided {
			all = append(all, d)
		}
	}
	return all
}

// TestReplayUnderTheSamePolicyDiffersNowhere: what is kept with a plan is all that it was
// made on.
func TestReplayUnderTheSamePolicyDiffersNowhere(t *testing.T) {
	decisions := 0
	for path, w := range recorded(t) {
		for _, d := range replayed(w, w.specs) {
			decisions++
			if d.Differs {
				t.Errorf("%s: %s: was %+v, would %+v", path, d.Agent, d.Was, d.Would)
			}
		}
	}
	if decisions < 50 {
		t.Errorf("only %d decisions were replayed", decisions)
	}
}

// TestReplayShowsWhatAPolicyChanges: with a forbidden strategy exactly its decisions differ.
func TestReplayShowsWhatAPolicyChanges(t *testing.T) {
	for path, w := range recorded(t) {
		policies := make([]heal.Policy, len(w.specs))
		for i, p := range w.specs {
			p.Forbid = append(p.Forbid, heal.Retry)
			policies[i] = p
		}
		once := replayed(w, policies)
		for _, d := range once {
			if d.Was.Strategy == "" {
				continue // nothing was done, and now there may be one more reason for that
			}
			if d.Differs != (d.Was.Strategy == heal.Retry) {
				t.Errorf("%s: %s: was %+v, would %+v", path, d.Agent, d.Was, d.Would)
			}
		}
		if !reflect.DeepEqual(once, replayed(w, policies)) {
			t.Errorf("%s: a second replay says something else", path)
		}
	}
}
