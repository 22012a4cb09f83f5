package diagnose

import (
	"bytes"
	"fmt"
	"slices"

	"healer-sidecar/internal/heal"
)

// maxWindow bounds what an expression sees of one line (FAULTS D7).
const maxWindow = 4096

// maxRules is how many rules an operator may have.
const maxRules = 2000

// maxBranches and maxLiterals keep the numbers of branches and of entries, of which a
// literal may have two, inside those of the search tables.
const maxBranches, maxLiterals = 1 << 16, 1<<15 - 1

// Classifier is a compiled table of rules: the operator's first, then the
// built-in ones. It is immutable and safe for concurrent use.
type Classifier struct {
	rules []compiledRule
	// places says which rule and branch a number of the search table means.
	places []place
	search *searcher
	// always are branches without a usable literal; they are tried on every line.
	always []uint16
	// own is how many of the places are the operator's; they come first.
	own uint16
}

type place struct{ rule, branch uint16 }

// New compiles the operator's rules ahead of the built-in ones.
func New(operator []Rule) (*Classifier, error) {
	own, err := compileRules(operator)
	if err != nil {
		return nil, err
	}
	ours, err := builtinRules()
	if err != nil {
		return nil, err
	}
	c := &Classifier{rules: slices.Concat(own, ours)}
	if len(operator) > maxRules {
		return nil, fmt.Errorf("cannot use %d rules: at most %d", len(operator), maxRules)
	}
	x := index{ids: map[literal][]uint16{}}
	for r, rule := range c.rules {
		for b, branch := range rule.branches {
			id := uint16(len(c.places))
			c.places = append(c.places, place{uint16(r), uint16(b)})
			if rule.Operator {
				c.own = id + 1
			}
			if len(branch.literals) == 0 {
				c.always = append(c.always, id)
			}
			x.add(id, branch.literals)
		}
	}
	if len(c.places) > maxBranches {
		return nil, fmt.Errorf("cannot use rules with %d alternatives: at most %d", len(c.places), maxBranches)
	}
	if len(x.literals) > maxLiterals {
		return nil, fmt.Errorf("cannot use rules with %d words to look for: at most %d", len(x.literals), maxLiterals)
	}
	c.search = x.searcher()
	return c, nil
}

// index gathers which branches a literal leads to.
type index struct {
	literals []literal
	ids      map[literal][]uint16
}

// add notes the literals of a branch.
func (x *index) add(id uint16, literals []literal) {
	for _, lit := range literals {
		if x.ids[lit] == nil {
			x.literals = append(x.literals, lit)
		}
		x.ids[lit] = append(x.ids[lit], id)
	}
}

func (x *index) searcher() *searcher {
	ids := make([][]uint16, len(x.literals))
	for i, lit := range x.literals {
		ids[i] = x.ids[lit]
	}
	return newSearcher(x.literals, ids)
}

// hit is one rule that matched one line, with the weight its context leaves it.
type hit struct {
	rule   *compiledRule
	weight float64
}

// Scratch holds the buffers of one caller, so that a line that matches nothing
// costs no allocation. It must not be shared between goroutines.
type Scratch struct {
	ids   []uint16
	lower []byte
	ends  []int
	clean []byte
	plain []byte
	hits  []hit
	memo  memo
	grams grams
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
	line = withoutEscapes(line, s)
	line = line[:min(len(line), maxWindow)]
	s.ids = s.ids[:0]
	c.search.find(line, func(_ int, ids []uint16) { s.ids = append(s.ids, ids...) })
	return c.matches(line, dead, least, s)
}

