package main

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
)

// lexiconFile is what the words are written to, from what of this repository.
const lexiconFile = "internal/engine/diagnose/lexicon.txt"

var wordSources = []string{"corpus/wordings.jsonl", "corpus/own.jsonl"}

const (
	// leastSeen is in how many failures a word must stand; telling is how much likelier it must
	// be for one type, worthy how much for that to be named.
	leastSeen       = 4
	telling, worthy = 1.0, 0.4
	// lastLines of a failure are looked at.
	lastLines = 6
)

// counts are in how many failures of each type a word stands, and how many there are.
type counts struct {
	words map[string]map[heal.ErrorType]int
	all   map[heal.ErrorType]int
	total int
}

// add counts one failure.
func (c *counts) add(r corpus.Record) {
	if r.Expect == heal.Benign || r.Expect == heal.Unknown {
		return
	}
	c.all[r.Expect]++
	c.total++
	lines := r.Lines[max(len(r.Lines)-lastLines, 0):]
	for _, w := range diagnose.Words(strings.Join(lines, "\n")) {
		if c.words[w] == nil {
			c.words[w] = map[heal.ErrorType]int{}
		}
		c.words[w][r.Expect]++
	}
}

// odds is the logarithm of how much likelier a word is in failures of a type than in the others,
// as if each had been seen half a time more.
func (c *counts) odds(word string, typ heal.ErrorType) float64 {
	seen := 0
	for _, n := range c.words[word] {
		seen += n
	}
	here, of := float64(c.words[word][typ]), float64(c.all[typ])
	other, rest := float64(seen)-here, float64(c.total)-of
	return math.Log((here + 0.5) / (of + 1) / ((other + 0.5) / (rest + 1)))
}

// lexicon is the text of the words that tell of a type.
func (c *counts) lexicon() string {
	var out strings.Builder
	for _, word := range slices.Sorted(maps.Keys(c.words)) {
		seen, most := 0, 0.0
		var says []string
		for _, typ := range heal.ErrorTypes {
			if c.all[typ] == 0 {
				continue
			}
			seen += c.words[word][typ]
			odds := c.odds(word, typ)
			most = max(most, odds)
			if odds >= worthy {
				says = append(says, fmt.Sprintf("%s=%.1f", typ, odds))
			}
		}
		if seen >= leastSeen && most >= telling {
			fmt.Fprintf(&out, "%s %s\n", word, strings.Join(says, " "))
		}
	}
	return out.String()
}

// countWords reads the corpora.
func countWords(root string) (*counts, error) {
	c := &counts{words: map[string]map[heal.ErrorType]int{}, all: map[heal.ErrorType]int{}}
	for _, path := range wordSources {
		f, err := os.Open(root + path)
		if err != nil {
			return nil, fmt.Errorf("cannot count words: %w", err)
		}
		err = corpus.Read(f, func(r corpus.Record) error { c.add(r); return nil })
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("cannot count words of %s: %w", path, err)
		}
	}
	return c, nil
}

// writeWords writes the lexicon.
func writeWords() error {
	c, err := countWords("")
	if err != nil {
		return err
	}
	if err := os.WriteFile(lexiconFile, []byte(c.lexicon()), 0o644); err != nil {
		return fmt.Errorf("cannot write the words: %w", err)
	}
	return nil
}
