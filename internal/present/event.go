package present

import (
	"fmt"
	"time"

	"healer-sidecar/internal/heal"
)

// Gist is the point of an event in a line.
func Gist(e heal.Event) string {
	switch {
	case e.Run != nil:
		return fmt.Sprintf("run %d, pid %d", e.Run.Run, e.Run.PID)
	case e.Signal != nil:
		return fmt.Sprintf("%s %s %s", e.Signal.Detector, e.Signal.State, signalGist(*e.Signal))
	case e.Kind == heal.EventSnapshot:
		return e.Note
	case e.Kind == heal.EventClosed:
		return fmt.Sprintf("%s %s after %s: %s", e.Incident, e.Outcome, Short(e.Took), e.Note)
	case e.Diag != nil:
		return fmt.Sprintf("%s: %s (%.2f), severity %.2f", e.Incident, TypeOf(*e.Diag), e.Diag.Confidence, e.Diag.Severity)
	case e.Outcome != "":
		return fmt.Sprintf("%s: %s", e.Outcome, e.Note)
	case e.Attempt != nil:
		return e.Attempt.ID + " " + AttemptName(*e.Attempt)
	case e.Result != nil && e.Result.Error != "":
		return e.Result.Attempt + ": " + e.Result.Error
	case e.Result != nil:
		return fmt.Sprintf("%s done in %s", e.Result.Attempt, Short(e.Result.Took))
	case e.Lesson != nil:
		return fmt.Sprintf("%s for %s: %s", e.Lesson.Strategy, e.Lesson.Type, e.Lesson.Outcome)
	case e.Exit != nil:
		return Exit(e.Exit)
	case e.Shared != nil:
		return fmt.Sprintf("%d patterns of other hosts", len(e.Shared))
	case e.Kind == heal.EventOrderDone || e.Kind == heal.EventOrderFailed:
		return e.Note
	case e.Command != nil:
		return ordered(*e.Command)
	}
	return e.Incident + " " + e.Note
}

// ordered is an order with who gave it, and why.
func ordered(o heal.Order) string {
	text := fmt.Sprintf("%s by uid %d", o.Command, o.UID)
	if o.Via != "" {
		text += " through the " + o.Via
	}
	if o.Reason != "" {
		text += ": " + o.Reason
	}
	return text
}

func signalGist(s heal.Signal) string {
	switch {
	case s.Reading != nil:
		return fmt.Sprintf("%.4g (limit %.4g)", s.Reading.Value, s.Reading.Limit)
	case s.Exit != nil:
		return Exit(s.Exit)
	}
	return s.Text
}

// AttemptName is what an attempt does.
func AttemptName(a heal.Attempt) string {
	name := string(a.Strategy)
	if a.Task != "" {
		name = string(a.Task)
	}
	if a.Undo {
		return "undo " + name
	}
	return name
}

// TypeOf is the type of a failure with its cause, where that is known.
func TypeOf(d heal.Diagnosis) string {
	if d.Cause == "" {
		return string(d.Type)
	}
	return fmt.Sprintf("%s (%s)", d.Type, d.Cause)
}

// Exit describes an exit in a few words.
func Exit(e *heal.Exit) string {
	switch {
	case e == nil || e.Unknown:
		return "unknown"
	case e.Errno != "":
		return "not executed: " + e.Errno
	case e.OOM && e.Signal == "":
		return fmt.Sprintf("code %d (OOM kill)", e.Code)
	case e.OOM:
		return e.Signal + " (OOM kill)"
	case e.Core:
		return e.Signal + " (core dumped)"
	case e.Signal != "" && e.Sender == "unknown":
		return e.Signal + " (sender unknown)"
	case e.Signal != "":
		return e.Signal
	case e.Unfinished:
		return fmt.Sprintf("code %d, unfinished", e.Code)
	}
	return fmt.Sprintf("code %d", e.Code)
}

// Short rounds a duration for people.
func Short(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
