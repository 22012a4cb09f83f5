package classify

import (
	"slices"
	"strings"
	"unicode"

	"healer-sidecar/internal/match"
)

// className is the name of an exception at the head of a report, without its package.
var className = match.Lazy(`\b(?:[A-Za-z_][\w$]*(?:\.|::|\\))*([A-Z][a-z]+(?:[A-Z][a-z]+){1,7}(?:Error|Exception|Failure))\b`)

// leastNameWords are the fewest words of a name that say what happened: of TimeoutException a rule knows the
// name itself.
const leastNameWords = 3

// namedBy is what the class of an exception says in words: "overlapping file lock exception" of
// OverlappingFileLockException. It is empty where no class of several words is named.
func namedBy(line string) string {
	m := className().FindStringSubmatch(line)
	if m == nil {
		return ""
	}
	var words []string
	begin := 0
	for i, r := range m[1] {
		if unicode.IsUpper(r) && i > begin {
			words, begin = append(words, m[1][begin:i]), i
		}
	}
	words = append(words, m[1][begin:])
	if len(words) < leastNameWords {
		return ""
	}
	return strings.ToLower(strings.Join(words[:len(words)-1], " "))
}

// byName adds what the class of an exception says to what rules found on its line, where that is only that
// something failed: the specific cause wins over the crash that reports it.
func (r *reading) byName(c *Classifier, line string, role role, hits []hit) []hit {
	if !r.dead || role == frame || slices.ContainsFunc(hits, func(h hit) bool { return !h.rule.Vague && !h.rule.Wrapper }) {
		return hits
	}
	said := namedBy(line)
	if said == "" {
		return hits
	}
	known := slices.Clone(hits) // the next search reuses it
	for _, h := range c.hits([]byte(said), r.dead, 0, &r.scratch) {
		if !h.rule.Vague && !h.rule.Wrapper && !h.rule.Operator {
			known = append(known, h)
		}
	}
	slices.SortStableFunc(known, compareHits)
	return known
}
