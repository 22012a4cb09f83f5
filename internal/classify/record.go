package classify

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"healer-sidecar/internal/match"
)

// role is what a line is within a report of several lines.
type role int

const (
	// alone is a line that stands for itself.
	alone role = iota
	// frame tells where something happened, not what.
	frame
	// outer is what somebody made of a cause that the report names too.
	outer
	// deepest is that cause.
	deepest
)

// Factors by which the role of a line scales its vote. A frame names functions and
// files, whose names mean little. An outer error still wins over a cause that is
// merely generic (a KeyError below a ConfigError).
const factorFrame, factorOuter, factorDeepest = 0.8, 0.85, 1.1

func (r role) factor() float64 {
	switch r {
	case frame:
		return factorFrame
	case outer:
		return factorOuter
	case deepest:
		return factorDeepest
	}
	return 1
}

var (
	// frameLine is one line of a stack in the print of Java, .NET and Node ("at ..."),
	// Python, Go, Rust, Ruby, PHP, Elixir and the debuggers of C.
	frameLine = match.Lazy(`^\s+at \S|^\s+\.{3} \d+ (?:more|common frames)|^\s+File "[^"]*", line \d+|^\s+[~^]{2,}\s*$|^\s+\[Previous line repeated|^goroutine \d+ .*\[|^created by \S|^\t\S+\.go:\d+|^(?:created by )?[\w./*()-]+\.[\w.*()-]+\((?:0x|\{|\.\.\.|\)).*$|^\s+\d+:\s+(?:0x[0-9a-f]+ - )?[\w<].*::|^\s+from \S+:\d+:in |^\s*\d+: from \S+:\d+:in |^#\d+\s+(?:\S+\(\d+\)|0x|\{main\}|\[internal)|^\s+thrown in \S+ on line \d+|^\s+\(\w+ [\d.]+\) \S+:\d+: |^stack backtrace:$|^note: (?:run with|some details are omitted)`)
	// deeper introduces the cause of what was printed before.
	deeper = match.Lazy(`^\s*(?:Caused by:|\[cause\]:|-+> |\(Inner Exception #\d+\)|Wrapped by:)`)
	// shallower says that what was printed before is the cause of what follows.
	shallower = match.Lazy(`^(?:The above exception was the direct cause of|During handling of the above exception)|^Next \S+(?:Exception|Error)\b`)
	// raisedLine names an exception at the head of a line.
	raisedLine = match.Lazy(`^(?:Exception in thread "[^"]*" |Unhandled exception\. |PHP |Fatal error:\s+|Uncaught )*[A-Za-z_][\w.$\\]*(?:Error|Exception|Warning|Failure|Interrupt|Exit|Timeout)\b`)
	// panicHead says where a program in Rust panicked; why is in the next line.
	panicHead = match.Lazy(`^thread '.*' (?:\(\d+\) )?panicked at \S+:\d+:\d+:$`)
	// rubyRaise is the head of a Ruby report, and of each cause below it.
	rubyRaise = match.Lazy(`^\S+:\d+:in .*\([\w:]+\)\s*$`)
)

// rolesOf reads lines together: which are frames, and which errors were only made of
// another one that the report names as its cause.
func rolesOf(lines []string) []role {
	r := roleReader{roles: make([]role, len(lines)), head: -1}
	for i, line := range lines {
		r.line(i, line)
	}
	return r.roles
}

// roleReader is the state of rolesOf.
type roleReader struct {
	roles []role
	// head is the deepest error of the present report so far, -1 for none.
	head int
	// framed says that frames were seen since; made that the next error was made of head.
	framed, made bool
	// panicked says that the next line tells why.
	panicked bool
	// chained says that numbered lines follow, each the cause of the one before.
	chained bool
}

func (r *roleReader) line(i int, line string) {
	panicked := r.panicked
	r.panicked = false
	switch {
	case frameLine().MatchString(line):
		r.roles[i], r.framed = frame, true
	case panicked:
		r.head, r.roles[i] = i, deepest
	case panicHead().MatchString(line):
		r.roles[i], r.panicked = outer, true
	case shallower().MatchString(line):
		r.roles[i] = frame
		if r.made = true; strings.HasPrefix(line, "Next ") {
			r.roles[i], r.made = alone, false
			if r.head >= 0 {
				r.roles[i], r.roles[r.head] = outer, deepest
			}
		}
	case deeper().MatchString(line):
		if r.bury(); strings.TrimSpace(line) == "Caused by:" {
			r.roles[i], r.chained = frame, true
			return
		}
		r.head, r.roles[i] = i, deepest
	case r.chained && strings.HasPrefix(line, "  "):
		r.bury()
		r.head, r.roles[i] = i, deepest
	case rubyRaise().MatchString(line):
		if r.framed && r.head >= 0 {
			r.bury()
			r.roles[i] = deepest
		}
		r.head, r.framed = i, false
	case raisedLine().MatchString(line):
		if r.made && r.head >= 0 {
			r.roles[i], r.roles[r.head], r.made = outer, deepest, false
			return
		}
		r.head, r.framed, r.chained, r.made = i, false, false, false
	default:
		r.chained = false
	}
}

// bury makes the deepest error so far an outer one.
func (r *roleReader) bury() {
	if r.head >= 0 {
		r.roles[r.head] = outer
	}
	r.head = -1
}

// EvidenceLines is how many lines of output are evidence.
const EvidenceLines = 30

// Condense returns at most n lines that tell as much as they can of more: of a stack,
// the frames in the middle go first, so that the cause at its far end is still there.
func Condense(lines []string, n int) []string {
	kept := Condensed(lines, n)
	out := make([]string, len(kept))
	for i, at := range kept {
		out[i] = lines[at]
	}
	return out
}

// Condensed are the places of the lines that Condense returns.
func Condensed(lines []string, n int) []int {
	isFrame := make([]bool, len(lines)+1)
	for i, line := range lines {
		isFrame[i] = len(lines) > n && (frameLine().MatchString(line) || strings.TrimSpace(line) == "")
	}
	var kept []int
	for i := len(lines) - 1; i >= 0 && len(kept) < n; i-- {
		if i > 0 && isFrame[i-1] && isFrame[i] && isFrame[i+1] {
			continue
		}
		kept = append(kept, i)
	}
	slices.Reverse(kept)
	return kept
}

// unfold lays out what a JSON record says over several lines, as structured loggers
// write a stack, and from which line each was taken. The record itself comes first.
func unfold(lines []string) (out []string, origin []int) {
	for i, line := range lines {
		all := []string{line}
		var record map[string]any
		if folded(line) && json.Unmarshal([]byte(line[strings.IndexByte(line, '{'):]), &record) == nil {
			all = append(all, stackOf(record, 0)...)
		}
		for _, l := range all {
			out, origin = append(out, l), append(origin, i)
		}
	}
	return out, origin
}

func folded(line string) bool {
	at := strings.IndexByte(line, '{')
	return at >= 0 && at < 64 && strings.Contains(line, `\n`)
}

// deepestRecord bounds how far a record is looked into, most of the lines taken from it.
const deepestRecord, longestStack = 4, 60

// stackOf returns the lines of all texts of several lines in a record.
func stackOf(value any, depth int) []string {
	if depth > deepestRecord {
		return nil
	}
	var out []string
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "\n") {
			out = strings.Split(strings.TrimRight(v, "\n"), "\n")
		}
	case []any:
		for _, each := range v {
			out = append(out, stackOf(each, depth+1)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, stackOf(v[name], depth+1)...)
		}
	}
	return out[:min(len(out), longestStack)]
}
