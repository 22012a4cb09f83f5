package config

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/heal"
)

var limitWords = []string{string(heal.OnLimitSlow), string(heal.OnLimitStop), string(heal.OnLimitHold)}

// decodeHeal fills in what the heal block says over the default policy.
func decodeHeal(body hcl.Body, p *heal.Policy) hcl.Diagnostics {
	f := Open(body, []string{"risk_limit", "verify_for", "healthy_after", "cooldown", "shadow", "on_limit", "throttle", "person", "maintenance", "least_confidence", "quiet_hours", "forbid", "approve", "approve_within", "protected", "ease_after", "give_up_after"},
		BlockType{"prevent", 0}, BlockType{"budget", 0}, BlockType{"backoff", 0}, BlockType{"on", 1}, BlockType{"strategy", 1})
	f.Number("risk_limit", 0, 1, &p.RiskLimit)
	f.Duration("verify_for", 10*time.Millisecond, &p.VerifyFor)
	f.Duration("healthy_after", 10*time.Millisecond, &p.HealthyAfter)
	f.Duration("cooldown", 0, &p.Cooldown)
	f.windows("maintenance", &p.Maintenance)
	f.windows("quiet_hours", &p.QuietHours)
	f.strategies("forbid", &p.Forbid)
	f.strategies("approve", &p.Approve)
	f.Duration("approve_within", time.Second, &p.ApproveWithin)
	f.Flag("protected", &p.Protected)
	f.Duration("ease_after", time.Second, &p.EaseAfter)
	f.Duration("give_up_after", time.Second, &p.GiveUpAfter)
	f.once("prevent", func(b hcl.Body) hcl.Diagnostics {
		g := Open(b, []string{"strategies", "at"})
		g.strategies("strategies", &p.Prevent.Strategies)
		g.windows("at", &p.Prevent.At)
		return g.Diags
	})
	f.Number("least_confidence", 0, 1, &p.LeastConfidence)
	f.Duration("person", time.Minute, &p.Person)
	f.Flag("shadow", &p.Shadow)
	f.Number("throttle", 0.05, 0.95, &p.Throttle)
	onLimit := string(p.OnLimit)
	f.Choice("on_limit", limitWords, &onLimit)
	p.OnLimit = heal.OnLimit(onLimit)
	f.once("budget", func(b hcl.Body) hcl.Diagnostics {
		g := Open(b, []string{"attempts", "window"})
		g.Count("attempts", 0, 1000, &p.Budget.Attempts)
		g.Duration("window", time.Second, &p.Budget.Window)
		return g.Diags
	})
	f.once("backoff", func(b hcl.Body) hcl.Diagnostics {
		g := Open(b, []string{"base", "factor", "max"})
		g.Duration("base", 0, &p.Backoff.Base)
		g.Number("factor", 1, 100, &p.Backoff.Factor)
		g.Duration("max", time.Millisecond, &p.Backoff.Max)
		if p.Backoff.Max < p.Backoff.Base {
			g.Wrong("max", fmt.Sprintf("max %s is below base %s", p.Backoff.Max, p.Backoff.Base), "raise max or lower base")
		}
		return g.Diags
	})
	for _, b := range f.Blocks.OfType("on") {
		f.Diags = append(f.Diags, decodeOn(b, p)...)
	}
	for _, b := range f.Blocks.OfType("strategy") {
		f.Diags = append(f.Diags, decodeStrategy(b, p)...)
	}
	return f.Diags
}

// windows reads times of the week.
func (f *Fields) windows(name string, into *[]heal.Window) {
	var texts []string
	f.Texts(name, &texts)
	for _, text := range texts {
		w, err := heal.ParseWindow(text)
		if err != nil {
			f.Wrong(name, err.Error(), `write it as in "Sat 02:00-04:00" or "22:00-06:00"`)
			continue
		}
		*into = append(*into, w)
	}
}

// strategies reads names of strategies.
func (f *Fields) strategies(name string, into *[]heal.Strategy) {
	var names []string
	f.Texts(name, &names)
	for _, one := range names {
		s := heal.Strategy(one)
		if !s.Valid() {
			f.Wrong(name, fmt.Sprintf("%q is no strategy", one), Suggest(one, strategyNames()))
			continue
		}
		*into = append(*into, s)
	}
}

// decodeHost reads what holds for all agents together.
func decodeHost(body hcl.Body, h *heal.Host) hcl.Diagnostics {
	f := Open(body, []string{"restarts", "window", "parallel", "alarm_after"})
	f.Count("restarts", 1, 100000, &h.Restarts)
	h.Window = 2 * time.Minute
	f.Duration("window", time.Second, &h.Window)
	f.Count("parallel", 1, 100000, &h.Parallel)
	f.Duration("alarm_after", time.Second, &h.AlarmAfter)
	return f.Diags
}

// decodeStrategy reads how far one strategy may go.
func decodeStrategy(b *hcl.Block, p *heal.Policy) hcl.Diagnostics {
	f := Open(b.Body, []string{"tries"})
	s := heal.Strategy(b.Labels[0])
	if !s.Valid() {
		f.Diags = append(f.Diags, Problem(b.LabelRanges[0], fmt.Sprintf("%q is no strategy", s), Suggest(string(s), strategyNames())))
	}
	if _, twice := p.Tries[s]; twice {
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("strategy %q is given twice", s), "merge the two blocks"))
	}
	tries := s.Profile().Tries
	f.Count("tries", 0, 1000, &tries)
	if p.Tries == nil {
		p.Tries = map[heal.Strategy]int{}
	}
	p.Tries[s] = tries
	return f.Diags
}

func strategyNames() []string {
	var names []string
	for _, profile := range heal.Profiles {
		names = append(names, string(profile.Strategy))
	}
	return names
}

// orderGiven keeps the order of the policy and only corrects it by experience;
// orderLearned leaves it to the expected cost.
const orderGiven, orderLearned = "given", "learned"

// decodeOn reads the operator's ladder for one error type.
func decodeOn(b *hcl.Block, p *heal.Policy) hcl.Diagnostics {
	f := Open(b.Body, []string{"strategies", "order"})
	t := heal.ErrorType(b.Labels[0])
	if !t.Valid() {
		f.Diags = append(f.Diags, Problem(b.LabelRanges[0], fmt.Sprintf("%q is no error type", t), Suggest(string(t), words(heal.ErrorTypes))))
	}
	if _, twice := p.Ladders[t]; twice {
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("on %q is given twice", t), "merge the two blocks"))
	}
	ladder := []heal.Strategy{}
	f.strategies("strategies", &ladder)
	if p.Ladders == nil {
		p.Ladders = map[heal.ErrorType][]heal.Strategy{}
	}
	p.Ladders[t] = ladder
	order := orderGiven
	f.Choice("order", []string{orderGiven, orderLearned}, &order)
	if p.Learned == nil {
		p.Learned = map[heal.ErrorType]bool{}
	}
	p.Learned[t] = order == orderLearned
	return f.Diags
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}
