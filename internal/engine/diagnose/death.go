package diagnose

import (
	"math"
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// What a program printed counts for its death as long as it was fresh. The weight of its last
// words halves in lastHalfLife, because a program may wait before it gives up; that of lines
// before them in earlierHalfLife. What is older than staleAfter tells of nothing.
const (
	lastHalfLife, earlierHalfLife = time.Minute, 20 * time.Second
	staleAfter                    = 3 * time.Minute
	// lastWords are how many lines may come after the last words: a prompt, a newline, a goodbye.
	lastWords = 2
	// survivedAfter is how long after a line a sign of work must come to show that the program
	// lived through it.
	survivedAfter = 2 * time.Second
)

// outputOf are the votes of the output that count, and the turns that hold for them. What the agent
// prints in healthy runs counts only where a fact agrees.
func outputOf(e heal.Evidence) ([]heal.Vote, []heal.Turn) {
	if wellEnded(e.Exit) {
		return nil, nil
	}
	var open []heal.Vote
	usual, ruled := false, false
	for _, v := range e.Output.Votes {
		if v.Usual != "" && witnessed(e, v.Type) {
			v.Usual = ""
		}
		s := stateOf(v, e)
		if usual = usual || s == heal.Usual; s != heal.Open {
			continue
		}
		if e.Exit != nil && v.Age > 0 {
			if v.Weight *= freshness(v); v.Weight < deadThreshold {
				continue
			}
		}
		ruled = ruled || v.Rule != ""
		open = append(open, v)
	}
	if usual && !ruled { // a guess would only follow the words of usual lines
		open = slices.DeleteFunc(open, func(v heal.Vote) bool { return v.Guess })
	}
	if len(open) == 0 {
		return nil, nil
	}
	return open, e.Output.Turns
}

// stateOf says what became of a vote before its judgement. Only an operator's rule counts whatever
// happened.
func stateOf(v heal.Vote, e heal.Evidence) heal.VoteState {
	switch proved := e.Output.Proved; {
	case v.Weight >= heal.OperatorWeight:
		return heal.Open
	case v.Usual != "":
		return heal.Usual
	case e.Exit == nil:
		return heal.Open
	case killedFromOutside(e.Exit) || e.Exit.OOM:
		return heal.Outranked
	case proved > 0 && v.Age-proved >= survivedAfter:
		return heal.Survived
	case v.Age >= staleAfter:
		return heal.Stale
	}
	return heal.Open
}

// killedFromOutside reports an end that a program cannot have caused by what it printed: nobody
// sends itself a KILL, and a known sender is somebody else.
func killedFromOutside(e *heal.Exit) bool {
	switch e.Signal {
	case "SIGKILL":
		return true
	case "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT":
		return e.Sender != "" && e.Sender != "unknown"
	}
	return false
}

// freshness is how much of its weight a line keeps until the end.
func freshness(v heal.Vote) float64 {
	half := earlierHalfLife
	if v.Later <= lastWords {
		half = lastHalfLife
	}
	return math.Exp2(-v.Age.Seconds() / half.Seconds())
}

// leadOf is the line that tells most of what still counts. Where nothing of the output counts, and
// something did before, there is none.
func leadOf(said []heal.Vote, o heal.TextEvidence) (lead heal.Vote) {
	for _, v := range said {
		if v.Template != "" && v.Weight > lead.Weight {
			lead = v
		}
	}
	if lead.Template == "" && (len(o.Votes) == 0 || len(said) > 0) {
		lead.Template, lead.Rule = o.Template, o.Rule
	}
	return lead
}

// waitOf is the time to wait that belongs to the line which decides the type, or to the latest
// other one of that type that names one.
func waitOf(said []heal.Vote, typ heal.ErrorType) time.Duration {
	var wait time.Duration
	weight := 0.0
	for _, v := range said {
		switch {
		case v.Type != typ:
		case v.Wait > 0 && (v.Weight >= weight || wait == 0):
			wait = v.Wait
		}
		if v.Type == typ {
			weight = max(weight, v.Weight)
		}
	}
	return wait
}

// startUp is the uptime within which an end with a telling last line is one of the start itself.
const startUp = 15 * time.Second

// proven reports that more than text says that a failure is of a type for which an agent is left
// alone: a code of that kind, a person's rule, another witness, or an end right after the start
// whose last words tell of it.
func proven(typ heal.ErrorType, e heal.Evidence, said []heal.Vote) bool {
	if e.Running {
		return true // nothing is dead that could be left alone
	}
	for _, v := range exitVotes(e.Exit) {
		if v.Type == typ {
			return true
		}
	}
	for _, v := range e.Findings {
		if v.Type == typ {
			return true
		}
	}
	for _, m := range e.Matches {
		if m.Operator && m.Type == typ {
			return true
		}
	}
	for _, v := range said {
		switch {
		case v.Type != typ:
		case v.Weight >= heal.OperatorWeight:
			return true
		case e.Exit != nil && e.Exit.Signal == "" && e.Exit.Uptime <= startUp && v.Later <= lastWords:
			return true
		}
	}
	return false
}
