package present

import (
	"fmt"
	"math"
	"strings"
	"time"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/heal"
)

// causes are what a cause is called in a title.
var causes = map[heal.Cause]string{
	heal.RateLimit: "rate limit", heal.Overload: "overloaded service", heal.Quota: "quota used up", heal.Auth: "authentication failed",
	heal.Busy: "a resource is in use", heal.Billing: "billing problem", heal.Missing: "program or module is missing", heal.Clock: "wrong clock",
	heal.Context: "request longer than the model takes", heal.Ports: "no free local ports", heal.Stopped: "stopped by a signal",
	heal.Traced: "held by a debugger", heal.Asking: "waits for input", heal.Outage: "a service does not answer",
}

// types are what an error type is called in a title.
var types = map[heal.ErrorType]string{
	heal.ExecutionFailure: "crash", heal.ResourceExhaustion: "out of a resource", heal.GoalConflict: "conflict",
	heal.CommunicationError: "communication error", heal.PerformanceDegradation: "too slow", heal.SafetyViolation: "safety violation",
	heal.DependencyFailure: "dependency failure", heal.ConfigurationError: "configuration error", heal.LearningFailure: "no progress",
	heal.Unknown: "cause unknown",
}

// What names a failure in a few words; empty before it is diagnosed.
func What(i heal.IncidentSummary) string {
	if text, ok := causes[i.Cause]; ok {
		return text
	}
	return types[i.Type]
}

// Type is the error type with its cause, where that is known.
func Type(t heal.ErrorType, c heal.Cause) string {
	if c == "" {
		return string(t)
	}
	return fmt.Sprintf("%s, %s", t, c)
}

// Percent is a share for people.
func Percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

// Share is part of whole in percent, "-" of nothing.
func Share(part, whole int) string {
	if whole <= 0 {
		return "-"
	}
	return Percent(float64(part) / float64(whole))
}

// Count is a number with its noun in the right form.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") {
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Age is a time span as kubectl prints it: 4s, 10m, 2h5m, 3d4h.
func Age(d time.Duration) string {
	d = max(d, 0)
	pair := func(large, small time.Duration, l, s string) string {
		text := fmt.Sprintf("%d%s", d/large, l)
		if rest := d % large / small; rest > 0 {
			text += fmt.Sprintf("%d%s", rest, s)
		}
		return text
	}
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 10*time.Minute:
		return pair(time.Minute, time.Second, "m", "s")
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 24*time.Hour:
		return pair(time.Hour, time.Minute, "h", "m")
	}
	return pair(24*time.Hour, time.Hour, "d", "h")
}

// Countdown is the time that is left: "7 s", "2:41", "1:05:00". What is due is "now".
func Countdown(left time.Duration) string {
	s := int(math.Ceil(left.Seconds()))
	switch {
	case s <= 0:
		return "now"
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Took is a measured time with two digits: "4 ms", "0.3 s", "12 s", "2m10s".
func Took(d time.Duration) string {
	switch {
	case d < 0:
		return "-"
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return Age(d)
}

// maxWords bounds words of an agent in a card.
const maxWords = 300

// words are those of an agent: printable, bounded, and on one line.
func words(text string) string {
	return strings.Join(strings.Fields(redact.Printable([]byte(text), maxWords)), " ")
}
