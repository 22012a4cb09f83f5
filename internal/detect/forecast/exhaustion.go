package forecast

import "time"

// scale is one span of time over which a trend is looked for.
type scale struct {
	bin           time.Duration
	window, from  int
	horizon       time.Duration
	growth        float64
	confirmations int
	flattening    float64
	leastLevel    float64
	actBefore     time.Duration
}

// scales: the slow one is that of ENGINE.md 2.10. The fast one is for what runs out
// within minutes; it asks for more growth, for a level that matters, and for a trend
// that does not flatten, because a start that loads much looks the same at first.
var scales = []scale{
	{bin: time.Minute, window: 60, from: 20, horizon: time.Hour, growth: 0.03, confirmations: 2, flattening: 0.4, actBefore: 10 * time.Minute},
	{
		bin: 10 * time.Second, window: 60, from: 24, horizon: 10 * time.Minute, growth: 0.2, confirmations: 4,
		flattening: 0.7, leastLevel: 0.5, actBefore: 3 * time.Minute,
	},
}

const (
	// surely is the Mann-Kendall statistic of a one-sided p below 0.001.
	surely = 3.1
	// inertia is how many evaluations more than it took to warn may be needed to take a
	// warning back.
	inertia = 3
	// In the first minutes of a life of which nothing is known a program loads what it needs:
	// only what comes near its limit is a leak then.
	loading, loadingLevel = 15 * time.Minute, 0.8
	// plateauMargin is how far a level must rise above what an earlier life survived.
	plateauMargin = 0.02
	// actLevel is the level from which a warned trend must be acted upon, lateLevel the
	// one that needs no trend.
	actLevel, lateLevel = 0.88, 0.94
)

// Verdict is what the readings of something that can run out say now.
type Verdict struct {
	// Warned says that it will run out within the horizon, In how soon.
	Warned bool
	In     time.Duration
	// Urgent says that there is no time to wait for a person.
	Urgent bool
	// Level is the present share of the limit, Rate its growth per hour.
	Level, Rate float64
}

// Exhaustion judges one resource of one life of a process (ENGINE.md 2.10).
type Exhaustion struct {
	// Plateau is the highest level that an earlier life held for an hour and survived;
	// zero where none is known.
	Plateau float64

	// held is the highest level that this life held for a whole window of the slow scale.
	held   float64
	swings swings
	scales []*scaled
}

// scaled is the state of one scale.
type scaled struct {
	scale
	bins
	// hits counts evaluations that see a trend, down again for each that does not.
	hits   int
	warned bool
	in     time.Duration
	rate   float64
}

// NextLife judges the next life of the same program: what this one, or one before it,
// held for an hour and survived is no leak.
func (e *Exhaustion) NextLife() *Exhaustion {
	next := NewExhaustion()
	next.Plateau = max(e.Plateau, e.held)
	return next
}

// NewExhaustion judges a process that begins now.
func NewExhaustion() *Exhaustion {
	e := &Exhaustion{}
	for _, s := range scales {
		e.scales = append(e.scales, &scaled{scale: s, bins: bins{size: s.bin, keep: s.window}})
	}
	return e
}

// Add takes a reading as a share of its limit.
func (e *Exhaustion) Add(at time.Duration, share float64) Verdict {
	v := Verdict{Level: share}
	for i, s := range e.scales {
		if s.add(at, share) {
			if i == len(e.scales)-1 {
				e.swings.add(s.points[len(s.points)-1])
			}
			s.evaluate(max(e.Plateau, e.swings.survived))
			if i == 0 && len(s.points) >= s.window && !s.warned {
				e.held = max(e.held, s.least())
			}
		}
		if !s.warned {
			continue
		}
		if !v.Warned || s.in < v.In {
			v.In, v.Rate = s.in, s.rate
		}
		v.Warned = true
		v.Urgent = v.Urgent || s.in < s.actBefore || i == 0 && s.level() > actLevel
	}
	if slow := e.scales[0]; len(slow.points) > 0 && slow.points[len(slow.points)-1].level > lateLevel {
		v.Urgent = true
	}
	return v
}

// evaluate looks at the points after a bin was completed.
func (s *scaled) evaluate(plateau float64) {
	if len(s.points) < s.from {
		return
	}
	if s.rises(plateau) {
		s.hits = min(s.hits+1, s.confirmations+inertia)
		s.warned = s.warned || s.hits >= s.confirmations
		return
	}
	s.hits = max(s.hits-1, 0)
	s.warned = s.warned && s.hits > 0
}

// leastFor is the level below which nothing is foretold, with the height that is known to have
// been survived.
func (s *scaled) leastFor(plateau float64) float64 {
	if s.leastLevel > 0 && plateau == 0 && s.points[len(s.points)-1].at < float64(loading/s.bin) {
		return loadingLevel
	}
	return s.leastLevel
}

// rises reports that the points rise surely, enough, and soon to the limit.
func (s *scaled) rises(plateau float64) bool {
	now := s.level()
	if now-s.least() < s.growth/2 {
		return false // as nearly always: nothing to compute
	}
	t := trendOf(s.points)
	if t.slope <= 0 {
		return false
	}
	if late := trendOf(s.points[len(s.points)*2/3:]); late.slope < s.flattening*t.slope {
		return false
	}
	if !s.warned && (levelsOff(s.points, now) || jumped(s.points)) || collected(s.points, s.growth) {
		return false
	}
	s.in = time.Duration((1 - now) / t.slope * float64(s.bin))
	s.rate = t.slope * float64(time.Hour) / float64(s.bin)
	span := s.points[len(s.points)-1].at - s.points[0].at + 1
	return t.z > surely && t.slope*span >= s.growth && s.in < s.horizon && now >= s.leastFor(plateau) && (plateau == 0 || now > plateau+plateauMargin)
}
