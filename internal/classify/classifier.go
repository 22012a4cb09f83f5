package classify

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"healer-sidecar/internal/classify/linear"
	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

// maxRules is how many rules an operator may have, maxShare the part of the search tables that they
// may fill; the built-in rules fit into the rest.
const maxRules, maxShare = 2000, 0.5

// Classifier is a table of rules: the operator's first, then the built-in ones. It is immutable
// and safe for concurrent use.
type Classifier struct {
	// operator are the rules of the operator, table those and the built-in ones, ready to search.
	// It is made on first use: most runs of a command never print a word of a rule.
	operator []rules.Rule
	table    func() *table
	// model judges the wording where rules found something, and of ends.
	model *linear.Model
}

// table is a set of patterns and the rules that they belong to.
type table struct {
	rules []rules.Rule
	*match.Set
}

func patterns(all []rules.Rule) []match.Pattern {
	out := make([]match.Pattern, len(all))
	for i, r := range all {
		out[i] = match.Pattern{Name: r.Name, Expr: r.Expr, Not: r.Not, AsPrinted: r.Operator}
	}
	return out
}

// Check reports why a rule cannot be used.
func Check(r rules.Rule) error {
	_, err := match.Compile(patterns([]rules.Rule{r}))
	return err
}

// New checks the operator's rules; they go ahead of the built-in ones. Both are ready to search on
// first use, or after Warm.
func New(operator []rules.Rule) (*Classifier, error) {
	own, err := match.Compile(patterns(operator))
	if err != nil {
		return nil, err
	}
	if len(operator) > maxRules {
		return nil, fmt.Errorf("cannot use %d rules: at most %d", len(operator), maxRules)
	}
	if err := own.Fits(maxShare); err != nil {
		return nil, err
	}
	joined := sync.OnceValue(func() *table {
		known := builtin()
		all, err := match.NewSet(own, known.compiled)
		if err != nil {
			panic(fmt.Sprintf("cannot join rules that fit: %v", err)) // a test fills both shares
		}
		return &table{slices.Concat(operator, known.rules), all}
	})
	return &Classifier{operator: operator, table: joined, model: linear.Default}, nil
}

// Warm makes the rules ready to search now, where that was not done yet. It is for a moment at
// which nobody waits.
func (c *Classifier) Warm() { c.table() }

// hit is one rule that matched one line, with the weight its context leaves it.
type hit struct {
	rule   *rules.Rule
	weight float64
}

// Scratch holds the buffers of one caller, so that a line that matches nothing
// costs no allocation. It belongs to one Classifier, and must not be shared between
// goroutines.
type Scratch struct {
	match.Scratch
	hits []hit
	// cut is a block whose carriage returns are ends of lines.
	cut     []byte
	wording linear.Buffer
}

// addHit keeps the heaviest branch of a rule; branches of one rule come in a row.
func (s *Scratch) addHit(h hit) {
	if n := len(s.hits); n > 0 && s.hits[n-1].rule == h.rule {
		s.hits[n-1].weight = max(s.hits[n-1].weight, h.weight)
		return
	}
	s.hits = append(s.hits, h)
}

// hits returns the rules that match line, heaviest first, in a slice that the
// next call with the same scratch reuses. Those that cannot weigh least may be left out.
func (c *Classifier) hits(line []byte, dead bool, least float64, s *Scratch) []hit {
	w := weighing{c: c, s: s, ctx: lineContext{dead: dead, least: least}}
	s.hits = s.hits[:0]
	w.rules = c.table().rules
	c.table().Line(line, &s.Scratch, w.hit)
	return s.sorted()
}

// suspicious is hits for a line of a block that holds words of rules.
func (c *Classifier) suspicious(line []byte, s *Scratch) []hit {
	w := weighing{c: c, s: s, ctx: lineContext{least: heal.LiveThreshold}}
	s.hits = s.hits[:0]
	w.rules = c.table().rules
	c.table().Try(line, &s.Scratch, w.hit)
	return s.sorted()
}

// weighing weighs the rules that match one line.
type weighing struct {
	c     *Classifier
	rules []rules.Rule
	s     *Scratch
	ctx   lineContext
	// shape is that of the line.
	shape shape
}

