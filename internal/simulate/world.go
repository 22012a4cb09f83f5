package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"healer-sidecar/internal/heal"
)

// kind is a way to fail in the world of this package. The engine does not see it.
type kind struct {
	share float64
	text  string
	typ   heal.ErrorType
	// helps is the chance of a first try, faded by every further one.
	helps map[heal.Strategy]float64
	fades float64
	// heals is the median time after which it is over by itself; zero for never.
	heals time.Duration
}

type helps = map[heal.Strategy]float64

// kinds are made up from common experience, and are not those of the engine's library.
var kinds = []kind{
	{22, "connection reset by peer while reading from %s", heal.CommunicationError, helps{heal.Retry: 0.6, heal.Restart: 0.6, heal.AlternativePath: 0.8}, 1, 4 * time.Second},
	{14, "429 too many requests from %s", heal.DependencyFailure, helps{heal.AlternativePath: 0.7, heal.DegradeGracefully: 0.6}, 1, 50 * time.Second},
	{8, "cannot connect to the database %s", heal.DependencyFailure, helps{heal.AlternativePath: 0.5}, 1, 3 * time.Minute},
	{12, "panic: index out of range in %s", heal.ExecutionFailure, helps{heal.Retry: 0.5, heal.Restart: 0.7, heal.Rollback: 0.4}, 0.9, 0},
	{8, "panic: cannot parse record %s", heal.ExecutionFailure, helps{heal.Compensate: 0.85, heal.Isolate: 0.6}, 0.3, 0},
	{8, "cannot load the state of %s: checksum mismatch", heal.ExecutionFailure, helps{heal.Rollback: 0.9, heal.Compensate: 0.4}, 0.5, 0},
	{6, "invalid configuration: unknown key %s", heal.ConfigurationError, helps{heal.Rollback: 0.9, heal.Reconfigure: 0.3}, 0.3, 0},
	{8, "out of memory in %s", heal.ResourceExhaustion, helps{heal.Restart: 0.9, heal.Reconfigure: 0.3, heal.DegradeGracefully: 0.4}, 0.8, 0},
	{6, "no progress: the same step again in %s", heal.LearningFailure, helps{heal.Restart: 0.5, heal.Rollback: 0.6, heal.AlternativePath: 0.5}, 0.7, 0},
	{4, "%s is already running: lock held", heal.GoalConflict, helps{heal.Compensate: 0.8, heal.WaitAndRetry: 0.3}, 0.6, 90 * time.Second},
	{2, "guardrail: %s was refused", heal.SafetyViolation, helps{heal.Isolate: 0.95}, 0.9, 0},
	{2, "something went wrong in %s", heal.Unknown, helps{heal.Restart: 0.5, heal.Retry: 0.3, heal.Rollback: 0.4}, 0.8, 0},
}

// Account is what a number of incidents cost.
type Account struct {
	Incidents int           `json:"incidents"`
	Downtime  time.Duration `json:"downtime"`
	Actions   int           `json:"actions"`
	// Escalations are incidents that needed a person.
	Escalations int `json:"escalations"`
	// Halves is the downtime of the first and of the second half: what learning is worth.
	Halves [2]time.Duration `json:"halves"`
}

// Chooser is a policy under test.
type Chooser interface {
	Begin(Case)
	Choose(elapsed time.Duration) (Decision, error)
	Outcome(d Decision, v Verdict, ended time.Duration)
}

const (
	// components fail, each in a few ways of its own.
	components = 12
	// longestIncident ends with a person in any case.
	longestIncident = time.Hour
	// personMedian and personSpread make the lognormal time until a person is there,
	// personMends is how long that one takes.
	personMedian, personSpread, personMends = 15 * time.Minute, 0.6, 3 * time.Minute
	// seen is how long it takes to see a failure, and one that a remedy did not mend.
	seen = 3 * time.Second
)

// Play lets a policy meet incidents; the same seed makes the same ones.
func Play(c Chooser, agent string, costs map[heal.Strategy]heal.Cost, incidents int, seed uint64) (Account, error) {
	w := world{rng: rand.New(rand.NewPCG(seed, 1)), costs: costs}
	sum := Account{Incidents: incidents}
	began := time.Duration(0)
	for n := range incidents {
		began += time.Duration(w.rng.ExpFloat64() * float64(time.Hour))
		down, err := w.incident(c, agent, began, &sum)
		if err != nil {
			return sum, err
		}
		began += down
		sum.Downtime += down
		sum.Halves[2*n/max(incidents, 1)] += down
	}
	return sum, nil
}

type world struct {
	rng   *rand.Rand
	costs map[heal.Strategy]heal.Cost
}

func (w *world) lognormal(median time.Duration, spread float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(spread*w.rng.NormFloat64()))
}

func (w *world) kind() kind {
	at := w.rng.Float64() * 100
	for _, k := range kinds {
		if at -= k.share; at < 0 {
			return k
		}
	}
	return kinds[len(kinds)-1]
}

// incident plays one to its end and returns how long the agent was of no use.
func (w *world) incident(c Chooser, agent string, began time.Duration, sum *Account) (time.Duration, error) {
	k, name := w.kind(), fmt.Sprintf("part%d", w.rng.IntN(components))
	over := time.Duration(math.MaxInt64)
	if k.heals > 0 {
		over = w.lognormal(k.heals, 1)
	}
	c.Begin(Case{Agent: agent, Text: fmt.Sprintf(k.text, name), Type: k.typ, Repeatable: true, Snapshot: true, Began: began})
	tried := map[heal.Strategy]int{}
	for elapsed := seen; ; elapsed += seen {
		d, err := c.Choose(elapsed)
		if err != nil {
			return elapsed, err
		}
		sum.Actions++
		if d.Strategy == heal.Escalate || elapsed > longestIncident {
			sum.Escalations++
			elapsed += w.lognormal(personMedian, personSpread) + personMends
			c.Outcome(Decision{Strategy: heal.Escalate}, Healed, elapsed)
			return elapsed, nil
		}
		elapsed += d.Wait + w.costs[d.Strategy].Act
		healed := w.rng.Float64() < k.helps[d.Strategy]*math.Pow(k.fades, float64(tried[d.Strategy]))
		if d.Strategy.OnlyRuns() && elapsed >= over {
			healed = true
		}
		if tried[d.Strategy]++; healed {
			c.Outcome(d, Healed, elapsed)
			return elapsed, nil
		}
		c.Outcome(d, Failed, elapsed)
	}
}

// restarts is what supervisors do: start again after a growing delay, forever.
type restarts struct{ n int }

func (r *restarts) Begin(Case) { r.n = 0 }

func (r *restarts) Choose(time.Duration) (Decision, error) {
	wait := time.Duration(0)
	if r.n > 0 {
		wait = min(5*time.Second<<min(r.n-1, 6), 5*time.Minute)
	}
	r.n++
	return Decision{heal.Restart, wait}, nil
}

func (r *restarts) Outcome(Decision, Verdict, time.Duration) {}

// Restarts is the fixed policy of most supervisors, to compare with.
func Restarts() Chooser { return &restarts{} }

// Under is the engine under a policy, as it is written.
func Under(p heal.Policy) (*Subject, map[heal.Strategy]heal.Cost, error) {
	costs := map[heal.Strategy]heal.Cost{}
	for _, profile := range heal.Profiles {
		costs[profile.Strategy] = p.CostOf(profile.Strategy)
	}
	s, err := New(Terms{Costs: costs})
	if err != nil {
		return nil, nil, err
	}
	p.Shadow = false
	s.base = &p
	return s, costs, nil
}
