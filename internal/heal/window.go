package heal

import (
	"fmt"
	"strings"
	"time"
)

// Window is a time of the week, in the zone of the clock that asks. It may reach over
// midnight.
type Window struct {
	// Day is the day on which it begins; -1 for every day.
	Day time.Weekday `json:"day"`
	// From and To are times since midnight; To before From is on the next day.
	From time.Duration `json:"from"`
	To   time.Duration `json:"to"`
}

// EveryDay is the day of a window that begins on all of them.
const EveryDay time.Weekday = -1

// ParseWindow reads "Sat 02:00-04:00" or "22:00-06:00".
func ParseWindow(text string) (Window, error) {
	w := Window{Day: EveryDay}
	span := text
	if day, rest, ok := strings.Cut(text, " "); ok {
		span = rest
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(d.String()[:3], day) {
				w.Day = d
			}
		}
		if w.Day == EveryDay {
			return w, fmt.Errorf("cannot read window %q: %q is no day", text, day)
		}
	}
	from, to, ok := strings.Cut(span, "-")
	a, errA := time.Parse("15:04", from)
	b, errB := time.Parse("15:04", to)
	if !ok || errA != nil || errB != nil || a.Equal(b) {
		return w, fmt.Errorf("cannot read window %q: it is no span of times", text)
	}
	w.From, w.To = sinceMidnight(a), sinceMidnight(b)
	return w, nil
}

func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// Until returns the end of the window that a moment lies in; false for none.
func (w Window) Until(now time.Time) (time.Time, bool) {
	for _, back := range []int{0, 1} { // it may have begun yesterday
		midnight := time.Date(now.Year(), now.Month(), now.Day()-back, 0, 0, 0, 0, now.Location())
		if w.Day != EveryDay && midnight.Weekday() != w.Day {
			continue
		}
		begin, end := w.clock(midnight, w.From), w.clock(midnight, w.To)
		if w.To < w.From {
			end = w.clock(midnight.AddDate(0, 0, 1), w.To)
		}
		if !now.Before(begin) && now.Before(end) {
			return end, true
		}
	}
	return time.Time{}, false
}

// clock is a time of a day, also on one on which the clock is changed.
func (w Window) clock(midnight time.Time, at time.Duration) time.Time {
	return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), int(at.Hours()), int(at.Minutes())%60, 0, 0, midnight.Location())
}

// String is the window as it is written.
func (w Window) String() string {
	midnight := time.Time{}
	text := midnight.Add(w.From).Format("15:04") + "-" + midnight.Add(w.To).Format("15:04")
	if w.Day == EveryDay {
		return text
	}
	return w.Day.String()[:3] + " " + text
}
