package match

// index says which branches a literal leads to. It is immutable once made.
type index struct {
	literals []literal
	// ids[starts[n]:starts[n+1]] are the branches of literals[n].
	ids    []uint16
	starts []uint32
	// always are branches without a literal.
	always []uint16
}

// indexOf gathers the literals of patterns, whose branches are numbered through all of them.
func indexOf(patterns []compiled) *index {
	x := &index{starts: []uint32{0}}
	ids := map[literal][]uint16{}
	next := uint16(0)
	for _, pattern := range patterns {
		for _, branch := range pattern.branches() {
			x.note(next, branch.literals, ids)
			next++
		}
	}
	for _, lit := range x.literals {
		x.ids = append(x.ids, ids[lit]...)
		x.starts = append(x.starts, uint32(len(x.ids)))
	}
	return x
}

// note adds a branch to the ids of its literals.
func (x *index) note(id uint16, literals []literal, ids map[literal][]uint16) {
	if len(literals) == 0 {
		x.always = append(x.always, id)
	}
	for _, lit := range literals {
		if ids[lit] == nil {
			x.literals = append(x.literals, lit)
		}
		ids[lit] = append(ids[lit], id)
	}
}

// idsOf are the branches that a literal leads to.
func (x *index) idsOf(literal int) []uint16 { return x.ids[x.starts[literal]:x.starts[literal+1]] }
