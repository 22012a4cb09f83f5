package classify

import (
	"strings"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

// actionLine is a line that reports a step of an agent.
var actionLine = match.Lazy(`(?i)action|tool|step|iter|thought|command|plan|edit|turn|call|agent|search|attempt`)

// strained is a step that did not come off: then its numbers tell of no progress. routine is
// one that is repeated as long as all is well.
var (
	strained = match.Lazy(`(?i)fail|error|retr(?:y|ied)|attempt|again|no (?:result|match|change|progress)|same|not found|denied|refused|timed? ?out|invalid|unchanged|rejected`)
	routine  = match.Lazy(`(?i)heart ?beat|poll|health|\bidle\b|\balive\b|waiting|listening|keep-?alive|\btick\b|\b(?:no|0) (?:new )?(?:jobs|work|tasks|messages|events)|\b(?:get|post) /|\bconnection from\b`)
)

// minRepeats is how often a cycle of lines must recur to count as a loop.
const minRepeats = 3

// repeats finds an agent that does the same again and again: the last lines are
// a cycle of one to four lines. Failing steps that repeat are no progress.
func repeats(lines []string) (heal.Vote, bool) {
	var steps []string
	for _, l := range lines {
		s := strings.TrimSpace(message(l))
		switch {
		case s == "" || !actionLine().MatchString(s) || routine().MatchString(s):
		case strained().MatchString(s):
			steps = append(steps, Template(s))
		default:
			steps = append(steps, s)
		}
	}
	for period := 1; period <= 4; period++ {
		n := cycleLength(steps, period)
		if n >= max(minRepeats*period, 4) {
			return heal.Vote{Type: heal.LearningFailure, Weight: 0.6 + 0.02*float64(min(n, 8)), Why: "the same steps again and again", Template: Template(lines[len(lines)-1])}, true
		}
	}
	return heal.Vote{}, false
}

// cycleLength counts how many of the last entries repeat with the period.
func cycleLength(steps []string, period int) int {
	n := period
	for i := len(steps) - 1 - period; i >= 0 && steps[i] == steps[i+period]; i-- {
		n++
	}
	if n == period {
		return 0
	}
	return n
}
