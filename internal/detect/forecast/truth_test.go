package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// shape is a kind of program: its use of a limit over time, sampled every ten seconds.
type shape struct {
	name  string
	leaks bool
	level func(r *rand.Rand) func(t float64) float64
}

const (
	sample  = 10.0
	aDay    = 8 * 3600.0
	perKind = 6
)

func noise(r *rand.Rand) float64 { return 0.01 * r.NormFloat64() }

func between(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }

func healthy() []shape {
	return []shape{
		{"steady", false, func(r *rand.Rand) func(float64) float64 {
			base := between(r, 0.1, 0.8)
			return func(float64) float64 { return base + noise(r) }
		}},
		{"garbage collector", false, func(r *rand.Rand) func(float64) float64 {
			base, period, high := between(r, 0.2, 0.5), between(r, 30, 900), between(r, 0.05, 0.25)
			return func(t float64) float64 { return base + high*math.Mod(t, period)/period + noise(r) }
		}},
		{"warm-up", false, func(r *rand.Rand) func(float64) float64 {
			base, rise, tau := between(r, 0.1, 0.4), between(r, 0.1, 0.35), between(r, 60, 3000)
			return func(t float64) float64 { return base + rise*(1-math.Exp(-t/tau)) + noise(r) }
		}},
		{"one step", false, func(r *rand.Rand) func(float64) float64 {
			base, at, rise := between(r, 0.2, 0.5), between(r, 3600, 6*3600), between(r, 0.05, 0.3)
			return func(t float64) float64 { return base + map[bool]float64{true: rise}[t > at] + noise(r) }
		}},
		{"two steps", false, func(r *rand.Rand) func(float64) float64 {
			base, at, rise := between(r, 0.1, 0.3), between(r, 3600, 6*3600), between(r, 0.05, 0.3)
			then := at + between(r, 600, 3000)
			return func(t float64) float64 {
				return base + map[bool]float64{true: rise}[t > at] + map[bool]float64{true: rise}[t > then] + noise(r)
			}
		}},
		{"day and night", false, func(r *rand.Rand) func(float64) float64 {
			base, period := between(r, 0.3, 0.6), between(r, 2*3600, 8*3600)
			return func(t float64) float64 { return base + 0.08*math.Sin(2*math.Pi*t/period) + noise(r) }
		}},
		{"bursts", false, func(r *rand.Rand) func(float64) float64 {
			base, extra := between(r, 0.2, 0.5), 0.0
			return func(float64) float64 {
				if extra *= 0.98; r.Float64() < 0.004 {
					extra += between(r, 0.05, 0.2)
				}
				return base + extra + noise(r)
			}
		}},
		{"load at start", false, func(r *rand.Rand) func(float64) float64 {
			top, takes := between(r, 0.3, 0.8), between(r, 20, 200)
			return func(t float64) float64 { return top*min(t/takes, 1) + noise(r) }
		}},
	}
}

func leaking() []shape {
	return []shape{
		{"leak", true, func(r *rand.Rand) func(float64) float64 {
			base, end := between(r, 0.1, 0.4), between(r, 0.7, 6)*3600
			return func(t float64) float64 { return base + (1-base)*t/end + noise(r) }
		}},
		{"leak under a collector", true, func(r *rand.Rand) func(float64) float64 {
			base, end, period := between(r, 0.1, 0.3), between(r, 0.8, 5)*3600, between(r, 60, 600)
			return func(t float64) float64 { return base + 0.8*t/end + 0.1*math.Mod(t, period)/period + noise(r) }
		}},
		{"leak that speeds up", true, func(r *rand.Rand) func(float64) float64 {
			base, end := between(r, 0.1, 0.4), between(r, 1, 6)*3600
			return func(t float64) float64 { return base + (1-base)*(t/end)*(t/end) + noise(r) }
		}},
		{"leak in stairs", true, func(r *rand.Rand) func(float64) float64 {
			base, end := between(r, 0.1, 0.3), between(r, 1, 5)*3600
			return func(t float64) float64 { return base + (1-base)*math.Floor(t/end*40)/40 + noise(r) }
		}},
		{"leak that begins late", true, func(r *rand.Rand) func(float64) float64 {
			base, from, lasts := between(r, 0.2, 0.4), between(r, 0.5, 3)*3600, between(r, 1, 4)*3600
			return func(t float64) float64 { return base + (1-base)*max(t-from, 0)/lasts + noise(r) }
		}},
		{"leak within minutes", true, func(r *rand.Rand) func(float64) float64 {
			base, end := between(r, 0.1, 0.3), between(r, 500, 1100)
			return func(t float64) float64 { return base + (1-base)*t/end + noise(r) }
		}},
	}
}

