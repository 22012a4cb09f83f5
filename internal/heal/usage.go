package heal

import (
	"fmt"
	"strconv"
	"strings"
)

// UsageSource is who tells what an agent used.
type UsageSource string

// The sources of usage: the agent's telemetry, its transcripts, and its own reports.
const (
	UsageTelemetry  UsageSource = "telemetry"
	UsageTranscript UsageSource = "transcripts"
	UsageReport     UsageSource = "reports"
)

// UsageSources lists all sources.
var UsageSources = []UsageSource{UsageTelemetry, UsageTranscript, UsageReport}

// Tokens are counts by kind. Input leaves out what was read from the cache or written to it;
// Output includes what the model thought.
type Tokens struct {
	Input      int64 `json:"input,omitempty"`
	Output     int64 `json:"output,omitempty"`
	CacheRead  int64 `json:"cache_read,omitempty"`
	CacheWrite int64 `json:"cache_write,omitempty"`
}

// Total is the number of tokens of all kinds.
func (t Tokens) Total() int64 { return t.Input + t.Output + t.CacheRead + t.CacheWrite }

// Plus is the sum by kind.
func (t Tokens) Plus(o Tokens) Tokens {
	return Tokens{t.Input + o.Input, t.Output + o.Output, t.CacheRead + o.CacheRead, t.CacheWrite + o.CacheWrite}
}

// Usage is what requests to one model used since the usage that was told before.
type Usage struct {
	// Run is the id of the run that used it.
	Run    string      `json:"run,omitempty"`
	Source UsageSource `json:"source"`
	// Process is the program within the run that told of it, Via which of its signals did: one
	// program tells of the same tokens by several, and only one of them counts.
	Process string `json:"process,omitempty"`
	Via     string `json:"via,omitempty"`
	Model   string `json:"model,omitempty"`
	Tokens  Tokens `json:"tokens"`
	// Cost is in US dollars.
	Cost float64 `json:"cost,omitempty"`
	// Marks are the readings of counters that only grow, by series: where the next difference
	// begins, also after a restart of the sidecar.
	Marks map[string]float64 `json:"marks,omitempty"`
}

// Empty reports that nothing was used.
func (u Usage) Empty() bool { return u.Tokens == Tokens{} && u.Cost == 0 }

// Price is what one million tokens of a model cost, in US dollars.
type Price struct {
	// Model is the name of a model, the beginning of several, or * for all.
	Model      string  `json:"model"`
	Input      float64 `json:"input"`
	Output     float64 `json:"output"`
	CacheRead  float64 `json:"cache_read"`
	CacheWrite float64 `json:"cache_write"`
}

// Of is what the tokens cost.
func (p Price) Of(t Tokens) float64 {
	const million = 1e6
	return (float64(t.Input)*p.Input + float64(t.Output)*p.Output + float64(t.CacheRead)*p.CacheRead + float64(t.CacheWrite)*p.CacheWrite) / million
}

// PriceOf finds the price of a model: the longest name with which it begins.
func PriceOf(prices []Price, model string) (Price, bool) {
	best, found := Price{}, false
	for _, p := range prices {
		name := strings.TrimSuffix(p.Model, "*")
		if strings.HasPrefix(model, name) && (!found || len(name) > len(strings.TrimSuffix(best.Model, "*"))) {
			best, found = p, true
		}
	}
	return best, found
}

// Dollars is an amount of money for people.
func Dollars(v float64) string {
	if v != 0 && v < 0.01 {
		return fmt.Sprintf("$%.4f", v)
	}
	return fmt.Sprintf("$%.2f", v)
}

// Count is a number of tokens for people.
func Count(n int64) string {
	const thousand, million = 1e3, 1e6
	switch v := float64(n); {
	case v >= 10*million:
		return fmt.Sprintf("%.0fM", v/million)
	case v >= million:
		return fmt.Sprintf("%.1fM", v/million)
	case v >= 10*thousand:
		return fmt.Sprintf("%.0fk", v/thousand)
	}
	return strconv.FormatInt(n, 10)
}