func (w *weighing) hit(pattern int, line []byte, from, to int) bool {
	rule := &w.rules[pattern]
	if rule.Operator && !w.ctx.dead { // nothing outweighs it
		w.s.addHit(hit{rule, 1})
		return false
	}
	if !rule.Operator {
		if w.shape.of(w.s.Lower()); w.shape.quotes(from, to) {
			return true
		}
	}
	if weight := w.ctx.weigh(rule, line, from, to, &w.s.Scratch); weight > 0 {
		w.s.addHit(hit{rule, weight})
	}
	return true
}

// sorted are the hits with the heaviest first.
func (s *Scratch) sorted() []hit {
	slices.SortStableFunc(s.hits, compareHits)
	return s.hits
}

// compareHits puts the operator's rules first, in the order of the policy, and
// then the heavier one.
func compareHits(a, b hit) int {
	switch {
	case a.rule.Operator && !b.rule.Operator:
		return -1
	case b.rule.Operator && !a.rule.Operator:
		return 1
	case a.rule.Operator || a.weight == b.weight:
		return 0
	case a.weight > b.weight:
		return -1
	}
	return 1
}

// Line judges one line on its own while the program is still running. It reports
// false for everything that is not, by itself, the sign of a failure.
func (c *Classifier) Line(line []byte, s *Scratch) (heal.Match, bool) {
	line = match.Shown(line)
	m, ok := c.verdict(line, c.hits(line, false, heal.LiveThreshold, s), s)
	if len(line) > match.MaxLine && !m.Operator {
		if tail, _, found := c.tail(line, s); found {
			return tail, true
		}
	}
	return m, ok
}

func (c *Classifier) verdict(line []byte, hits []hit, s *Scratch) (heal.Match, bool) {
	if len(hits) == 0 || hits[0].weight < heal.LiveThreshold {
		return heal.Match{}, false
	}
	r := hits[0].rule
	if !r.Operator && c.harmless([]string{string(line)}, s) {
		return heal.Match{}, false
	}
	return heal.Match{Rule: r.Name, Type: r.Type, Confidence: hits[0].weight, Operator: r.Operator}, true
}

// Block judges whole lines like Line, and calls each for those that tell of a failure,
// in order. It searches all of them at once: lines without any literal are never
// looked at by themselves. May is asked before one that has some is judged, with whether a
// rule of the operator looks for one of them.
func (c *Classifier) Block(block []byte, s *Scratch, may func(own bool) bool, each func(line []byte, m heal.Match)) {
	block = s.texts(block)
	c.table().Block(block, &s.Scratch, may, func(line []byte) {
		if m, ok := c.verdict(line, c.suspicious(line, s), s); ok {
			each(line, m)
		}
	})
	if len(block) > match.MaxLine && len(c.operator) > 0 {
		c.tails(block, s, may, each)
	}
}

// texts is a block in which each carriage return ends a line: the text behind it is another one.
func (s *Scratch) texts(block []byte) []byte {
	if bytes.IndexByte(block, '\r') < 0 {
		return block
	}
	s.cut = append(s.cut[:0], block...)
	for i, b := range s.cut {
		if b == '\r' {
			s.cut[i] = '\n'
		}
	}
	return s.cut
}

// overlap is how much two pieces of a long line share, so that no match is cut in two.
const overlap = 1024

// tails lets the rules of the operator see lines that are longer than what expressions look at, piece by
// piece, each line once at most. A match may be as long as the overlap.
func (c *Classifier) tails(block []byte, s *Scratch, may func(own bool) bool, each func(line []byte, m heal.Match)) {
	for line := range bytes.Lines(block) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if len(line) <= match.MaxLine || !may(true) {
			continue
		}
		if _, found := c.operators(line, s); found {
			continue // Block told of it
		}
		if m, piece, found := c.tail(line, s); found {
			each(piece, m)
		}
	}
}

// tail looks for a rule of the operator behind what expressions see of a long line, and says in which piece.
func (c *Classifier) tail(line []byte, s *Scratch) (heal.Match, []byte, bool) {
	for at := match.MaxLine - overlap; at < len(line); at += match.MaxLine - overlap {
		piece := line[at:min(at+match.MaxLine, len(line))]
		if m, found := c.operators(piece, s); found {
			return m, piece, true
		}
	}
	return heal.Match{}, nil, false
}

// operators is the rule of the operator that holds on a text.
func (c *Classifier) operators(text []byte, s *Scratch) (heal.Match, bool) {
	m, ok := c.verdict(text, c.hits(text, false, heal.LiveThreshold, s), s)
	return m, ok && m.Operator
}
