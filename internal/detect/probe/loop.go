package probe

import (
	"context"
	"math/rand/v2"
	"time"

	"healer-sidecar/internal/config"
)

// Verdict is what the answers so far amount to.
type Verdict struct {
	// Failed says that enough of the last answers were bad, Well that the last was good,
	// Unknown that it could not be asked.
	Failed, Well, Unknown bool
	Why                   string
	// Took is how long the answer took.
	Took time.Duration
}

// Judge counts answers: N of the last M make a failure, and before it was well once
// nothing does until the startup time is over.
type Judge struct {
	config.Schedule
	answers []bool // true for bad
	well    bool
	failed  bool
}

// Add takes an answer that came at a time since the beginning.
func (j *Judge) Add(a Answer, why string, since time.Duration) Verdict {
	v := Verdict{Why: why, Unknown: a == Unknown, Well: a == Well}
	switch a {
	case Unknown:
		v.Failed = j.failed
		return v
	case Well:
		j.well, j.failed = true, false
	case Unwell:
		if !j.well && since < j.Startup {
			return v
		}
	}
	j.answers = append(j.answers, a == Unwell)
	j.answers = j.answers[max(len(j.answers)-j.Of, 0):]
	if a == Well {
		return v
	}
	bad := 0
	for _, b := range j.answers {
		if b {
			bad++
		}
	}
	j.failed = j.failed || bad >= j.Failures
	v.Failed = j.failed
	return v
}

// Run asks a target again and again until the context ends.
func Run(ctx context.Context, t config.Target, s config.Schedule, tools Tools, each func(Verdict)) {
	j := Judge{Schedule: s}
	begun := time.Now()
	for {
		asked := time.Now()
		a, why := Ask(ctx, t, s.Timeout, tools)
		if ctx.Err() != nil {
			return
		}
		v := j.Add(a, why, time.Since(begun))
		v.Took = time.Since(asked)
		each(v)
		// A little jitter keeps many probes from asking in step.
		wait := s.Every + time.Duration(rand.Int64N(int64(s.Every)/10+1))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}
