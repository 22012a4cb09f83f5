package heal

import (
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	for _, row := range []struct {
		text  string
		now   time.Time
		until time.Time
	}{
		{"22:00-06:00", at(24, 23, 30), at(25, 6, 0)},
		{"22:00-06:00", at(25, 5, 59), at(25, 6, 0)},
		{"22:00-06:00", at(25, 6, 0), time.Time{}},
		{"02:00-04:00", at(25, 3, 0), at(25, 4, 0)},
		{"Sat 02:00-04:00", at(28, 2, 0), at(28, 4, 0)}, // a Saturday
		{"Sat 02:00-04:00", at(27, 3, 0), time.Time{}},
		{"Fri 22:00-02:00", at(28, 1, 0), at(28, 2, 0)},
		{"Fri 22:00-02:00", at(27, 1, 0), time.Time{}},
	} {
		w, err := ParseWindow(row.text)
		if err != nil || w.String() != row.text {
			t.Errorf("%q is read as %q: %v", row.text, w, err)
		}
		until, inside := w.Until(row.now)
		if !until.Equal(row.until) || inside == row.until.IsZero() {
			t.Errorf("%s at %s: until %s, %v", row.text, row.now, until, inside)
		}
	}
	for _, bad := range []string{"", "22-6", "Sut 02:00-04:00", "02:00", "02:00-02:00", "25:00-26:00"} {
		if w, err := ParseWindow(bad); err == nil {
			t.Errorf("%q is read as %s", bad, w)
		}
	}
}
