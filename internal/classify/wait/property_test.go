package wait

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// form writes a moment in one of the usual ways, in its own zone; step is what it cannot say.
type form struct {
	name  string
	step  time.Duration
	write func(at time.Time, zone string) string
}

func layout(l string) func(time.Time, string) string {
	return func(at time.Time, zone string) string { return strings.ReplaceAll(at.Format(l), "ZONE", zone) }
}

func inUTC(l string) func(time.Time, string) string {
	return func(at time.Time, _ string) string { return at.UTC().Format(l) }
}

var momentForms = []form{
	{"rfc3339", time.Second, layout(time.RFC3339)},
	{"rfc3339 with a fraction", time.Second, layout(time.RFC3339Nano)},
	{"sql", time.Second, inUTC("2006-01-02 15:04:05 UTC")},
	{"sql with a named zone", time.Minute, layout("2006/01/02 15:04 (ZONE)")},
	{"numeric zone", time.Second, layout("2006-01-02 15:04:05 -0700")},
	{"http date", time.Second, inUTC("Mon, 02 Jan 2006 15:04:05 GMT")},
	{"rfc850", time.Second, inUTC("Monday, 02-Jan-06 15:04:05 GMT")},
	{"month first", time.Minute, layout("January 2, 2006 3:04 PM (ZONE)")},
	{"month first, short, ordinal", time.Minute, func(at time.Time, zone string) string {
		return fmt.Sprintf("%s %dth, %s %s", at.Format("Jan"), at.Day(), at.Format("2006 3:04pm"), zone)
	}},
	{"no year", time.Minute, layout("Jan 2 at 3:04pm (ZONE)")},
	{"day first", time.Minute, layout("2 January 2006 at 15:04 (ZONE)")},
	{"clock first", time.Minute, layout("15:04 (ZONE) on Jan 2")},
	{"clock", time.Minute, layout("15:04 (ZONE)")},
	{"clock in halves", time.Minute, layout("3:04pm (ZONE)")},
	{"clock in dotted halves", time.Minute, func(at time.Time, zone string) string {
		return at.Format("3:04 ") + map[string]string{"AM": "a.m.", "PM": "p.m."}[at.Format("PM")] + " (" + zone + ")"
	}},
	{"hour", time.Hour, layout("3pm (ZONE)")},
	{"weekday", time.Minute, layout("Monday at 3:04pm (ZONE)")},
	{"seconds", time.Second, func(at time.Time, _ string) string { return fmt.Sprint(at.Unix()) }},
	{"milliseconds", time.Millisecond, func(at time.Time, _ string) string { return fmt.Sprint(at.UnixMilli()) }},
	{"fraction of seconds", time.Millisecond, func(at time.Time, _ string) string { return fmt.Sprintf("%.3f", float64(at.UnixMilli())/1000) }},
}

// momentFrames put a moment into a line.
var momentFrames = []string{
	"usage limit reached, resets at %s", "429 Too Many Requests. Please try again at %s.", "rate limit exceeded: blocked until %s",
	"x-ratelimit-reset: %s", `{"error":{"reset_at":"%s"}}`, "Limit reached; your quota will reset on %s", "retry-after: %s",
	"You've reached your usage limit for this period and this plan; try again at\n%s",
}

var zoneChoice = []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo", "Asia/Kolkata", "Etc/UTC"}

// TestEveryMomentIsReadBack: a moment within a day, in every form, zone and line.
func TestEveryMomentIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(momentForms).Draw(t, "form")
		zone := rapid.SampledFrom(zoneChoice).Draw(t, "zone")
		frame := rapid.SampledFrom(momentFrames).Draw(t, "frame")
		local := Zone(rapid.SampledFrom(zoneChoice).Draw(t, "ours"))
		now := time.Unix(rapid.Int64Range(1735689600, 2051222400).Draw(t, "now"), 0).In(local)
		ahead := time.Duration(rapid.Int64Range(int64(2*time.Hour), int64(22*time.Hour)).Draw(t, "ahead"))
		at := now.Add(ahead).In(Zone(zone)).Truncate(f.step)
		if twice(at) {
			t.Skip("an hour that there is twice")
		}
		text := fmt.Sprintf(frame, f.write(at, zone))
		got, ok := In(text, now)
		if want := at.Sub(now); !ok || (got.For-want).Abs() >= f.step+time.Millisecond {
			t.Fatalf("%s: %q at %s: %s %v, want %s", f.name, text, now, got.For, ok, want)
		}
	})
}

