package heal

import "time"

// Cost is what a remedy costs, as time in which the agent is of no use.
type Cost struct {
	// Act is how long it takes.
	Act time.Duration `json:"act"`
	// Good and Bad are what is lost beside that when it works, and when it does not: work,
	// function, a place where the agent is parked.
	Good time.Duration `json:"good"`
	Bad  time.Duration `json:"bad"`
}

// usualCosts are coarse values of experts (docs/design/0007-judgement.md); how long a
// strategy takes is learned.
var usualCosts = map[Strategy]Cost{
	Retry:             {2 * time.Second, 0, 0},
	WaitAndRetry:      {2 * time.Second, 0, 0},
	Restart:           {10 * time.Second, 25 * time.Second, 15 * time.Second},
	Rollback:          {5 * time.Second, 30 * time.Second, 10 * time.Second},
	Reconfigure:       {6 * time.Second, 5 * time.Second, 5 * time.Second},
	DegradeGracefully: {4 * time.Second, 2 * time.Minute, 10 * time.Second},
	AlternativePath:   {4 * time.Second, 40 * time.Second, 5 * time.Second},
	Compensate:        {3 * time.Second, 3 * time.Second, 3 * time.Second},
	Isolate:           {3 * time.Second, 5 * time.Minute, 10 * time.Second},
}

// usualPerson: a median response of 15 minutes of lognormal spread 0.6, three minutes to
// mend, and ten minutes of toil (ENGINE.md 2.6).
const usualPerson = 1857 * time.Second
