package steps

import (
	"slices"
	"strings"
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
	// fewWords are those of a speech that says the same in other words.
	fewWords = 20
	// among steps one failing one that fills mostly leads nowhere; so does one that comes every
	// other time for long, whatever is tried in between.
	among, mostly       = 12, 7
	amongMany, everyNth = 24, 12
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
	// kind is that of a failure, whatever ids it names.
	kind         token
	failed, talk bool
	gauges       []gauge
	// told is what a failure says with its numbers, but for the counter of steps.
	told string
}

// Judge finds an agent that does the same again and again (ENGINE.md 2.11). It
// belongs to one goroutine.
type Judge struct {
	steps    []taken
	progress float64
	counted  bool
	wait     wait
	gap      time.Duration
}

// Add takes a step and returns the rule by which it leads nowhere, or "".
func (j *Judge) Add(s Step) string {
	if s.idles() {
		return ""
	}
	if s.Counted {
		if j.counted && s.Progress > j.progress {
			j.steps = j.steps[:0]
			j.wait.over()
		}
		j.counted, j.progress = true, s.Progress
	}
	t := token{normal(s.Action, s.Failed), normal(s.Result, s.Failed)}
	if j.waits(s, t) {
		return ""
	}
	next := taken{token: t, failed: s.Failed, talk: s.Talk, gauges: gauges(s.Action + " " + s.Result)}
	if s.Failed {
		next.kind, next.told = token{kindOf(t.action), kindOf(t.result)}, t.action+" "+t.result
	}
	j.steps = append(j.steps, next)
	j.steps = j.steps[max(len(j.steps)-barren, 0):]
	return j.judge()
}

// waits reports that a step is one more look at the same, on purpose: the looks are far between
// or get rarer, the program says that it waits, or what it says to have waited grows.
func (j *Judge) waits(s Step, t token) bool {
	reported := elapsed(s.Action + " " + s.Result)
	grows := reported > j.wait.reported && j.wait.reported > 0 && !s.Failed && !s.Talk && headOf(t.action) == 0
	on := s.Gap >= waitingGap || s.waits() || grows || j.gap > 0 && float64(s.Gap) >= waitingGrowth*float64(j.gap)
	j.gap = s.Gap
	if len(j.steps) == 0 || j.steps[len(j.steps)-1].token != t {
		j.wait.over()
		j.wait.reported = reported
		return false
	}
	j.wait.reported = reported
	return on && j.wait.poll(s.Gap, reported)
}

func (j *Judge) judge() string {
	acts := j.acts()
	switch {
	case repeats(j.steps) || repeats(acts):
		return RuleRepeat
	case comesRound(j.steps) || comesRound(acts):
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

func last(steps []taken, n int) []taken { return steps[max(len(steps)-n, 0):] }

// acts are the steps without what is only said, which is worded anew each time around. There are
// none where the last step is talk.
func (j *Judge) acts() []taken {
	if len(j.steps) == 0 || j.steps[len(j.steps)-1].talk {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(j.steps), func(t taken) bool { return t.talk })
}

func repeats(steps []taken) bool {
	need := repeatsAlone
	if some := last(steps, repeatsFailing); alike(some, func(t taken) bool { return t.failed }) || alike(some, func(t taken) bool { return t.talk }) {
		need = repeatsFailing
	}
	if len(steps) < need || !periodic(last(steps, need), 1) {
		return false
	}
	if courseOf(last(steps, need), 0, 1).still { // a bar that is drawn often
		return len(steps) >= waits && periodic(last(steps, waits), 1)
	}
	return true
}

func (t taken) same(other taken) bool { return t.token == other.token }

func alike(steps []taken, is func(taken) bool) bool {
	return !slices.ContainsFunc(steps, func(t taken) bool { return !is(t) })
}

func comesRound(steps []taken) bool {
	for p := 2; p <= longestCycle && p*cycles <= len(steps); p++ {
		if periodic(last(steps, p*cycles), p) && !alike(last(steps, p), steps[len(steps)-1].same) {
			return true
		}
	}
	return false
}

// periodic reports that steps come round, and that nothing in them gets on.
func periodic(steps []taken, period int) bool {
	for i := period; i < len(steps); i++ {
		if steps[i].token != steps[i-period].token {
			return false
		}
	}
	for first := range period {
		if courseOf(steps, first, period).moves {
			return false
		}
	}
	return true
}

func (j *Judge) wanders() bool {
	if len(j.steps) < wandering {
		return false
	}
	some := last(j.steps, wandering)
	different := map[token][]taken{}
	for _, t := range some {
		different[t.token] = append(different[t.token], t)
	}
	if len(different) > fewTokens {
		return rambles(some)
	}
	for _, same := range different {
		if len(same) > cycles && courseOf(same, 0, 1).moves {
			return false
		}
	}
	return true
}

// rambles reports that nothing is done but speaking, with few words.
func rambles(steps []taken) bool {
	words := map[string]bool{}
	for _, t := range steps {
		if !t.talk {
			return false
		}
		for w := range strings.FieldsSeq(t.action) {
			words[w] = true
		}
	}
	return len(words) <= fewWords
}

func (j *Judge) keepsFailing() bool {
	if len(j.steps) < among {
		return false
	}
	same, kindred := failures(last(j.steps, among))
	if fills(same, mostly) || fills(kindred, among) {
		return true
	}
	many, _ := failures(last(j.steps, amongMany))
	return fills(many, everyNth)
}

// failures are what failing steps tell: of the same, and of the same but for names and numbers.
func failures(steps []taken) (same, kindred map[token][]string) {
	same, kindred = map[token][]string{}, map[token][]string{}
	for _, t := range steps {
		if !t.failed {
			continue
		}
		kind, told := t.kind, t.told
		kindred[kind] = append(kindred[kind], told)
		if t.result != "" { // what was done with another argument is something else
			kind.action = t.action
		}
		same[kind] = append(same[kind], told)
	}
	return same, kindred
}

// fills reports that some failures are of one kind, and do not tell of one thing after another.
func fills(kinds map[token][]string, least int) bool {
	for _, told := range kinds {
		if len(told) >= least && !counts(told) {
			return true
		}
	}
	return false
}
