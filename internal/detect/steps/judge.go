package steps

import (
	"slices"
	"time"
)

const (
	// longestCycle is the longest period that is looked for.
	longestCycle = 8
	// repeatsAlone of the same step are a loop, fewer when all failed or were talk;
	// cycles is how often a longer period must come round.
	repeatsAlone, repeatsFailing, cycles = 4, 3, 3
	// wandering steps that hold at most fewTokens different ones lead nowhere.
	wandering, fewTokens = 24, 6
	// among steps one failing one that fills mostly leads nowhere.
	among, mostly = 12, 7
	// barren steps without a mark of progress, where marks are given, lead nowhere.
	barren = 40
	// waitingGap makes the repetition of a step a deliberate wait, as does a gap that
	// grows by waitingGrowth; waits of them are allowed.
	waitingGap    = 10 * time.Second
	waitingGrowth = 1.5
	waits         = 20
)

// The rules by which an agent is found to make no progress.
const (
	RuleRepeat  = "repeat"
	RuleCycle   = "cycle"
	RuleWander  = "wander"
	RuleFailing = "failing"
	RuleBarren  = "barren"
)

// token is a step without what differs from run to run.
type token struct {
	action, result string
}

type taken struct {
	token
	failed, talk bool
}

// Judge finds an agent that does the same again and again (ENGINE.md 2.11). It
// belongs to one goroutine.
type Judge struct {
	steps    []taken
	progress float64
	counted  bool
	waited   int
	gap      time.Duration
}

// Add takes a step and returns the rule by which it leads nowhere, or "".
func (j *Judge) Add(s Step) string {
	if s.Counted {
		if j.counted && s.Progress > j.progress {
			j.steps, j.waited = j.steps[:0], 0
		}
		j.counted, j.progress = true, s.Progress
	}
	t := token{normal(s.Action), normal(s.Result)}
	deliberate := s.Gap >= waitingGap || j.gap > 0 && float64(s.Gap) >= waitingGrowth*float64(j.gap)
	j.gap = s.Gap
	if deliberate && len(j.steps) > 0 && j.steps[len(j.steps)-1].token == t {
		if j.waited++; j.waited < waits {
			return ""
		}
	} else if len(j.steps) > 0 && j.steps[len(j.steps)-1].token != t {
		j.waited = 0
	}
	j.steps = append(j.steps, taken{t, s.Failed, s.Talk})
	j.steps = j.steps[max(len(j.steps)-barren, 0):]
	return j.judge()
}

func (j *Judge) judge() string {
	switch {
	case j.repeats():
		return RuleRepeat
	case j.cycles():
		return RuleCycle
	case j.wanders():
		return RuleWander
	case j.keepsFailing():
		return RuleFailing
	case j.counted && len(j.steps) >= barren:
		return RuleBarren
	}
	return ""
}

func (j *Judge) last(n int) []taken { return j.steps[max(len(j.steps)-n, 0):] }

func (j *Judge) repeats() bool {
	need := repeatsAlone
	if last := j.last(repeatsFailing); alike(last, func(t taken) bool { return t.failed }) || alike(last, func(t taken) bool { return t.talk }) {
		need = repeatsFailing
	}
	return len(j.steps) >= need && periodic(j.last(need), 1)
}

func alike(steps []taken, is func(taken) bool) bool {
	return !slices.ContainsFunc(steps, func(t taken) bool { return !is(t) })
}

func (j *Judge) cycles() bool {
	for p := 2; p <= longestCycle && p*cycles <= len(j.steps); p++ {
		if periodic(j.last(p*cycles), p) {
			return true
		}
	}
	return false
}

func periodic(steps []taken, period int) bool {
	for i := period; i < len(steps); i++ {
		if steps[i].token != steps[i-period].token {
			return false
		}
	}
	return true
}

func (j *Judge) wanders() bool {
	if len(j.steps) < wandering {
		return false
	}
	different := map[token]bool{}
	for _, t := range j.last(wandering) {
		different[t.token] = true
	}
	return len(different) <= fewTokens
}

func (j *Judge) keepsFailing() bool {
	if len(j.steps) < among {
		return false
	}
	count := map[token]int{}
	for _, t := range j.last(among) {
		if t.failed {
			count[t.token]++
		}
		if count[t.token] >= mostly {
			return true
		}
	}
	return false
}
