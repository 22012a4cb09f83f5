package steps

import (
	"regexp"
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

// masks take out what differs between two runs of the same step: times, ids, what was spent, and
// the number of a step that has no last one. Small numbers stay: from "31 of 40" to "30 of 40"
// is progress (ENGINE.md 2.11).
var masks = sync.OnceValue(func() (all []mask) {
	for _, m := range [][2]string{
		{`\x1b\[[0-9;]*[a-zA-Z]`, ""},
		{`^(\W*)(?:step|iteration|turn|round|loop)\s*#?\d+\s*[:\])>-]+\s*(\S+\s+\S)`, "$1$2"},
		{`"?\b(?:\w*tokens?|\w*cost|elapsed|duration|latency|took|\w+_(?:ns|us|ms|s|sec|seconds|bytes))"?\s?[=:]\s?"?\d+(?:\.\d+)?"?`, "<spent>"},
		{`\$\s?\d+(?:[.,]\d+)*|\b\d+(?:[.,]\d+)*k? tokens?\b`, "<spent>"},
		{`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`, "<uuid>"},
		{`\b\d{4}[-/]\d\d[-/]\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:z| ?[+-]\d\d:?\d\d)?)?\b`, "<time>"},
		{`\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b`, "<time>"},
		{`\b0x[0-9a-f]+\b`, "<hex>"},
		{`\b(?:[a-z]+_)?(?:pid|tid|port|req|request|trace|span|session|call|thread|conn|attempt|retry|try|id)(?:[_-]?id)?[ =:#"]*[0-9a-f-]*\d[0-9a-f-]*\b`, "<id>"},
		{`\b(?:req|call|toolu|msg|run|chatcmpl|trace|span|sess)[_-][a-z]*\d[0-9a-z]{4,}\b`, "<id>"},
		{`\b\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|sec|seconds|min|b|kb|mb|gb|kib|mib|gib|%)(?:\W|$)`, "<amount> "},
		{`\b(?:\d+[a-f]|[a-f]+\d)[0-9a-f]{6,}\b`, "<hex>"},
		{`\b\d{6,}(?:\.\d+)?\b`, "<number>"},
	} {
		all = append(all, mask{regexp.MustCompile(m[0]), m[1]})
	}
	return all
})

type mask struct {
	expr *regexp.Regexp
	with string
}

// maxText bounds what is compared of a step.
const maxText = 1000

func normal(text string) string {
	text = strings.ToLower(text[:min(len(text), maxText)])
	if !strings.ContainsAny(text, "0123456789") { // what differs from run to run has a digit
		return strings.Join(strings.Fields(text), " ")
	}
	for _, m := range masks() {
		text = m.expr.ReplaceAllString(text, m.with)
	}
	text = long().ReplaceAllStringFunc(text, func(word string) string {
		if changes(word) >= madeChanges {
			return "<id>"
		}
		return word
	})
	return strings.Join(strings.Fields(text), " ")
}

// long are words that may be ids which no mask knows.
var long = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[a-z0-9_-]{20,}`) })

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
	return regexp.MustCompile(`(?i)\b(?:error|errors|err|failed|failure|fatal|exception|traceback|panic|refused|denied|not (?:found|clickable|available|visible|possible|permitted|reachable|supported)|cannot|can't|unable|invalid|timed out|timeout|rejected)\b|^\W*[45]\d\d\W*$|\b(?:http|status|code|got|returned|response)[^\w]{1,3}(?:\w+ )?[45]\d\d\b|\b[45]\d\d (?:client|server|bad|unauthori[sz]ed|payment|forbidden|not|method|request|conflict|too|internal|service|gateway|unprocessable|gone)\b`)
})

// Fails reports that a text speaks of a failure.
func Fails(text string) bool { return failing().MatchString(text) }

// waiting is what says that a program waits on purpose, where nobody knows how long.
var waiting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:wait(?:ing|s)?|polling|sleep(?:ing|s)?|pending|in progress|progressing|still running)\b`)
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
