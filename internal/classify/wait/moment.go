package wait

import (
	"strconv"
	"strings"
	"time"
)

// justPassed is how long ago a time of day may have been that is meant as today's and not as
// tomorrow's: a message is judged a little later than it was printed.
const justPassed = 10 * time.Minute

// when is a moment as far as a text names it.
type when struct {
	year, month, day int
	weekday          time.Weekday
	named            bool // weekday is set
	offset           int  // days from today
	today            bool // offset is set
	hour, min, sec   int
	timed            bool // hour is set
	zone             *time.Location
}

var months = map[string]int{
	"jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4, "may": 5, "jun": 6, "june": 6,
	"jul": 7, "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "oct": 10, "october": 10,
	"nov": 11, "november": 11, "dec": 12, "december": 12,
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "sunday": time.Sunday, "mon": time.Monday, "monday": time.Monday, "tue": time.Tuesday, "tues": time.Tuesday,
	"tuesday": time.Tuesday, "wed": time.Wednesday, "wednesday": time.Wednesday, "thu": time.Thursday, "thur": time.Thursday,
	"thurs": time.Thursday, "thursday": time.Thursday, "fri": time.Friday, "friday": time.Friday, "sat": time.Saturday,
	"saturday": time.Saturday,
}

// moment reads a point in time at i and reports where it ends. A bare hour is a time of day only
// where a day is named: "tomorrow at 9".
func (r *reader) moment(i int) (time.Time, int, bool) {
	w := when{}
	i = r.skip(i, "(", "the", "~", "about", "around")
	next, found := i, false
	for part := 0; part < 4; part++ {
		n, ok := r.part(&w, next)
		if !ok {
			break
		}
		next, found = n, true
		next = r.joint(&w, next)
	}
	if !found || !w.complete() || r.is(next, "ago") {
		return time.Time{}, i, false
	}
	t, ok := w.resolve(r.now)
	return t, next, ok
}

// joint passes over what stands between a date and a time, if one of them follows.
func (r *reader) joint(w *when, i int) int {
	next := r.skip(i, ",", "at", "on", "@", "t", "(", "of", "by", "-")
	if probe := *w; next > i {
		if _, ok := r.part(&probe, next); !ok {
			return i
		}
	}
	return next
}

// part reads a date or a time of day into w, if that is not known yet.
func (r *reader) part(w *when, i int) (int, bool) {
	for _, read := range []func(*when, int) (int, bool){r.isoDate, r.wordDate, r.dayWord, r.timeOfDay, r.yearBehind} {
		if next, ok := read(w, i); ok {
			return next, true
		}
	}
	return i, false
}

// isoDate reads yyyy-mm-dd and yyyy/mm/dd.
func (r *reader) isoDate(w *when, i int) (int, bool) {
	if w.dated() || r.at(i).kind != number || len(r.at(i).text) != 4 || !r.is(i+1, "-", "/") || !r.is(i+3, r.at(i+1).text) {
		return i, false
	}
	y, m, d := r.whole(i), r.whole(i+2), r.whole(i+4)
	if y < 1970 || m < 1 || m > 12 || d < 1 || d > 31 {
		return i, false
	}
	w.year, w.month, w.day = y, m, d
	return i + 5, true
}

// whole is the number at i, or -1 when that is none, or has a fraction.
func (r *reader) whole(i int) int {
	if r.at(i).kind != number || len(r.at(i).text) > 6 {
		return -1
	}
	n, err := strconv.Atoi(r.at(i).text)
	if err != nil {
		return -1
	}
	return n
}

// wordDate reads a date with the name of its month, with or without a weekday and a year.
func (r *reader) wordDate(w *when, i int) (int, bool) {
	if w.dated() {
		return i, false
	}
	if _, ok := weekdays[r.at(i).text]; ok && r.at(i).kind == word {
		i = r.skip(i+1, ",", ".", "the")
	}
	month, d := months[r.at(i).text], 0
	if month > 0 {
		i = r.skip(i+1, ".", "the", "-")
		d, i = r.whole(i), i+1
	} else {
		d = r.whole(i)
		i = r.skip(i+1, "st", "nd", "rd", "th", "of", "-", ".")
		month, i = months[r.at(i).text], i+1
	}
	if month == 0 || d < 1 || d > 31 || r.is(i, ":") {
		return i, false
	}
	w.month, w.day = month, d
	if next, ok := r.yearBehind(w, r.skip(i, "st", "nd", "rd", "th", ",", "-")); ok {
		i = next
	}
	return r.skip(i, "st", "nd", "rd", "th"), true
}

