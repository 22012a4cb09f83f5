package heal

import (
	"testing"
	"time"
)

// FuzzWindow: a time of the day that is accepted can be asked at any moment, and what it
// answers lies ahead.
func FuzzWindow(f *testing.F) {
	for _, seed := range []string{"02:00-04:00", "Sat 02:00-04:00", "23:00-01:00", "Mon 24:00-25:00", "", "-", "Sun -"} {
		f.Add(seed, int64(1_700_000_000))
	}
	f.Fuzz(func(t *testing.T, text string, at int64) {
		w, err := ParseWindow(text)
		if err != nil {
			return
		}
		now := time.Unix(at%4_000_000_000, 0)
		end, inside := w.Until(now)
		if left := end.Sub(now); inside && (left <= 0 || left > 25*time.Hour) {
			t.Errorf("%q at %s is over in %s", text, now, left)
		}
	})
}
