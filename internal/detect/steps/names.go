package steps

import (
	"regexp"
	"strings"
	"sync"
)

// A step is compared without what differs between two runs of the same step. Whether an id
// differs from run to run or says what the step is about shows where it stands: the id of a
// request, or one in front of the action as a log prints it, is new each time; that of a
// document which was dealt with is what the step got done.

// ids are words that a program made: UUIDs, hexadecimal, long numbers, and such.
var ids = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|` +
		`\b0x[0-9a-f]+\b|\b[a-z0-9_-]*\d[a-z0-9_-]*\b`)
})

// name is what stands right before an id, with a sign between.
var name = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([a-z][a-z_.-]*)["']?\s{0,2}(?:[=:#]\s{0,2}|\s)["'#]?$`)
})

// passing are names of ids that are new each time, whatever is done.
var passing = words(`request req trace span call toolcall session sess conn connection thread pid tid process correlation
	nonce key idempotency token etag event msg message run invocation execution attempt retry try turn step iteration seed
	rss mem memory heap used free tokens cost ts time timestamp epoch seq hash load ping`)

func words(text string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(text) {
		all[w] = true
	}
	return all
}

// actions are words that begin what is done; what stands before the first is the head of a log
// line.
var actions = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:tool|action|command|function|call(?:ing|ed)?|bash|shell|exec(?:uting)?|agent|` +
		`run(?:ning)?)\b|\w\(|\{`)
})

// headOf is the length of what stands before the action; 0 where none can be told.
func headOf(text string) int {
	at := actions().FindStringIndex(text)
	if at == nil {
		return 0
	}
	return at[0]
}

// maskIDs takes the ids out of a text: all of them where all is set, else those that are new each
// time.
func maskIDs(text string, all bool) string {
	head := headOf(text)
	var b strings.Builder
	end := 0
	for _, at := range ids().FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		if !made(word) {
			continue
		}
		before := text[:at[0]]
		if !all && at[0] >= head && !fleeting(before, word) {
			continue
		}
		b.WriteString(text[end:at[0]])
		b.WriteString("<id>")
		end = at[1]
	}
	b.WriteString(text[end:])
	return b.String()
}

// made reports that a program made a word: nobody names things like that.
func made(word string) bool {
	digits, hex := 0, 0
	for i := range len(word) {
		switch c := word[i]; {
		case c >= '0' && c <= '9':
			digits, hex = digits+1, hex+1
		case c >= 'a' && c <= 'f':
			hex++
		}
	}
	switch {
	case strings.HasPrefix(word, "0x"):
		return true
	case digits == len(word):
		return digits >= longNumber
	case hex == len(word) || strings.Count(word, "-") == 4 && hex == len(word)-4:
		return len(word) >= longHex
	}
	return len(word) >= longWord && changes(word) >= madeChanges
}

// longNumber, longHex and longWord are how long numbers, hexadecimal and other words are that a
// program makes. Smaller numbers stay: from "31 of 40" to "30 of 40" is progress (ENGINE.md 2.11).
const longNumber, longHex, longWord = 6, 8, 20

// fleeting reports that an id is new each time, by what stands before it.
func fleeting(before, word string) bool {
	apart := strings.HasSuffix(before, "[") || strings.HasSuffix(before, "(")
	if apart || strings.HasSuffix(before, "/tmp/") || strings.HasPrefix(word, "tmp") || clockLike(word) {
		return true
	}
	m := name().FindStringSubmatch(before)
	if m == nil {
		return false
	}
	if m[1] == "id" { // of a record it is that of the event
		return strings.HasSuffix(strings.TrimRight(before, " \"':"), `"id`)
	}
	for part := range strings.FieldsFuncSeq(m[1], func(r rune) bool { return r == '_' || r == '-' || r == '.' }) {
		if passing[part] || passing[strings.TrimSuffix(part, "id")] {
			return true
		}
	}
	return false
}

// clockLike reports that a number may be the time, in seconds since 1970 or a part of one.
func clockLike(word string) bool {
	if strings.Trim(word, "0123456789") != "" {
		return false
	}
	return (len(word) == 10 || len(word) == 13 || len(word) == 16 || len(word) == 19) && word[0] == '1' && word[1] >= '5'
}

// counter masks: the number of a step is no progress. One that stands in front of the action, or
// that has a last one, may also count what is worked on: it is taken out only in front of an
// action, or of what failed.
var (
	stepCounts = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:(?:turn|iteration|iter|round|loop|cycle|tick|attempt|retry|try)s?|step)` +
			`[ _-]?(?:no\.?|num(?:ber)?|count)?"?\s?[=:#]?\s?#?\d+\b(?:\s?(?:/|of)\s?\d+)?`)
	})
	headCounts = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:\b(?:i|n|idx|index|seq|no|num|line)\s?[=:]\s?|#)?\b\d+(?:\s?(?:/|of)\s?\d+)?\b`)
	})
	lastOne = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d\s?(?:/|of)\s?\d+$`) })
)

func maskCounters(text string, failed bool) string {
	head := headOf(text)
	text = stepCounts().ReplaceAllStringFunc(text, func(count string) string {
		if strings.HasPrefix(count, "step") && lastOne().MatchString(count) && head == 0 && !failed {
			return count // so many of so many: a piece of work
		}
		return "<n>"
	})
	if head = headOf(text); head == 0 {
		return text
	}
	return headCounts().ReplaceAllString(text[:head], "<n>") + text[head:]
}
