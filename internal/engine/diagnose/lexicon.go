package diagnose

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"healer-sidecar/internal/heal"
)

// lexiconText has a line for each word that speaks for some type more than for others: the word
// and, by type, how much, as the logarithm of the odds. It is made of the corpora of this
// repository by go run ./corpus -words.
//
//go:embed lexicon.txt
var lexiconText string

const (
	// guessLeast and guessMargin are how much the words of a line must say for a type, and how
	// much more than for the next; spokenFor is the most that one word says, against how much a
	// word says against the types that it does not speak for.
	guessLeast, guessMargin = 2.5, 0.8
	// surerLeast and surerMargin are the same where the line is called an error.
	surerLeast, surerMargin = 3.0, 1.3
	spokenFor, against      = 2.5, 0.6
	// guessWeight is little: it decides where nothing else does.
	guessWeight = 0.4
	// mostNamed words are named in the evidence.
	mostNamed = 6
	// longestWord is the length from which something is no word.
	longestWord = 16
)

// fillers say nothing about a cause.
var fillers = strings.Fields(`the a an of to in on at for and or is are was were be been it its this that with by from as not no has have had
 after before when while which there here very too all any some please try again later something anything went wrong unexpected unknown
 undefined unspecified unhandled error errors err fail failed failure failing fatal exception problem issue occur occurred happened process
 processes program application app agent run running job exit exited exits stop stopped stopping end ended ending terminate terminated kill
 killed abort aborted command status code result reason null none true false line lines file exec main`)

var wordOf, urlOf = lazy(`[a-z]{2,}`), lazy(`(?:\w+=)?\b[a-z][a-z0-9+.-]*://\S*`)

// Words are the words of a text that may tell of a cause, without their endings, each once.
func Words(text string) []string { return slices.Sorted(maps.Keys(stems(text))) }

// stems are the same with a word as it was written for each. The words of a URL are names.
func stems(text string) map[string]string {
	all := map[string]string{}
	for _, w := range wordOf().FindAllString(urlOf().ReplaceAllString(strings.ToLower(text), " "), -1) {
		s := stem(w)
		if len(w) <= longestWord && !slices.Contains(fillers, w) && !slices.Contains(fillers, s) {
			all[s] = w
		}
	}
	return all
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

var lexicon = sync.OnceValue(func() map[string]map[heal.ErrorType]float64 {
	words := map[string]map[heal.ErrorType]float64{}
	for line := range strings.Lines(lexiconText) {
		fields := strings.Fields(line)
		says := map[heal.ErrorType]float64{}
		for _, f := range fields[1:] {
			typ, odds, _ := strings.Cut(f, "=")
			says[heal.ErrorType(typ)], _ = strconv.ParseFloat(odds, 64) // a test reads them all
		}
		words[fields[0]] = says
	}
	return words
})

// guess is what the words of the last line say about the cause, where no rule names one: people
// word failures in ways that nobody has seen before. Over is what it must outweigh.
func guess(lines []string, over float64) (heal.Vote, bool) {
	last := ""
	for _, l := range slices.Backward(lines) {
		if last = message(strings.TrimSpace(l)); last != "" {
			break
		}
	}
	scores := map[heal.ErrorType]float64{}
	written := stems(last[:min(len(last), maxWindow)])
	for _, s := range slices.Sorted(maps.Keys(written)) { // the same sum each time
		says := lexicon()[s]
		if says == nil {
			continue
		}
		for _, typ := range heal.ErrorTypes {
			if odds, ok := says[typ]; ok {
				scores[typ] += min(odds, spokenFor)
			} else {
				scores[typ] -= against
			}
		}
	}
	best, next := heal.Unknown, heal.Unknown
	for _, typ := range heal.ErrorTypes {
		switch {
		case scores[typ] > scores[best]:
			best, next = typ, best
		case scores[typ] > scores[next]:
			next = typ
		}
	}
	least, margin := guessLeast, guessMargin
	if over > 0 {
		least, margin = surerLeast, surerMargin
	}
	if scores[best] < least || scores[best]-max(scores[next], 0) < margin {
		return heal.Vote{}, false
	}
	var spoke []string
	for s, w := range written {
		if lexicon()[s][best] > 0 {
			spoke = append(spoke, w)
		}
	}
	slices.Sort(spoke)
	why := fmt.Sprintf("no rule knows it; its words speak of that: %s", strings.Join(spoke[:min(len(spoke), mostNamed)], ", "))
	return heal.Vote{Type: best, Weight: max(guessWeight, over+0.1), Why: why, Guess: true}, true
}
