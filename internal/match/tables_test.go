package match

import (
	"reflect"
	"testing"
)

// TestTablesHoldWhatWasCompiled reads the tables of all patterns that the product knows.
func TestTablesHoldWhatWasCompiled(t *testing.T) {
	want := known(t)
	patterns := make([]Pattern, len(want.patterns))
	for i, p := range want.patterns {
		patterns[i] = p.Pattern
	}
	tables := string(want.Tables())
	got, ok := Load(patterns, tables)
	if !ok {
		t.Fatal("the tables are said to be of other patterns")
	}
	if !reflect.DeepEqual(got.index, indexOf(want.patterns)) {
		t.Error("the index differs")
	}
	for i, p := range want.patterns {
		other := got.patterns[i]
		if p.size != other.size || (p.not == nil) != (other.not == nil) {
			t.Fatalf("rule %s differs", p.Name)
		}
		for k, b := range p.branches() {
			if !reflect.DeepEqual(b.requirement, other.branches()[k].requirement) {
				t.Errorf("rule %s, branch %d: got %+v, want %+v", p.Name, k, other.branches()[k].requirement, b.requirement)
			}
			if b.expr().String() != other.branches()[k].expr().String() {
				t.Errorf("rule %s, branch %d has another expression", p.Name, k)
			}
		}
	}
	patterns[3].Expr += "x"
	for _, stale := range []string{tables, "", "abc"} {
		if _, ok := Load(patterns, stale); ok {
			t.Error("tables of other patterns are used")
		}
	}
}

// TestTablesOfPatternsWithoutLiterals keeps those that have to be tried on every line.
func TestTablesOfPatternsWithoutLiterals(t *testing.T) {
	patterns := []Pattern{{Expr: `[0-9]{3}x`}, {Expr: `out of cheese|[a-f]+`, Not: "no"}}
	c, err := Compile(patterns)
	if err != nil {
		t.Fatal(err)
	}
	loaded, ok := Load(patterns, string(c.Tables()))
	if !ok {
		t.Fatal("the tables are said to be of other patterns")
	}
	for _, c := range []Compiled{c, loaded} {
		set, err := NewSet(c)
		if err != nil {
			t.Fatal(err)
		}
		var s Scratch
		found := 0
		set.Line([]byte("123x and out of cheese"), &s, func(int, []byte, int, int) bool { found++; return true })
		if found != 3 {
			t.Errorf("found %d patterns", found)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	c := known(b)
	patterns := make([]Pattern, len(c.patterns))
	for i, p := range c.patterns {
		patterns[i] = p.Pattern
	}
	tables := string(c.Tables())
	b.ReportAllocs()
	for b.Loop() {
		c, _ := Load(patterns, tables)
		if _, err := NewSet(c); err != nil {
			b.Fatal(err)
		}
	}
}
