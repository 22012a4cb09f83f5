package config

import (
	"fmt"
	"maps"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"healer-sidecar/internal/heal"
)

// Telemetry is where agents export what they do over OTLP; off without the block.
type Telemetry struct {
	On bool
	// Listen is a loopback address. Port 0 stands for a free one, which stays the same over
	// restarts of the sidecar.
	Listen string
	// Forward is the address of a collector that gets the same bytes, with these headers; empty
	// for none. Queue is how many bytes wait for it on the disk.
	Forward string
	Headers map[string]string
	Queue   uint64
	// Override says that agents export to the sidecar even where their environment names another
	// place.
	Override bool
}

const (
	defaultQueue = 64 << 20
	leastQueue   = 8 << 20
)

func decodeTelemetry(body hcl.Body, t *Telemetry) hcl.Diagnostics {
	t.On, t.Listen, t.Queue = true, "127.0.0.1:0", defaultQueue
	f := Open(body, []string{"listen", "forward", "headers", "queue", "override"})
	f.Address("listen", &t.Listen)
	f.URL("forward", &t.Forward)
	f.TextMap("headers", &t.Headers)
	f.Size("queue", &t.Queue)
	f.Flag("override", &t.Override)
	host, _, err := net.SplitHostPort(t.Listen)
	if err == nil && !loopback(host) && !f.Diags.HasErrors() {
		f.Wrong("listen", "telemetry is taken from this host only", `write listen = "127.0.0.1:4318"`)
	}
	if t.Queue < leastQueue {
		f.Wrong("queue", "queue is too small for one batch", `write at least queue = "8MiB"`)
	}
	if t.Forward != "" && strings.TrimSuffix(t.Forward, "/") == "http://"+t.Listen {
		f.Wrong("forward", "forward names the sidecar itself", "name the collector")
	}
	return f.Diags
}

// onExhausted are the words for what follows when a budget is used up.
var onExhausted = []string{string(heal.ExhaustedPause), string(heal.ExhaustedDegrade), string(heal.ExhaustedHold)}

// decodeSpend reads what an agent may spend.
func decodeSpend(body hcl.Body, a *Agent) hcl.Diagnostics {
	s := &a.Heal.Spend
	s.OnExhausted, s.WarnAt = heal.ExhaustedPause, 0.8
	f := Open(body, []string{"per_hour", "per_day", "per_run", "warn_at", "on_exhausted", "alternative", "sources"}, BlockType{"price", 1})
	for _, w := range heal.SpendWindows {
		f.amount(w, s)
	}
	if len(s.Limits) == 0 && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(f.where, "spend sets no limit", `add per_hour = "$5", per_day = "$40" or per_run = "2000000 tokens"`))
	}
	warn := 100 * s.WarnAt
	f.Percent("warn_at", &warn)
	if s.WarnAt = warn / 100; s.WarnAt >= 1 {
		f.Wrong("warn_at", "warn_at must be below 100%", `write it as in warn_at = "80%"`)
	}
	how := string(s.OnExhausted)
	f.Choice("on_exhausted", onExhausted, &how)
	s.OnExhausted = heal.OnExhausted(how)
	f.Text("alternative", &s.Alternative)
	var sources []string
	f.Texts("sources", &sources)
	for _, one := range sources {
		if !slices.Contains(words(heal.UsageSources), one) {
			f.Wrong("sources", fmt.Sprintf("unknown source %q", one), Suggest(one, words(heal.UsageSources)))
			continue
		}
		s.Sources = append(s.Sources, heal.UsageSource(one))
	}
	for _, b := range f.Blocks {
		p, diags := decodePrice(b)
		s.Prices, f.Diags = append(s.Prices, p), append(f.Diags, diags...)
	}
	return f.Diags
}

