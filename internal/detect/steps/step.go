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

// masks take out what differs between two runs of the same step. Small numbers stay:
// from "31 of 40" to "30 of 40" is progress (ENGINE.md 2.11).
var masks = sync.OnceValue(func() (all []mask) {
	for _, m := range [][2]string{
		{`\x1b\[[0-9;]*[a-zA-Z]`, ""},
		{`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`, "<uuid>"},
		{`\b\d{4}[-/]\d\d[-/]\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:z| ?[+-]\d\d:?\d\d)?)?\b`, "<time>"},
		{`\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b`, "<time>"},
		{`\b0x[0-9a-f]+\b`, "<hex>"},
		{`\b(?:[a-z]+_)?(?:pid|tid|port|req|request|trace|span|session|call|thread|conn|attempt|retry|try|id)(?:[_-]?id)?[ =:#"]*[0-9a-f-]*\d[0-9a-f-]*\b`, "<id>"},
		{`\b(?:req|call|toolu|msg|run|chatcmpl|trace|span|sess)[_-][0-9a-z]{6,}\b`, "<id>"},
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
	for _, m := range masks() {
		text = m.expr.ReplaceAllString(text, m.with)
	}
	return strings.Join(strings.Fields(text), " ")
}

var failing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:error|errors|err|failed|failure|fatal|exception|traceback|panic|refused|denied|not found|cannot|can't|unable|invalid|timed out|timeout|rejected|4\d\d|5\d\d)\b`)
})

// Fails reports that a text speaks of a failure.
func Fails(text string) bool { return failing().MatchString(text) }

var talking = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\W*(?:(?:say|said|message|think|thinking|thought|thoughts|assistant|agent|monologue|reply|respond)\b\s*[|:>(-]|(?:i|i'll|i'm|i am|let me|let's|we|now i)\b)`)
})

// Talks reports that a text is only speech.
func Talks(text string) bool { return talking().MatchString(text) }
