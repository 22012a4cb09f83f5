package config

import (
	"testing"
	"unicode/utf8"
)

// FuzzUnits: a duration, a size or a share that is accepted is what it says, never negative,
// and reads the same again.
func FuzzUnits(f *testing.F) {
	for _, seed := range []string{"30s", "1h30m", "2d", "1.5GiB", "512MiB", "150%", "-1s", "5", "", "1e300s", "9999999999GiB", "٣s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := ParseDuration(text); err == nil {
			if again, err := ParseDuration(d.String()); d < 0 || err != nil || again != d {
				t.Errorf("%q is %s, and that is %s (%v)", text, d, again, err)
			}
		}
		if p, err := ParsePercent(text); err == nil && (p < 0 || p != p) {
			t.Errorf("%q is %v %%", text, p)
		}
		_, _ = ParseSize(text)
	})
}

// FuzzFormat: what is laid out once stays as it is.
func FuzzFormat(f *testing.F) {
	f.Add([]byte("agent \"a\" {\ncommand=[\"x\"]\n}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		once, err := Format(src, "p.hcl")
		if err != nil || !utf8.Valid(src) {
			return
		}
		if _, err := Format(once, "p.hcl"); err != nil {
			t.Errorf("what was laid out is refused: %v", err)
		}
	})
}
