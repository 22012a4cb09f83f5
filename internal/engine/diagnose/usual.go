package diagnose

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// mostUsual bounds how many usual lines are told of.
const mostUsual = 2

// witnessed reports that something else than output speaks for a type. Then a line that healthy runs
// print, too, counts like any other.
func witnessed(e heal.Evidence, typ heal.ErrorType) bool {
	speaks := func(v heal.Vote) bool { return v.Type == typ && v.Weight >= deadThreshold }
	return slices.ContainsFunc(endVotes(e), speaks) || slices.ContainsFunc(e.Findings, speaks) ||
		slices.ContainsFunc(e.Readings, func(r heal.Reading) bool { return speaks(readingVote(r)) }) ||
		slices.ContainsFunc(e.Matches, func(m heal.Match) bool { return m.Type == typ && (m.Operator || m.Confidence >= deadThreshold) })
}

// usualLines are what people are to know of lines that count for nothing.
func usualLines(e heal.Evidence) []string {
	var all []string
	for _, v := range e.Output.Votes {
		note := v.Why + ": counts for nothing alone: " + v.Usual
		if v.Usual != "" && !witnessed(e, v.Type) && len(all) < mostUsual && !slices.Contains(all, note) {
			all = append(all, note)
		}
	}
	return all
}
