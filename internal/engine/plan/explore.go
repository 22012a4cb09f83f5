package plan

import (
	"math"
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

const (
	// temper sharpens a sample, challenge is how much dearer than the best by its mean a
	// challenger may be, as a factor and beside that (ENGINE.md 2.7).
	temper          = 2.0
	challenge       = 1.5
	challengeBeside = 30 * time.Second
)

// explore lets what is to be learned about go first.
func (c *choice) explore() {
	s := c.lore.explore(c)
	if s == "" {
		return
	}
	if c.bring(s); c.options[0].Strategy == s {
		c.options[0].Explored = true
	}
}

// explore lets a strategy of which less is known, and which may be nearly as good, go
// first once in a while. The draw is seeded by the incident, so a replay draws the same.
// What a critical agent or a dear person is at stake for is not gambled with.
func (p currentBeliefs) explore(c *choice) heal.Strategy {
	if len(c.options) == 0 || c.Diag.Critical || c.Storm != "" || !c.options[0].Offered || c.options[0].Strategy == heal.Escalate || !c.mayExplore() {
		return ""
	}
	best := c.options[0]
	chosen, least := best.Strategy, time.Duration(math.MaxInt64)
	for _, o := range c.options {
		if !o.Offered || o.Strategy == heal.Escalate || float64(o.Index) > challenge*float64(best.Index)+float64(challengeBeside) {
			continue
		}
		beta := p.outlook.Chance(c.try(o.Strategy, o.Wait))
		chance := sampleBeta(beta.Good*temper, beta.Bad*temper, c.Incident+"/"+string(o.Strategy))
		if sampled := c.index(o.Strategy, o.Wait, min(max(chance, 1e-3), 0.99)); sampled < least {
			chosen, least = o.Strategy, sampled
		}
	}
	if chosen == best.Strategy {
		return ""
	}
	return chosen
}

// explore is what went first to learn about it when the plan was made.
func (p recordedBeliefs) explore(*choice) heal.Strategy {
	if i := slices.IndexFunc(p.plan.Options, func(o heal.Option) bool { return o.Explored }); i >= 0 {
		return p.plan.Options[i].Strategy
	}
	return ""
}

// exploreShare of the incidents explore at all: by the mean alone costs a little less in
// simulation; this is the insurance against a better remedy that is never reached.
const exploreShare = 0.01

func (c *choice) mayExplore() bool { return uniform(c.Incident+"/explore") < exploreShare }

// source is a small generator of random numbers (splitmix64); the same seed gives the same
// numbers on replay.
type source uint64

func (s *source) next() float64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// normal is a standard normal number (Box-Muller).
func (s *source) normal() float64 {
	return math.Sqrt(-2*math.Log(1-s.next())) * math.Cos(2*math.Pi*s.next())
}

// gamma draws from a gamma distribution (Marsaglia and Tsang, 2000).
func (s *source) gamma(shape float64) float64 {
	if shape < 1 {
		return s.gamma(shape+1) * math.Pow(1-s.next(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.normal()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(1-s.next()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// sampleBeta draws a chance.
func sampleBeta(good, bad float64, seed string) float64 {
	s := source(math.Float64bits(uniform(seed)))
	x, y := s.gamma(good), s.gamma(bad)
	return x / (x + y)
}
