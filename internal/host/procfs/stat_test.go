package procfs

import "testing"

func TestParseStatIsNotFooledByTheName(t *testing.T) {
	s, err := parseStat([]byte("42 (x) Z 1 (y) S 7 42 43 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0"))
	if err != nil || s.State != 'S' || s.Parent != 7 || s.Session != 43 || s.Start != 12345 {
		t.Errorf("got %+v, %v", s, err)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("42 (sh) S 7 42 43 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if s, err := parseStat(line); err == nil && s.State == 0 {
			t.Errorf("a state of nothing from %q", line)
		}
	})
}
