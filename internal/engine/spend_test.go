package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// spendSpec reads what an agent may spend from words as in per_hour=5 and per_run=1000t.
func spendSpec(t *testing.T, s *heal.Spending, key, value string) {
	s.WarnAt = 0.8
	switch key {
	case "exhausted":
		s.OnExhausted = heal.OnExhausted(value)
		return
	case "source":
		s.Sources = append(s.Sources, heal.UsageSource(value))
		return
	case "price":
		p := heal.Price{Model: "m"}
		_, err := fmt.Sscanf(value, "%f,%f", &p.Input, &p.Output)
		check(t, err)
		s.Prices = append(s.Prices, p)
		return
	}
	if s.Limits == nil {
		s.Limits = map[heal.SpendWindow]heal.Amount{}
	}
	limit := heal.Amount{}
	var err error
	if tokens, is := strings.CutSuffix(value, "t"); is {
		_, err = fmt.Sscan(tokens, &limit.Tokens)
	} else {
		_, err = fmt.Sscan(value, &limit.Cost)
	}
	check(t, err)
	s.Limits[heal.SpendWindow(key)] = limit
}

// usage reads words as in cost=1.5 in=100 out=20 source=reports.
func usage(t *testing.T, run string, words []string) heal.Usage {
	u := heal.Usage{Run: run, Source: heal.UsageTelemetry}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		var err error
		switch key {
		case "cost":
			_, err = fmt.Sscan(value, &u.Cost)
		case "in":
			_, err = fmt.Sscan(value, &u.Tokens.Input)
		case "out":
			_, err = fmt.Sscan(value, &u.Tokens.Output)
		case "source":
			u.Source = heal.UsageSource(value)
		case "model":
			u.Model = value
		}
		check(t, err)
	}
	return u
}

// spent is what is shown of an agent's spending.
func (w *world) spent(agent string) string {
	s := w.core.spending(w.now, w.core.agents[agent])
	var out strings.Builder
	fmt.Fprintf(&out, "  run %d tokens %s, all runs %s\n", s.Run.Total(), heal.Dollars(s.Cost), heal.Dollars(s.Total.Cost))
	for _, l := range s.Limits {
		fmt.Fprintf(&out, "  %s: %s, %s", l.Window, l.Used.Of(l.Limit), l.State)
		if l.Left > 0 {
			fmt.Fprintf(&out, ", used up in %s", l.Left)
		}
		if !l.FreeAt.IsZero() {
			fmt.Fprintf(&out, ", free in %s", l.FreeAt.Sub(w.now.Wall))
		}
		out.WriteString("\n")
	}
	return out.String()
}

// However usage comes, and whenever the sidecar dies, no more than the limit and one usage is spent in
// any hour, as long as an agent that is isolated uses nothing.
func TestACapHoldsOverDeathsOfTheSidecar(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		w.command("agent a per_hour=5 exhausted=pause verify=10s")
		w.command("launch")
		w.command("started a")
		w.command("finished a")
		frozen := false
		type one struct {
			at   time.Duration
			cost float64
		}
		var all []one
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"use", "use", "use", "wait", "die"}).Draw(r, "what") {
			case "use":
				if frozen {
					continue
				}
				cost := rapid.Float64Range(0.01, 2).Draw(r, "cost")
				all = append(all, one{w.now.Mono, cost})
				w.step(Used{Agent: "a", Usage: heal.Usage{Run: "a-1", Source: heal.UsageTelemetry, Cost: cost}})
			case "wait":
				w.wait(time.Duration(rapid.IntRange(1, 2400).Draw(r, "seconds")) * time.Second)
				w.step(Swept{})
			case "die":
				w.reborn()
				run := w.core.ledger.Agent("a").Run
				w.step(Launch{Found: map[string]heal.Found{"a": {State: heal.FoundAlive, Run: run}}})
			}
			frozen = w.obey(frozen)
		}
		for i := range all {
			sum := 0.0
			for _, o := range all[i:] {
				if o.at-all[i].at < time.Hour {
					sum += o.cost
				}
			}
			if sum > 5+2 {
				r.Fatalf("%.2f were spent within an hour", sum)
			}
		}
	})
}

// obey carries out what was handed out, as the executor would.
func (w *world) obey(frozen bool) bool {
	for len(w.acts) > 0 {
		t := w.acts[0]
		w.acts = w.acts[1:]
		switch {
		case t.Strategy == heal.Isolate:
			frozen = true
		case t.Task == heal.TaskRelease:
			frozen = false
		}
		w.step(AttemptFinished{Result: heal.Result{Attempt: t.ID}})
	}
	return frozen
}

func TestForecastOfASteadyRate(t *testing.T) {
	l := ledger.New()
	at := dawn
	for range 10 { // a dollar in ten minutes
		at = at.Add(time.Minute)
		l.Apply(heal.Event{At: at, Kind: heal.EventUsage, Agent: "a", Usage: &heal.Usage{Cost: 0.1}})
	}
	s := l.Agent("a").Spending()
	for _, c := range []struct {
		limit float64
		least time.Duration
		most  time.Duration
		will  bool
	}{{2, 8 * time.Minute, 12 * time.Minute, true}, {5, 35 * time.Minute, 45 * time.Minute, true}, {8, 0, 0, false}} {
		left, will := s.Left(at, heal.PerHour, heal.Amount{Cost: c.limit})
		if will != c.will || left < c.least || left > c.most {
			t.Errorf("$%v: %v in %s", c.limit, will, left)
		}
	}
}
