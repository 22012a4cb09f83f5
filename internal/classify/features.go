package classify

import (
	"maps"
	"slices"
	"strings"

	"healer-sidecar/internal/match"
)

const (
	// longestWord is the length from which something is no word.
	longestWord = 17
	// saidLast lines are looked at: what a program said last, and what led to it.
	saidLast = 3
	// pairMark joins the two words of a pair.
	pairMark = "_"
)

// fillers say nothing about a cause by themselves.
var fillers = strings.Fields(`the a an of to in on at for and or is are was were be been it its this that with by from as not no has have had
 after before when while which there here very too all any some please try again later something anything went wrong unexpected unknown
 undefined unspecified unhandled error errors err fail failed failure failing fatal exception problem issue occur occurred happened process
 processes program application app agent run running job exit exited exits stop stopped stopping end ended ending terminate terminated kill
 killed abort aborted command status code result reason null none true false line lines file exec main`)

var (
	wordOf = match.Lazy(`[a-z]{2,}`)
	// asideOf are a URL, and a field with a number or an id: their words are names.
	asideOf = match.Lazy(`(?:\w+=)?\b[a-zA-Z][a-zA-Z0-9+.-]*://\S*|\b\w+=\S*\d\S*`)
	// humpOf is where a word of a camelCased name ends.
	humpOf = match.Lazy(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)
)

// Features are what lines say by their words: each word that may tell of a cause, without its
// ending, and each pair of neighbours, once. They are of the messages of the last lines.
func Features(lines []string) []string { return slices.Sorted(maps.Keys(features(lines))) }

// features are the same with how each was written.
func features(lines []string) map[string]string {
	all, left := map[string]string{}, saidLast
	for _, line := range slices.Backward(lines) {
		said := message(strings.TrimSpace(line))
		if said == "" {
			continue
		}
		featuresOf(said[:min(len(said), match.MaxLine)], all)
		if left--; left == 0 {
			break
		}
	}
	return all
}

func featuresOf(said string, all map[string]string) {
	said = humpOf().ReplaceAllString(asideOf().ReplaceAllString(said, " "), "$1$3 $2$4")
	before, beforeWritten := "", ""
	for _, w := range wordOf().FindAllString(strings.ToLower(said), -1) {
		if len(w) >= longestWord {
			continue
		}
		s := stem(w)
		if !slices.Contains(fillers, w) && !slices.Contains(fillers, s) {
			all[s] = w
		}
		if before != "" {
			all[before+pairMark+s] = beforeWritten + " " + w
		}
		before, beforeWritten = s, w
	}
}

// stem takes the usual endings off.
func stem(word string) string {
	for _, end := range []string{"ing", "ed", "es", "s", "ly"} {
		if short, ok := strings.CutSuffix(word, end); ok && len(short) >= 4 {
			return short
		}
	}
	return word
}