// matches tries the branches whose literals were found on a line.
func (c *Classifier) matches(line []byte, dead bool, least float64, s *Scratch) []hit {
	s.hits = s.hits[:0]
	if len(s.ids) == 0 && len(c.always) == 0 {
		return nil
	}
	kin := s.memo.ask(s.ids, line)
	if kin.harmless {
		return nil
	}
	if out, anyNumbers := c.ruledOut(line, s); out {
		kin.numbers = !anyNumbers
		s.memo.keep(kin)
		return nil
	}
	line = clean(line, s)
	s.lower = innerQuotes(appendLower(s.lower[:0], line)) // its pieces are known, or known to be unknown
	s.ids = append(s.ids, c.always...)
	slices.Sort(s.ids)
	s.ids = slices.Compact(s.ids)
	ctx := lineContext{dead: dead, least: least}
	for _, id := range s.ids {
		p := c.places[id]
		rule := &c.rules[p.rule]
		branch := &rule.branches[p.branch]
		if lacks, anyNumbers := branch.lacks(s); lacks {
			kin.numbers = kin.numbers || !anyNumbers
			continue
		}
		kin.numbers = true
		at := rule.find(branch, line, s.lower)
		if at == nil {
			continue
		}
		if rule.Operator && !dead { // nothing outweighs it
			s.addHit(hit{rule, 1})
			return s.hits
		}
		if w := ctx.weigh(rule, line, at, s); w > 0 {
			s.addHit(hit{rule, w})
		}
	}
	s.memo.keep(kin)
	slices.SortStableFunc(s.hits, func(a, b hit) int { return compareHits(a, b) })
	return s.hits
}

// ruledOut reports that none of the branches in s can hold on a line as it was printed: something
// that a match needs beside the word that was found is not there; and whether that would be so
// whatever the numbers of the line were.
func (c *Classifier) ruledOut(line []byte, s *Scratch) (out, anyNumbers bool) {
	if learned := s.grams.learnPrinted(line); !learned || len(c.always) > 0 {
		return false, false
	}
	anyNumbers = true
	for _, id := range s.ids {
		p := c.places[id]
		lacks, any := c.rules[p.rule].branches[p.branch].surelyLacks(s)
		if !lacks {
			return false, false
		}
		anyNumbers = anyNumbers && any
	}
	return true, anyNumbers
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
	return verdict(c.hits(line, false, liveThreshold, s))
}

func verdict(hits []hit) (heal.Match, bool) {
	if len(hits) == 0 || hits[0].weight < liveThreshold {
		return heal.Match{}, false
	}
	r := hits[0].rule
	return heal.Match{Rule: r.Name, Type: r.Type, Confidence: hits[0].weight, Operator: r.Operator}, true
}

// Block judges whole lines like Line, and calls each for those that tell of a failure,
// in order. It searches all of them at once: lines without any literal are never
// looked at by themselves. May is asked before one that has some is judged, with whether a
// rule of the operator looks for one of them.
func (c *Classifier) Block(block []byte, s *Scratch, may func(own bool) bool, each func(line []byte, m heal.Match)) {
	judge := func(line []byte) {
		if !may(c.anyOwn(s.ids)) {
			return
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if m, ok := verdict(c.matches(line[:min(len(line), maxWindow)], false, liveThreshold, s)); ok {
			each(line, m)
		}
	}
	if len(c.always) > 0 {
		c.eachLine(block, s, may, each)
		return
	}
	block = withoutEscapes(block, s)
	from, to := 0, 0 // the line whose literals are being gathered
	s.ids = s.ids[:0]
	c.search.find(block, func(at int, ids []uint16) {
		if at >= to {
			if len(s.ids) > 0 {
				judge(block[from:to])
			}
			from, to = bounds(block, at)
			s.ids = s.ids[:0]
		}
		if at-from < maxWindow {
			s.ids = append(s.ids, ids...)
		}
	})
	if len(s.ids) > 0 {
		judge(block[from:to])
	}
}

// anyOwn reports whether one of some branches is the operator's.
func (c *Classifier) anyOwn(ids []uint16) bool {
	return c.own > 0 && slices.ContainsFunc(ids, func(id uint16) bool { return id < c.own })
}

// eachLine is Block where some rule has to be tried on every line.
func (c *Classifier) eachLine(block []byte, s *Scratch, may func(own bool) bool, each func(line []byte, m heal.Match)) {
	own := c.anyOwn(c.always)
	for line := range bytes.Lines(block) {
		if !may(own) {
			continue
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if m, ok := c.Line(line, s); ok {
			each(line, m)
		}
	}
}

// bounds is the line around a place, without its end.
func bounds(block []byte, at int) (from, to int) {
	from = lastLineEnd(block[:at]) + 1
	if to = bytes.IndexByte(block[at:], '\n'); to < 0 {
		return from, len(block)
	}
	return from, at + to
}