// yearBehind reads the year of a date that has none yet: behind the day, or at the end as in
// "Sun Nov 6 08:49:37 1994". Two digits, as RFC 850 has them, are of the century from 1970 on.
func (r *reader) yearBehind(w *when, i int) (int, bool) {
	y := r.whole(i)
	switch {
	case w.month == 0 || w.year != 0 || y < 0 || r.is(i+1, ":"):
		return i, false
	case len(r.at(i).text) == 2 && r.is(i-1, "-") && r.at(i).glued:
		y += 1900
		if y < 1970 {
			y += 100
		}
	case y < 1970 || y > 9999:
		return i, false
	}
	w.year = y
	return i + 1, true
}

// dayWord reads a day that is named by its distance or its weekday.
func (r *reader) dayWord(w *when, i int) (int, bool) {
	if w.dated() {
		return i, false
	}
	t := r.at(r.skip(i, "next", "this"))
	next := r.skip(i, "next", "this") + 1
	if t.kind != word {
		return i, false
	}
	weekday, named := weekdays[t.text]
	switch {
	case named:
		w.weekday, w.named = weekday, true
	case t.text == "today" || t.text == "tonight":
		w.today = true
	case t.text == "tomorrow":
		w.today, w.offset = true, 1
	default:
		return i, false
	}
	return next, true
}

// timeOfDay reads a clock time with its zone.
func (r *reader) timeOfDay(w *when, i int) (int, bool) {
	if w.timed {
		return i, false
	}
	next, ok := r.hands(w, i)
	if !ok {
		return i, false
	}
	if w.zone == nil {
		w.zone, next = r.zone(next)
	}
	return next, true
}

func (r *reader) hands(w *when, i int) (int, bool) {
	if r.is(i, "midnight", "noon") {
		w.hour, w.timed = map[string]int{"noon": 12}[r.at(i).text], true
		return i + 1, true
	}
	hour, min, sec := r.whole(i), 0, 0
	if hour < 0 || len(r.at(i).text) > 2 {
		return i, false
	}
	next, exact := i+1, false
	if r.is(next, ":") && r.at(next).glued && len(r.at(next+1).text) == 2 {
		min, next, exact = r.whole(next+1), next+2, true
		if r.is(next, ":") && r.at(next).glued {
			sec, next = r.seconds(next+1), next+2
		}
	}
	half, after := r.half(next)
	bare := !exact && half == "" && w.dated() && w.year == 0 && r.is(i-1, "at")
	switch {
	case !exact && half == "" && !bare, half != "" && (hour < 1 || hour > 12):
		return i, false
	case half == "pm" && hour < 12:
		hour += 12
	case half == "am" && hour == 12:
		hour = 0
	}
	if hour > 23 || min < 0 || min > 59 || sec < 0 || sec > 60 {
		return i, false
	}
	w.hour, w.min, w.sec, w.timed = hour, min, sec, true
	return after, true
}

// seconds are those of a clock time, without their fraction.
func (r *reader) seconds(i int) int {
	text, _, _ := strings.Cut(r.at(i).text, ".")
	n, err := strconv.Atoi(text)
	if r.at(i).kind != number || err != nil {
		return -1
	}
	return n
}

// half reads am, a.m., PM and p.m.
func (r *reader) half(i int) (string, int) {
	switch {
	case r.is(i, "am", "pm"):
		return r.at(i).text, i + 1
	case r.is(i, "a", "p") && r.is(i+1, ".") && r.is(i+2, "m"):
		return r.at(i).text + "m", r.skip(i+3, ".")
	}
	return "", i
}

// dated reports that the day is known.
func (w *when) dated() bool { return w.month > 0 || w.named || w.today }

// complete reports that this is enough to be a moment.
func (w *when) complete() bool { return w.timed || w.month > 0 || w.named || w.offset > 0 }

// resolve is the moment that is meant, seen from now. It is false for one that does not exist.
func (w *when) resolve(now time.Time) (time.Time, bool) {
	if w.zone == nil {
		w.zone = now.Location()
	}
	now = now.In(w.zone)
	on := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, w.hour, w.min, w.sec, 0, w.zone)
	}
	year, month, today := now.Date()
	switch {
	case w.year > 0:
		t := on(w.year, time.Month(w.month), w.day)
		return t, t.Day() == w.day
	case w.month > 0:
		t := nearest(now, func(y int) time.Time { return on(y, time.Month(w.month), w.day) })
		return t, t.Day() == w.day
	case w.named:
		ahead := (int(w.weekday-now.Weekday()) + 7) % 7
		if t := on(year, month, today+ahead); t.After(now) {
			return t, true
		}
		return on(year, month, today+ahead+7), true
	case w.today:
		return on(year, month, today+w.offset), true
	}
	t := on(year, month, today)
	if now.Sub(t) > justPassed {
		t = on(year, month, today+1)
	}
	return t, true
}

// nearest is the year of a date without one that lies nearest to now.
func nearest(now time.Time, in func(year int) time.Time) time.Time {
	best := in(now.Year())
	for _, year := range []int{now.Year() - 1, now.Year() + 1} {
		if t := in(year); t.Sub(now).Abs() < best.Sub(now).Abs() {
			best = t
		}
	}
	return best
}
