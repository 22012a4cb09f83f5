package match

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
)

// Tables are patterns in the form that Load reads. Deriving what matches contain takes a thousand
// times as long as reading it, so a program that knows its patterns does it when it is built.
//
// First stands a checksum of the expressions, then the number of branches of each pattern, the
// index of the literals, and behind its size what each pattern needs beside them.
func (c Compiled) Tables() []byte {
	x := c.indexed()
	w := writer(binary.LittleEndian.AppendUint32(nil, c.sum()))
	for _, p := range c.patterns {
		w.number(p.size)
	}
	numbers := map[literal]int{}
	w.number(len(x.literals))
	for n, lit := range x.literals {
		numbers[lit] = n
		w.word(lit)
		w.numbers(x.idsOf(n))
	}
	w.numbers(x.always)
	for _, p := range c.patterns {
		var own writer
		for _, b := range p.branches() {
			own.branch(b.requirement, numbers)
		}
		w.number(len(own))
		w = append(w, own...)
	}
	return w
}

// sum is a checksum of the expressions.
func (c Compiled) sum() uint32 {
	h := crc32.NewIEEE()
	for _, p := range c.patterns {
		fmt.Fprintf(h, "%s\n%s\n", p.Expr, p.Not)
	}
	return h.Sum32()
}

// Load is Compile for patterns whose tables were made before. It reports false for tables of other
// patterns. What a pattern needs is read when a line may hold it for the first time.
func Load(patterns []Pattern, tables string) (Compiled, bool) {
	c := Compiled{patterns: make([]compiled, len(patterns)), index: &index{starts: []uint32{0}}}
	for i, p := range patterns {
		c.patterns[i].Pattern = p
		if p.Not != "" {
			c.patterns[i].not = Lazy(p.Not)
		}
	}
	r := reader{rest: tables}
	if len(tables) < 4 || binary.LittleEndian.Uint32([]byte(r.take(4))) != c.sum() {
		return Compiled{}, false
	}
	for i := range c.patterns {
		c.patterns[i].size = r.number()
	}
	r.index(c.index)
	for i := range c.patterns {
		p := &c.patterns[i]
		own := r.take(r.number())
		p.branches = sync.OnceValue(func() []branch { return branchesFrom(own, p, c.index.literals) })
	}
	return c, true
}

// branchesFrom reads the branches of one pattern.
func branchesFrom(table string, p *compiled, literals []literal) []branch {
	r := reader{rest: table}
	sources := alternatives(p.Expr)
	all := make([]branch, p.size)
	for i := range all {
		all[i] = branch{r.requirement(literals), Lazy(sources[i])}
	}
	return all
}

const firstFlag, lastFlag = 1, 2

type writer []byte

func (w *writer) number(n int) { *w = binary.AppendUvarint(*w, uint64(n)) }

func (w *writer) flag(set bool) {
	n := 0
	if set {
		n = 1
	}
	w.number(n)
}

// numbers writes ascending numbers.
func (w *writer) numbers(all []uint16) {
	w.number(len(all))
	last := uint16(0)
	for _, n := range all {
		w.number(int(n - last))
		last = n
	}
}

func (w *writer) word(lit literal) {
	flags := byte(0)
	if lit.first {
		flags |= firstFlag
	}
	if lit.last {
		flags |= lastFlag
	}
	*w = append(*w, byte(len(lit.text)), flags, lit.at)
	*w = binary.LittleEndian.AppendUint16(*w, lit.sign.one)
	*w = binary.LittleEndian.AppendUint16(*w, lit.sign.other)
	*w = append(*w, lit.text...)
}

func (w *writer) words(all []literal) {
	w.number(len(all))
	for _, lit := range all {
		w.word(lit)
	}
}

func (w *writer) branch(q requirement, numbers map[literal]int) {
	w.number(len(q.literals))
	for _, lit := range q.literals {
		w.number(numbers[lit])
	}
	w.number(len(q.also))
	for _, set := range q.also {
		w.flag(set.digits)
		w.words(set.words)
	}
	w.number(len(q.links))
	for _, l := range q.links {
		w.number(l.gap)
		w.words(l.words)
	}
	w.flag(q.linkDigits)
	w.number(q.most)
}

// reader reads what a writer wrote. Texts are parts of the table, which is never copied.
type reader struct{ rest string }

func (r *reader) take(n int) string {
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *reader) number() int {
	n := 0
	for shift := 0; ; shift += 7 {
		b := r.take(1)[0]
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
}

// numbers appends ascending numbers.
func (r *reader) numbers(to []uint16) []uint16 {
	last := 0
	for range r.number() {
		last += r.number()
		to = append(to, uint16(last))
	}
	return to
}

func (r *reader) word() literal {
	h := r.take(7)
	return literal{
		first: h[1]&firstFlag != 0, last: h[1]&lastFlag != 0, at: h[2],
		sign: sign{uint16(h[3]) | uint16(h[4])<<8, uint16(h[5]) | uint16(h[6])<<8},
		text: r.take(int(h[0])),
	}
}

func (r *reader) words() []literal {
	all := make([]literal, r.number())
	for i := range all {
		all[i] = r.word()
	}
	return all
}

func (r *reader) index(x *index) {
	size := r.number()
	x.literals, x.starts = make([]literal, size), slices.Grow(x.starts, size)
	x.ids = make([]uint16, 0, size+size/2)
	for n := range x.literals {
		x.literals[n] = r.word()
		x.ids = r.numbers(x.ids)
		x.starts = append(x.starts, uint32(len(x.ids)))
	}
	x.always = r.numbers(nil)
}

func (r *reader) requirement(literals []literal) (q requirement) {
	if n := r.number(); n > 0 {
		q.literals = make([]literal, n)
	}
	for i := range q.literals {
		q.literals[i] = literals[r.number()]
	}
	for range r.number() {
		digits := r.number() == 1
		q.also = append(q.also, needed{r.words(), digits})
	}
	for range r.number() {
		gap := r.number()
		q.links = append(q.links, link{r.words(), gap})
	}
	q.linkDigits, q.most = r.number() == 1, r.number()
	return q
}