// spend reads the block of an agent, and looks whether what degrade needs is declared.
func (f *Fields) spend(a *Agent) {
	f.once("spend", func(inner hcl.Body) hcl.Diagnostics { return decodeSpend(inner, a) })
	s := a.Heal.Spend
	b := f.Blocks.OfType("spend")
	if len(b) == 0 {
		return
	}
	names := map[string]bool{}
	for _, alt := range a.Alternatives {
		names[alt.Name] = true
	}
	switch {
	case s.Alternative != "" && !names[s.Alternative]:
		f.Diags = append(f.Diags, Problem(b[0].DefRange, fmt.Sprintf("spend names the alternative %q, which is not declared", s.Alternative), Suggest(s.Alternative, slices.Sorted(maps.Keys(names)))))
	case s.OnExhausted == heal.ExhaustedDegrade && len(a.Degrades) == 0 && len(a.Alternatives) == 0:
		f.Diags = append(f.Diags, Problem(b[0].DefRange, "on_exhausted is degrade, and nothing cheaper is declared", `add alternative "small-model" { env = { MODEL = "small" } } or a degrade block`))
	}
}

// amount reads the limit of a window.
func (f *Fields) amount(w heal.SpendWindow, s *heal.Spending) {
	remedy := fmt.Sprintf(`write money, tokens or both, as in %s = "$5", "2000000 tokens" or "$5, 2M tokens"`, w)
	v, ok := f.value(string(w), cty.String, remedy)
	if !ok {
		return
	}
	limit, err := ParseAmount(v.AsString())
	if err != nil {
		f.Wrong(string(w), fmt.Sprintf("%s = %q is not an amount", w, v.AsString()), remedy)
		return
	}
	if s.Limits == nil {
		s.Limits = map[heal.SpendWindow]heal.Amount{}
	}
	s.Limits[w] = limit
}

// decodePrice reads what a million tokens of a model cost. What comes from the cache costs as much as
// any other input unless the policy says otherwise.
func decodePrice(b *hcl.Block) (heal.Price, hcl.Diagnostics) {
	f := Open(b.Body, []string{"input", "output", "cache_read", "cache_write"})
	p := heal.Price{Model: b.Labels[0]}
	f.money("input", &p.Input)
	f.money("output", &p.Output)
	p.CacheRead, p.CacheWrite = p.Input, p.Input
	f.money("cache_read", &p.CacheRead)
	f.money("cache_write", &p.CacheWrite)
	if f.given("input", "output") < 2 && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("price %q needs input and output", p.Model), `write input = "$3" and output = "$15", for a million tokens each`))
	}
	return p, f.Diags
}

func (f *Fields) money(name string, into *float64) {
	remedy := fmt.Sprintf("write dollars for a million tokens, as in %s = \"$3\"", name)
	v, ok := f.value(name, cty.String, remedy)
	if !ok {
		return
	}
	n, ok := dollars(v.AsString())
	if !ok {
		f.Wrong(name, fmt.Sprintf("%s = %q is not an amount of money", name, v.AsString()), remedy)
		return
	}
	*into = n
}

// ParseAmount reads "$5", "2000000 tokens", "2M tokens" or "$5, 2M tokens".
func ParseAmount(text string) (heal.Amount, error) {
	a := heal.Amount{}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		money, isMoney := dollars(part)
		n, isTokens := tokensOf(part)
		switch {
		case isMoney && money > 0 && a.Cost == 0:
			a.Cost = money
		case isTokens && n > 0 && a.Tokens == 0:
			a.Tokens = n
		default:
			return heal.Amount{}, fmt.Errorf("cannot read amount %q", text)
		}
	}
	return a, nil
}

// maxAmount bounds money and tokens.
const maxAmount = 1e12

func dollars(text string) (float64, bool) {
	number, ok := strings.CutPrefix(strings.TrimSpace(text), "$")
	n, err := strconv.ParseFloat(number, 64)
	return n, ok && err == nil && n >= 0 && n < maxAmount
}

var tokenUnits = map[string]float64{"k": 1e3, "M": 1e6, "G": 1e9}

func tokensOf(text string) (int64, bool) {
	number, ok := strings.CutSuffix(text, "tokens")
	if !ok {
		return 0, false
	}
	number = strings.TrimSpace(number)
	unit := 1.0
	for suffix, n := range tokenUnits {
		if short, has := strings.CutSuffix(number, suffix); has {
			number, unit = short, n
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	n *= unit
	return int64(n), err == nil && n >= 1 && n < maxAmount && n == math.Trunc(n)
}
