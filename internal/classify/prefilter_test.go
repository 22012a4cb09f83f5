package classify

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"healer-sidecar/internal/match"
	"healer-sidecar/internal/match/matchtest"
)

// TestPrefiltersLetThroughWhatMatches grows texts from the expressions of contexts: what the whole
// expression matches is not ruled out before it is tried.
func TestPrefiltersLetThroughWhatMatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for name, p := range map[string]match.Prefilter{
		"loud": levelLoud, "warn": levelWarn, "quiet": levelQuiet, "denied": denied, "zero": zero, "counted": counted, "begun": begun, "settled": settled,
		"fine": fine, "cited": cited, "spoken": spoken, "quoted": quoted, "passedBy": passedBy, "setting": setting,
	} {
		whole := regexp.MustCompile(p.String())
		tree, err := syntax.Parse(p.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		matched := 0
		for range 4000 {
			var text strings.Builder
			text.WriteString(matchtest.Around[rng.IntN(5)])
			matchtest.Grow(tree, rng, &text)
			text.WriteString(matchtest.Around[rng.IntN(5)])
			line := strings.ToLower(text.String())
			if !whole.MatchString(line) {
				continue
			}
			var s match.Scratch
			s.TakeLower(line)
			if matched++; !p.Match(s.Lower(), &s) {
				t.Errorf("%s: %q matches and is ruled out", name, line)
			}
		}
		if matched == 0 {
			t.Errorf("%s was never matched", name)
		}
	}
}
