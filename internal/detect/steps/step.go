package steps

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Step is one thing that an agent did, or one line that it printed.
type Step struct {
	// Action is what was done with which arguments, Result what came of it.
	Action, Result string
	// Failed says that it did not work, Talk that nothing was done but speaking.
	Failed, Talk bool
	// Gap is the time since the step before.
	Gap time.Duration
	// Progress counts what was achieved so far; Counted says that it is known.
	Progress float64
	Counted  bool
}

// masks take out what differs between two runs of the same step: times, what was spent, and ids
// that are known by their names or beginnings.
var masks = sync.OnceValue(func() (all []mask) {
	for _, m := range []struct {
		expr, with string
		needs      []string
	}{
		{`\x1b\[[0-9;]*[a-zA-Z]`, "", []string{"\x1b"}},
		{`"?\b(?:\w*tokens?|\w*cost|elapsed|duration|latency|took|\w+_(?:ns|us|ms|s|sec|seconds|bytes))"?\s?[=:]\s?"?\d+(?:\.\d+)?"?`, "<spent>", []string{"token", "cost", "elapsed", "duration", "latency", "took", "_"}},
		{`\$\s?\d+(?:[.,]\d+)*|\b\d+(?:[.,]\d+)*k? tokens?\b`, "<spent>", []string{"$", "token"}},
		{`\b\d{4}[-/]\d\d[-/]\d\d[t ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:z| ?[+-]\d\d:?\d\d)?\b`, "<time>", []string{":"}},
		{`^(\W*)\d{4}[-/]\d\d[-/]\d\d\b`, "$1<time>", nil},
		{`\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* {1,2}\d{1,2} \d\d:\d\d(?::\d\d)?\b`, "<time>", []string{":"}},
		{`\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[ap]m)?\b`, "<time>", []string{":"}},
		{`\b(?:ts|time|timestamp|t|at|uptime)"?\s?[=:]\s?"?\d+(?:\.\d+)?\w*\b`, "<time>", []string{"=", ":"}},
		{`^(\W*)\d+\.\d{3,}\b`, "$1<time>", nil},
		{`\b(?:[a-z]+_)?(?:pid|tid|req|request|trace|span|session|call|thread|conn)(?:[_-]?id)?[ =:#"]*[0-9a-f-]*\d[0-9a-f-]*\b`, "<id>", []string{"id", "req", "trace", "span", "session", "call", "thread", "conn"}},
		{`\b(?:req|call|toolu|msg|run|chatcmpl|trace|span|sess)[_-][a-z]*\d[0-9a-z]{4,}\b`, "<id>", []string{"_", "-"}},
		{`\b\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|sec|seconds|min|b|kb|mb|gb|kib|mib|gib|%)(?:\W|$)`, "<amount> ", nil},
		{`\btmp[._-]?\w*\d\w*`, "<id>", []string{"tmp"}},
		{`\b\d+h(?: ?\d+m)?(?: ?\d+s)?\b|\b\d+m ?\d+s\b`, "<amount>", nil},
	} {
		all = append(all, mask{regexp.MustCompile(m.expr), m.with, m.needs})
	}
	return all
})

// mask replaces what an expression finds. A text that holds none of what it needs is not searched.
type mask struct {
	expr  *regexp.Regexp
	with  string
	needs []string
}

func (m mask) apply(text string) string {
	if m.needs != nil && !slices.ContainsFunc(m.needs, func(n string) bool { return strings.Contains(text, n) }) {
		return text
	}
	return m.expr.ReplaceAllString(text, m.with)
}

// maxText bounds what is compared of a step.
const maxText = 1000

// normal is a text without what differs between two runs of the same step. Of what failed no id
// says anything: the next try has another.
func normal(text string, failed bool) string {
	text = strings.ToLower(text[:min(len(text), maxText)])
	if !strings.ContainsAny(text, "0123456789") { // what differs from run to run has a digit
		return strings.Join(strings.Fields(text), " ")
	}
	for _, m := range masks() {
		text = m.apply(text)
	}
	text = maskIDs(maskCounters(text, failed), failed)
	return strings.Join(strings.Fields(text), " ")
}

// madeChanges is how often a word must change between letters and digits for it to be one that a
// program made, and no name.
const madeChanges = 4

// changes counts the borders between letters and digits in a word.
func changes(word string) (n int) {
	digit := func(b byte) bool { return b >= '0' && b <= '9' }
	letter := func(b byte) bool { return b >= 'a' && b <= 'z' }
	for i := 1; i < len(word); i++ {
		if digit(word[i-1]) && letter(word[i]) || letter(word[i-1]) && digit(word[i]) {
			n++
		}
	}
	return n
}

var failing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:error|errors|err|failed|failure|fatal|exception|traceback|panic|refused|denied|not (?:found|clickable|available|visible|possible|permitted|reachable|supported)|cannot|can't|unable|invalid|timed out|timeout|rejected)\b|\bexit(?:ed)?(?: with)?(?: code| status)?\W{1,2}[1-9]|^\W*[45]\d\d\W*$|\b(?:http|status|code|got|returned|response)[^\w]{1,3}(?:\w+ )?[45]\d\d\b|\b[45]\d\d (?:client|server|bad|unauthori[sz]ed|payment|forbidden|not|method|request|conflict|too|internal|service|gateway|unprocessable|gone)\b`)
})

// Fails reports that a text speaks of a failure.
func Fails(text string) bool { return failing().MatchString(text) }

// waiting is what says that a program waits on purpose, where nobody knows how long.
var waiting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:wait(?:ing|s)?|poll(?:ing|s|ed)?|sleep(?:ing|s)?|pending|queued|in progress|progressing|provisioning|processing|still \w+|not (?:yet )?(?:ready|finished|done|complete)|not yet|(?:status|state)\W{1,3}(?:running|starting|building|creating|active))\b`)
})

// idle is what says that there is nothing to be done, however often.
var idle = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:heart ?beat|keep-?alive|idle|queue (?:is )?empty|nothing to do|no (?:new )?(?:jobs|work|tasks|messages|events))\b`)
})

// idles reports that a step is none: a program without work says that it lives.
func (s Step) idles() bool {
	return !s.Failed && !s.Talk && s.Result == "" && idle().MatchString(s.Action)
}

// waits reports that a step is of a program that waits.
func (s Step) waits() bool {
	return !s.Failed && !s.Talk && waiting().MatchString(s.Action+" "+s.Result)
}

var talking = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\W*(?:(?:say|said|message|think|thinking|thought|thoughts|assistant|agent|monologue|reply|respond)\b\s*[|:>(-]|(?:i|i'll|i'm|i am|let me|let's|we|now i)\b)`)
})

// Talks reports that a text is only speech.
func Talks(text string) bool { return talking().MatchString(text) }
