package diagnose

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxWait bounds a wait that only a line of text asks for (law 3).
const maxWait = 24 * time.Hour

var (
	retryAfter = lazy(`(?i)retry[-_ ]?after(?:[-_ ]?(ms|seconds|secs?|s))?["']?\s*[:=]?\s*["']?(\d+(?:\.\d+)?)\s*(ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|h)?\b`)
	tryAgainIn = lazy(`(?i)(?:try again|retry|retrying|resets?|available(?: again)?|wait(?: for)?|back)\s+(?:in|after)\s+(?:about\s+)?((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h)[ ,]*(?:and\s+)?)+)\b`)
	waitFor    = lazy(`(?i)(?:please )?wait(?: for)? ((?:\d+(?:\.\d+)?\s*(?:seconds?|secs?|s|minutes?|mins?|m|hours?|h)[ ,]*(?:and\s+)?)+)\b\s*(?:before|and (?:try|retry))`)
	part       = lazy(`(?i)(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h)`)
	resetAt    = lazy(`(?i)(?:resets?|reset[-_ ]?(?:at|time)|try again|available|until|retry)["']?\s*(?:at|on|after|:|=)?\s*["']?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:Z|UTC|[+-]\d\d:?\d\d)?)`)
	// resetHeader is a header of rate limits: a time to wait, or seconds since 1970.
	resetHeader = lazy(`(?i)(?:x-)?rate-?limit-reset(?:-\w+)?["']?\s*[:=]\s*["']?((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)\b`)
	resetEpoch  = lazy(`(?i)reset(?:_?at|_?time|s)?(?:-\w+)?["']?\s*[:=]\s*["']?(1\d{9})(?:\d{3})?\b`)
	clockAt     = lazy(`(?i)(?:resets?|try again|available|retry)\s+(?:at|after)\s+(\d{1,2}):(\d\d)(?::\d\d)?\s*(am|pm)?\s*\(?(utc|gmt|z)?\b`)
)

// waitClock reads times against the moment at which the evidence was judged.
type waitClock struct{ now time.Time }

// WaitIn finds the time that the evidence asks to wait, counted from now:
// "Retry-After: 7", "try again in 20s", an RFC 3339 moment or a clock time. A
// clock time without a zone is in now's zone; one that has passed today means
// tomorrow. It reports false when the evidence names no time; none is invented.
func WaitIn(lines []string, now time.Time) (time.Duration, bool) {
	return waitClock{now}.find(lines)
}

// find reads from the last line backwards: the newest word is the valid one.
func (c waitClock) find(lines []string) (time.Duration, bool) {
	for i := len(lines) - 1; i >= 0; i-- {
		if d, ok := c.line(lines[i]); ok && d > 0 {
			return min(d, maxWait), true
		}
	}
	return 0, false
}

func (c waitClock) line(line string) (time.Duration, bool) {
	if len(line) > maxWindow {
		line = line[:maxWindow]
	}
	if m := retryAfter().FindStringSubmatch(line); m != nil {
		unit := m[3]
		if unit == "" {
			unit = m[1]
		}
		return length(m[2], unit)
	}
	for _, expr := range []*regexp.Regexp{tryAgainIn(), waitFor()} {
		if m := expr.FindStringSubmatch(line); m != nil {
			return sum(m[1])
		}
	}
	if m := resetHeader().FindStringSubmatch(line); m != nil {
		return sum(m[1])
	}
	if m := resetEpoch().FindStringSubmatch(line); m != nil {
		seconds, err := strconv.ParseInt(m[1], 10, 64)
		return time.Unix(seconds, 0).Sub(c.now), err == nil
	}
	if m := resetAt().FindStringSubmatch(line); m != nil {
		return c.until(m[1])
	}
	if m := clockAt().FindStringSubmatch(line); m != nil {
		return c.untilClock(m)
	}
	return 0, false
}

func sum(text string) (time.Duration, bool) {
	var total time.Duration
	for _, m := range part().FindAllStringSubmatch(text, -1) {
		d, ok := length(m[1], m[2])
		if !ok {
			return 0, false
		}
		total += d
	}
	return total, total > 0
}

// length converts a number with a unit; a bare number means seconds, as in the
// Retry-After header.
func length(number, unit string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n > maxWait.Seconds()*1000 {
		return 0, false
	}
	scale := time.Second
	switch unit = strings.ToLower(unit); {
	case strings.HasPrefix(unit, "ms"), strings.HasPrefix(unit, "mil"):
		scale = time.Millisecond
	case strings.HasPrefix(unit, "m"):
		scale = time.Minute
	case strings.HasPrefix(unit, "h"):
		scale = time.Hour
	}
	return time.Duration(n * float64(scale)), true
}

var momentLayouts = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04 UTC"}

func (c waitClock) until(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range momentLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Sub(c.now), true
		}
	}
	text = strings.Replace(text, "T", " ", 1)
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, c.now.Location()); err == nil {
			return t.Sub(c.now), true
		}
	}
	return 0, false
}

func (c waitClock) untilClock(m []string) (time.Duration, bool) {
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	switch half := strings.ToLower(m[3]); {
	case half == "pm" && hour < 12:
		hour += 12
	case half == "am" && hour == 12:
		hour = 0
	}
	if hour > 23 || minute > 59 {
		return 0, false
	}
	zone := c.now.Location()
	if m[4] != "" {
		zone = time.UTC
	}
	now := c.now.In(zone)
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, zone)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at.Sub(now), true
}
