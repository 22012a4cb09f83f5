package redact

import (
	"bufio"
	"encoding/json"
	"hash/fnv"
	"os"
	"strings"
	"testing"
)

const (
	leastRecall, leastPrecision = 0.99, 0.98
	// samples is how many values each form is filled with.
	samples = 40
	// mostPerCorpus is which part of the lines of real programs may be changed. Some of them do hold
	// what looks like a secret.
	mostPerCorpus = 0.002
)

// heldOut are the forms that nothing was tuned to: two of five, as their hash says.
func heldOut(form string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(form))
	return h.Sum32()%5 < 2
}

// score counts secrets, those that are gone, and what was hidden rightly and wrongly.
type score struct{ secrets, gone, right, wrong int }

func (s score) recall() float64    { return float64(s.gone) / float64(max(s.secrets, 1)) }
func (s score) precision() float64 { return float64(s.right) / float64(max(s.right+s.wrong, 1)) }

// TestRedactionScore measures the forms that nothing was tuned to. A line counts as wrong when more is
// hidden in it than its secrets.
func TestRedactionScore(t *testing.T) {
	m := newMaker()
	scores := map[bool]*score{true: {}, false: {}}
	for _, form := range lines(t, "forms.txt") {
		held := heldOut(form)
		scores[held].forms(t, m, form, !held || os.Getenv("HEALER_SHOW") != "")
	}
	for _, line := range lines(t, "plain.txt") {
		held := heldOut(line)
		got := Text(line)
		if got == line {
			continue
		}
		scores[held].wrong += samples / 4 // a line weighs as much as a quarter of a form
		if !held || os.Getenv("HEALER_SHOW") != "" {
			t.Logf("not secret: %s\n        became: %s", line, got)
		}
	}
	for held, s := range scores {
		t.Logf("held out %v: recall %.4f of %d secrets, precision %.4f", held, s.recall(), s.secrets, s.precision())
		if s.recall() < leastRecall || s.precision() < leastPrecision {
			t.Errorf("held out %v: below recall %.2f or precision %.2f", held, leastRecall, leastPrecision)
		}
	}
}

func (s *score) forms(t *testing.T, m maker, form string, show bool) {
	for range samples {
		line, values, want := m.fill(form)
		got := Text(line)
		left := false
		for _, v := range values {
			s.secrets++
			if !strings.Contains(got, v) {
				s.gone++
			} else {
				left = true
			}
		}
		switch {
		case got == want:
			s.right++
		case strings.Contains(got, Hidden):
			s.wrong++
		}
		if show && (left || got != want) {
			show = false // once for each form
			t.Logf("%s\n        became: %s", line, got)
		}
	}
}

// TestRealLinesKeepTheirWords measures what is changed in the output of real programs.
func TestRealLinesKeepTheirWords(t *testing.T) {
	for _, path := range []string{"../../../corpus/own.jsonl", "../../../corpus/unseen.jsonl", "../../../corpus/wordings.jsonl", os.Getenv("HEALER_CORPUS")} {
		file, err := os.Open(path)
		if err != nil {
			if path != "" {
				t.Logf("skip %s: %v", path, err)
			}
			continue
		}
		n, changed := 0, 0
		for in := bufio.NewReader(file); err == nil; {
			var text []byte
			text, err = in.ReadBytes('\n')
			of, now := changes(t, text)
			n, changed = n+of, changed+now
		}
		file.Close()
		t.Logf("%s: %d of %d lines changed", path, changed, n)
		if float64(changed) > mostPerCorpus*float64(n) {
			t.Errorf("%s: more than one in %.0f lines changed", path, 1/mostPerCorpus)
		}
	}
}

// changes counts the lines of a record, and those that are changed.
func changes(t *testing.T, record []byte) (n, changed int) {
	var r struct{ Lines []string }
	_ = json.Unmarshal(record, &r) // the end of the file is no record
	for _, line := range r.Lines {
		if got := Text(line); got != line {
			changed++
			t.Logf("%s\n        became: %s", line, got)
		}
	}
	return len(r.Lines), changed
}