// twice reports a local time that the end of summer time lets happen two times.
func twice(at time.Time) bool {
	for _, d := range []time.Duration{-time.Hour, time.Hour} {
		if at.Add(d).Format("15:04") == at.Format("15:04") {
			return true
		}
	}
	return false
}

// lengthForms write a length of time, cut to their step.
var lengthForms = []struct {
	name  string
	step  time.Duration
	write func(d time.Duration) string
}{
	{"go", time.Millisecond, time.Duration.String},
	{"seconds", time.Second, func(d time.Duration) string { return fmt.Sprintf("%d seconds", int64(d.Seconds())) }},
	{"s", time.Second, func(d time.Duration) string { return fmt.Sprintf("%ds", int64(d.Seconds())) }},
	{"decimals", time.Millisecond, func(d time.Duration) string { return fmt.Sprintf("%.3f sec", d.Seconds()) }},
	{"ms", time.Millisecond, func(d time.Duration) string { return fmt.Sprintf("%dms", d.Milliseconds()) }},
	{"clock", time.Second, func(d time.Duration) string {
		return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}},
	{"hours and minutes", time.Minute, func(d time.Duration) string { return fmt.Sprintf("%dh %dm", int(d.Hours()), int(d.Minutes())%60) }},
	{"words", time.Minute, func(d time.Duration) string {
		return fmt.Sprintf("about %d hours, %d minutes and 0 seconds", int(d.Hours()), int(d.Minutes())%60)
	}},
	{"iso 8601", time.Second, func(d time.Duration) string {
		return fmt.Sprintf("PT%dH%dM%dS", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}},
}

var lengthFrames = []string{
	"Please try again in %s.", "429: retry after %s", "quota resets in %s", "too many requests, wait %s", "you are throttled for %s",
	`{"retryDelay":"%s"}`, "retry_after=%s", "Retrying in %s (attempt 2)", "x-ratelimit-reset-after: %s", `{\"retry_after\": \"%s\"}`,
	"The usage limit of this account and this plan was reached; try again in\n%s",
}

// TestEveryLengthIsReadBack: any length up to a day, in every form and line.
func TestEveryLengthIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(lengthForms).Draw(t, "form")
		frame := rapid.SampledFrom(lengthFrames).Draw(t, "frame")
		d := time.Duration(rapid.Int64Range(int64(time.Minute), int64(23*time.Hour)).Draw(t, "length")).Truncate(f.step)
		if f.name == "clock" && strings.Contains(frame, "wait") {
			t.Skip("03:00:00 may be a time of day there")
		}
		text := fmt.Sprintf(frame, f.write(d))
		if got, ok := In(text, noon); !ok || got.For != d {
			t.Fatalf("%s: %q: %s %v, want %s", f.name, text, got.For, ok, d)
		}
	})
}

// TestKeysNameTheirUnit: every key with every unit, and a number of it.
func TestKeysNameTheirUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"retry_after_%s", "retry-after-%s", "resets_in_%s", "x-ratelimit-reset-after-%s", "cooldown_%s", "wait_%s"}).Draw(t, "key")
		unit := rapid.SampledFrom([]string{"ms", "millis", "milliseconds", "s", "sec", "secs", "seconds", "min", "minutes", "hours"}).Draw(t, "unit")
		sep := rapid.SampledFrom([]string{"=", ": ", ":", " = ", `": `, `\":`}).Draw(t, "sep")
		n := rapid.Int64Range(1, 23).Draw(t, "n")
		text := "429 " + fmt.Sprintf(name, unit) + sep + fmt.Sprint(n) + rapid.SampledFrom([]string{"", ",", "}", " x"}).Draw(t, "tail")
		if got, ok := In(text, noon); !ok || got.For != time.Duration(n)*units[unit] {
			t.Fatalf("%q: %s %v", text, got.For, ok)
		}
	})
}
