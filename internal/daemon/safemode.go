package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/journal"
)

const (
	// loadingFile counts the starts that did not get as far as to supervise.
	loadingFile = "loading"
	// asideFile takes what was learned when it is suspected of having ended us.
	asideFile = "learned.aside.json"
	// poisoned is how many starts in a row may end while the state is loaded before what
	// was learned is left out.
	poisoned = 2
)

// safeLoader folds the state. State that ends us again and again while it is loaded must not
// keep the agents without a supervisor: then what was learned is set aside.
type safeLoader struct {
	dir    string
	ledger *ledger.Ledger
	// safe says that what was learned is left out.
	safe bool
	// refused counts records that could not be folded.
	refused int
	// applied counts those that the snapshot did not tell.
	applied int
}

// beginLoading notes that loading begins, and decides whether it is done with care.
func beginLoading(dir string, l *ledger.Ledger) *safeLoader {
	path := filepath.Join(dir, loadingFile)
	b, _ := os.ReadFile(path)
	n, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	_ = os.WriteFile(path, fmt.Appendf(nil, "%d\n", n+1), 0o600)
	return &safeLoader{dir: dir, ledger: l, safe: n >= poisoned}
}

// snapshot takes what the ledger's file holds. Half of one is none.
func (o *safeLoader) snapshot(text []byte) error {
	fresh := ledger.New()
	if err := json.Unmarshal(text, fresh); err != nil {
		return fmt.Errorf("cannot decode ledger: %w", err)
	}
	*o.ledger = *fresh
	return nil
}

// apply folds one event; one that cannot be folded is left out.
func (o *safeLoader) apply(e heal.Event) {
	o.applied++
	defer func() {
		if recover() != nil {
			o.refused++
		}
	}()
	if o.safe && (e.Kind == heal.EventLesson || e.Kind == heal.EventBaseline) {
		return
	}
	o.ledger.Apply(e)
}

// setAside takes what was learned out of a ledger that was loaded with care, into a
// file for people.
func (o *safeLoader) setAside() error {
	if !o.safe {
		return nil
	}
	learned := o.ledger.Unlearn()
	b, err := json.MarshalIndent(learned, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(o.dir, asideFile), b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("cannot set aside what was learned: %w", err)
	}
	return nil
}

// endLoading notes that this start got as far as to supervise.
func endLoading(dir string) error {
	err := os.Remove(filepath.Join(dir, loadingFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot note the end of loading: %w", err)
	}
	return nil
}

// recall folds what was left in a directory, without changing anything there, and shows every event
// of the journal. last is the number of the newest one; failed says that nothing could be read, cut
// that the journal could not be read to its end.
func recall(dir string, into *ledger.Ledger, each func(heal.Event)) (last uint64, failed, cut error) {
	load := &safeLoader{dir: dir, ledger: into}
	journals := filepath.Join(dir, journalDir)
	seq, err := journal.PeekSnapshot(journals, load.snapshot)
	if err != nil {
		return 0, err, nil
	}
	into.Prepare()
	last = seq
	cut = journal.Past(journals).Read(func(e heal.Event) bool {
		if e.Seq > seq {
			load.apply(e)
			last = e.Seq
		}
		each(e)
		return true
	})
	return last, nil, cut
}
