package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/journal"
	"healer-sidecar/testlab"
)

const (
	flips = 1000
	// livesWithDamage is how many damaged journals a whole sidecar is started on.
	livesWithDamage = 5
)

// written lets the sidecar write a journal, and returns its last segment, and its records
// as they are served.
func written(l *testlab.Lab) (path string, text []byte, whole map[uint64]string, err error) {
	if err := l.Start(policy(l, "exit:1:20", lively)); err != nil {
		return "", nil, nil, err
	}
	if err := testlab.Wait("some events", func() bool { return l.Count(heal.EventExited) > 5 }); err != nil {
		return "", nil, nil, err
	}
	l.Kill()
	all, err := filepath.Glob(filepath.Join(l.State(), "journal", "journal-*.jsonl"))
	if err != nil || len(all) == 0 {
		return "", nil, nil, fmt.Errorf("no journal: %w", err)
	}
	path = all[len(all)-1]
	if text, err = os.ReadFile(path); err == nil {
		whole, _, err = served(l, filepath.Base(path), text)
	}
	return path, text, whole, err
}

// served opens a journal of one segment and returns the records as they are served.
func served(l *testlab.Lab, name string, text []byte) (records map[uint64]string, damaged int, err error) {
	dir, err := os.MkdirTemp(l.Dir, "journal")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		return nil, 0, err
	}
	records = map[uint64]string{}
	j, damaged, err := journal.Open(dir, 0, func(e heal.Event) {
		b, _ := json.Marshal(e)
		records[e.Seq] = string(b)
	})
	if err != nil {
		return nil, 0, err
	}
	return records, damaged, j.Close()
}

// tornTail: the journal ends at every byte of its last two records.
func tornTail(l *testlab.Lab) (string, error) {
	path, text, whole, err := written(l)
	if err != nil {
		return "", err
	}
	name := filepath.Base(path)
	lines := bytes.SplitAfter(bytes.TrimRight(text, "\n"), []byte("\n"))
	from := len(text) - len(lines[len(lines)-1]) - len(lines[len(lines)-2]) - 1
	for cut := from; cut < len(text); cut++ {
		got, _, err := served(l, name, text[:cut])
		if err != nil {
			return "", fmt.Errorf("cut at %d: %w", cut, err)
		}
		if len(got) < len(whole)-2 {
			return "", fmt.Errorf("cut at %d: %d of %d records", cut, len(got), len(whole))
		}
		if err := faithful(got, whole); err != nil {
			return "", fmt.Errorf("cut at %d: %w", cut, err)
		}
	}
	if err := livesOn(l, path, text[:len(text)-10]); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d cuts, every earlier record served, the repair is told", len(text)-from), nil
}

// bitFlips: one bit is wrong, at a thousand places one after the other.
func bitFlips(l *testlab.Lab) (string, error) {
	path, text, whole, err := written(l)
	if err != nil {
		return "", err
	}
	name := filepath.Base(path)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 2))
	flip := func() []byte {
		b := bytes.Clone(text)
		b[random.IntN(len(b))] ^= 1 << random.IntN(8)
		return b
	}
	for range flips {
		got, _, err := served(l, name, flip())
		if err == nil {
			err = faithful(got, whole)
		}
		// A flipped line end damages the two records that it parted.
		if err == nil && len(got) < len(whole)-2 {
			err = fmt.Errorf("%d of %d records", len(got), len(whole))
		}
		if err != nil {
			return "", fmt.Errorf("seed %d: %w", seed, err)
		}
	}
	for range livesWithDamage {
		if err := livesOn(l, path, flip()); err != nil {
			return "", fmt.Errorf("seed %d: %w", seed, err)
		}
	}
	return fmt.Sprintf("%d flips, all undamaged records served, no damaged one", flips), nil
}

// faithful: what is served is what was written.
func faithful(got, whole map[uint64]string) error {
	for seq, record := range got {
		if whole[seq] != record {
			return fmt.Errorf("record %d is served as %s", seq, record)
		}
	}
	return nil
}

// livesOn starts a sidecar on a damaged journal.
func livesOn(l *testlab.Lab, path string, text []byte) error {
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return err
	}
	if err := l.Start(policy(l, "exit:1:20", lively)); err != nil {
		return fmt.Errorf("on a damaged journal: %w", err)
	}
	told := func() bool {
		events, _ := l.Recorded()
		for _, e := range events {
			if e.Kind == heal.EventNote && strings.HasPrefix(e.Note, "journal_repaired") {
				return true
			}
		}
		return false
	}
	err := testlab.Wait("the repair is recorded", told)
	l.Kill()
	if n, _ := starts(l); n == 0 {
		return errors.New("nothing was supervised")
	}
	return err
}