// life plays one program and says when it was warned of at the end of its life, when
// that was urgent, and when it ran out; zero for never.
func life(level func(float64) float64) (warned, urgent, out float64, warnings int) {
	e := NewExhaustion()
	for t := 0.0; t < aDay; t += sample {
		share := max(level(t), 0)
		if share >= 1 {
			return warned, urgent, t, warnings
		}
		was := warned
		v := e.Add(time.Duration(t*float64(time.Second)), share)
		if warned = 0; v.Warned {
			warned = t
		}
		if was != 0 && v.Warned {
			warned = was
		}
		if was == 0 && v.Warned {
			warnings++
		}
		if v.Urgent && urgent == 0 {
			urgent = t
		}
	}
	return warned, urgent, 0, warnings
}

// TestExhaustionTruthTable prints how often what runs out was foretold, and how often
// what does not was suspected.
func TestExhaustionTruthTable(t *testing.T) {
	r := rand.New(rand.NewPCG(20261125, 7))
	leaks, foretold, acted, sound, suspected, shot := 0, 0, 0, 0, 0, 0
	for _, s := range slices.Concat(healthy(), leaking()) {
		told, urgentTold := 0, 0
		for range perKind {
			warned, urgent, out, warnings := life(s.level(r))
			switch {
			case s.leaks && warned != 0 && out-warned >= 60:
				told++
			case !s.leaks && warnings > 0:
				told++
			}
			if urgent != 0 {
				urgentTold++
			}
		}
		t.Logf("%-24s %2d of %d warned, %2d urgent", s.name, told, perKind, urgentTold)
		if s.leaks {
			leaks, foretold, acted = leaks+perKind, foretold+told, acted+urgentTold
		} else {
			sound, suspected, shot = sound+perKind, suspected+told, shot+urgentTold
		}
	}
	t.Logf("foretold %.1f %%, in time to act %.1f %%; suspected wrongly %.1f %%, acted upon wrongly %.1f %%",
		100*float64(foretold)/float64(leaks), 100*float64(acted)/float64(leaks), 100*float64(suspected)/float64(sound), 100*float64(shot)/float64(sound))
	if foretold*100 < 90*leaks || suspected*100 > 10*sound || shot > 0 {
		t.Error("the judge is worse than it was")
	}
}

// TestPlateauOfAnEarlierLife: a cache that fills up looks like a leak once.
func TestPlateauOfAnEarlierLife(t *testing.T) {
	fill := func(t float64) float64 { return 0.2 + 0.7*min(t/5400, 1) }
	if _, _, _, warnings := life(fill); warnings == 0 {
		t.Error("the first life was not suspected: the test tests nothing")
	}
	e := NewExhaustion()
	e.Plateau = 0.9
	for at := 0.0; at < 4*3600; at += sample {
		if v := e.Add(time.Duration(at*float64(time.Second)), fill(at)); v.Warned {
			t.Fatalf("warned at %v although an earlier life held that level", at)
		}
	}
}

func TestDegradation(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, row := range []struct {
		name  string
		value func(i int) float64
		worse bool
	}{
		{"steady", func(int) float64 { return 100 + 5*r.NormFloat64() }, false},
		{"one spike", func(i int) float64 { return 100 + 5*r.NormFloat64() + map[bool]float64{true: 500}[i == 700] }, false},
		{"constant", func(int) float64 { return 7 }, false},
		{"the hours of the day", func(i int) float64 { return 100 + 4*r.NormFloat64() + 30*math.Sin(float64(i)/8640*2*math.Pi) }, false},
		{"by three spreads", func(i int) float64 { return 100 + 4*r.NormFloat64() + map[bool]float64{true: 12}[i > 700] }, true},
		{"twice as slow", func(i int) float64 { return 100 + 5*r.NormFloat64() + map[bool]float64{true: 100}[i > 700] }, true},
		{"slowly slower", func(i int) float64 { return 100 + 5*r.NormFloat64() + 0.3*float64(max(i-700, 0)) }, true},
	} {
		var d Degradation
		alarmed := false
		for i := range 1500 {
			alarm, _ := d.Add(time.Duration(i)*10*time.Second, row.value(i))
			if alarmed = alarmed || alarm; alarm && i < 700 {
				t.Errorf("%s: alarm at %d", row.name, i)
			}
		}
		if alarmed != row.worse {
			t.Errorf("%s: alarmed %v", row.name, alarmed)
		}
	}
}

// TestNextLifeInheritsThePlateau: a cache that fills is suspected in its first life only.
func TestNextLifeInheritsThePlateau(t *testing.T) {
	first := NewExhaustion()
	at := time.Duration(0)
	for ; at < 3*time.Hour; at += 10 * time.Second {
		first.Add(at, min(0.2+0.5*at.Hours(), 0.7))
	}
	second := first.NextLife()
	if second.Plateau < 0.69 || second.Plateau > 0.71 {
		t.Fatalf("the plateau is %.3f", second.Plateau)
	}
	if third := second.NextLife(); third.Plateau != second.Plateau {
		t.Errorf("a short life forgets the plateau: %.3f", third.Plateau)
	}
	for ; at < 6*time.Hour; at += 10 * time.Second {
		if v := second.Add(at, min(0.2+0.5*(at-3*time.Hour).Hours(), 0.7)); v.Warned {
			t.Fatalf("the second life is suspected at %.2f", v.Level)
		}
	}
}
