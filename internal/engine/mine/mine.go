// Package mine finds the words of failure messages that vary from one sighting to the
// next, such as names of models, users and tools. It is pure.
package mine

import (
	"slices"
	"strings"
)

const (
	// cardinality is how many different words must have stood at one place, with all
	// others equal, before the place counts as varying; most is how many places of a
	// message may (ENGINE.md 2.4, rule 4). Merging by similarity instead takes messages
	// for the same that differ in the one word that matters.
	cardinality, most = 5, 2
	// Wild stands for a word that varies.
	Wild = "<*>"
	// maxPlaces bounds what is remembered, maxWords what is looked at of a message.
	maxPlaces, maxWords = 20000, 64
)

// Miner remembers which words stood where. The zero value is ready. Its fields are
// what a snapshot keeps.
type Miner struct {
	// Places holds for a message with one word left out the words that stood there.
	Places map[string][]string `json:"places,omitempty"`
	// Old are places that were not seen since the last time there were too many.
	Old map[string][]string `json:"old,omitempty"`
}

// General is the message with the words that vary taken out; it learns from it. Scope
// keeps the messages of different programs apart.
func (m *Miner) General(scope, message string) string {
	words := strings.Fields(message)
	if len(words) > maxWords {
		return message
	}
	for range most {
		at := m.varying(scope, words)
		if at < 0 {
			break
		}
		words[at] = Wild
	}
	return strings.Join(words, " ")
}

// varying learns a message and returns the last place of it that varies, or -1.
func (m *Miner) varying(scope string, words []string) int {
	found := -1
	for i, w := range words {
		if !wordy(w) {
			continue
		}
		words[i] = Wild
		key := scope + "\x00" + strings.Join(words, " ")
		words[i] = w
		if m.learn(key, w) {
			found = i
		}
	}
	return found
}

// wordy reports that a word may vary: not what is masked already, and no code, whose
// digits were kept because they matter.
func wordy(w string) bool {
	return w[0] != '<' && !strings.ContainsAny(w, "0123456789")
}

// learn notes a word at a place and reports whether the place varies.
func (m *Miner) learn(key, word string) bool {
	seen, ok := m.Places[key]
	if !ok {
		if len(m.Places) >= maxPlaces/2 {
			m.Old, m.Places = m.Places, nil
		}
		seen = m.Old[key]
		delete(m.Old, key)
	}
	if len(seen) < cardinality && !slices.Contains(seen, word) {
		seen = append(seen, word)
	}
	if m.Places == nil {
		m.Places = map[string][]string{}
	}
	m.Places[key] = seen
	return len(seen) >= cardinality
}
