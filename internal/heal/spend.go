package heal

import (
	"fmt"
	"time"
)

// Amount is money, in US dollars, and tokens.
type Amount struct {
	Cost   float64 `json:"cost,omitempty"`
	Tokens int64   `json:"tokens,omitempty"`
}

// Plus is the sum.
func (a Amount) Plus(b Amount) Amount { return Amount{a.Cost + b.Cost, a.Tokens + b.Tokens} }

// Share is which part of a limit is used: the greater one of money and tokens. 1 is all of it.
func (a Amount) Share(limit Amount) float64 {
	share := 0.0
	if limit.Cost > 0 {
		share = a.Cost / limit.Cost
	}
	if limit.Tokens > 0 {
		share = max(share, float64(a.Tokens)/float64(limit.Tokens))
	}
	const rounding = 1e-9 // sums of fractions of a cent
	return share + rounding
}

// Of is the amount against its limit, for people.
func (a Amount) Of(limit Amount) string {
	money, tokens := limit.Cost > 0, limit.Tokens > 0
	switch {
	case money && tokens:
		return fmt.Sprintf("%s of %s, %s of %s tokens", Dollars(a.Cost), Dollars(limit.Cost), Count(a.Tokens), Count(limit.Tokens))
	case tokens:
		return fmt.Sprintf("%s of %s tokens", Count(a.Tokens), Count(limit.Tokens))
	}
	return fmt.Sprintf("%s of %s", Dollars(a.Cost), Dollars(limit.Cost))
}

// SpendWindow is the time over which a limit counts.
type SpendWindow string

// The windows: a sliding hour, a sliding day, and one run of the agent.
const (
	PerHour SpendWindow = "per_hour"
	PerDay  SpendWindow = "per_day"
	PerRun  SpendWindow = "per_run"
)

// SpendWindows lists all windows.
var SpendWindows = []SpendWindow{PerHour, PerDay, PerRun}

// Length is how long a window is; 0 for that of a run.
func (w SpendWindow) Length() time.Duration {
	switch w {
	case PerHour:
		return time.Hour
	case PerDay:
		return 24 * time.Hour
	}
	return 0
}

// String is the window for people.
func (w SpendWindow) String() string {
	return map[SpendWindow]string{PerHour: "in one hour", PerDay: "in one day", PerRun: "in this run"}[w]
}

// OnExhausted is what follows when a limit is used up.
type OnExhausted string

// Pause freezes the agent, hold stops it, and degrade puts the next cheaper way in force that the policy
// declares. All three tell people.
const (
	ExhaustedPause   OnExhausted = "pause"
	ExhaustedHold    OnExhausted = "hold"
	ExhaustedDegrade OnExhausted = "degrade"
)

// Spending is what the operator lets an agent spend.
type Spending struct {
	Limits map[SpendWindow]Amount `json:"limits,omitempty"`
	// WarnAt is the share of a limit from which on people are notified.
	WarnAt      float64     `json:"warn_at,omitempty"`
	OnExhausted OnExhausted `json:"on_exhausted,omitempty"`
	// Alternative is the declared alternative that degrade switches to; empty for the declared steps
	// down, and after them the first alternative.
	Alternative string `json:"alternative,omitempty"`
	// Sources are those that count, all of them; none for the first one that tells of a run.
	Sources []UsageSource `json:"sources,omitempty"`
	// Prices are what tokens cost. They go before what a program says itself.
	Prices []Price `json:"prices,omitempty"`
}

// SpendState is a change of how a limit is used.
type SpendState string

// The changes of a limit.
const (
	// SpendWarned and SpendForecast: people were told that it is nearly used up, or soon will be.
	SpendWarned   SpendState = "warned"
	SpendForecast SpendState = "forecast"
	// SpendExhausted: it is used up. SpendDegraded: a cheaper way was put in force because of that.
	SpendExhausted SpendState = "exhausted"
	SpendDegraded  SpendState = "degraded"
	// SpendCleared: the window has passed, or a person has released the agent.
	SpendCleared SpendState = "cleared"
)

// SpendMark is one change of a limit.
type SpendMark struct {
	Window SpendWindow `json:"window"`
	State  SpendState  `json:"state"`
	Used   Amount      `json:"used"`
	Limit  Amount      `json:"limit"`
}

// SpendStatus is what `status` shows of what an agent spends.
type SpendStatus struct {
	// Run is what this run used, by kind, and Total what all runs did.
	Run    Tokens        `json:"run"`
	Cost   float64       `json:"run_cost"`
	Total  Amount        `json:"total"`
	Limits []LimitStatus `json:"limits,omitempty"`
	// Source is where it is known from.
	Source UsageSource `json:"source,omitempty"`
	// Unpriced are models that were used and whose cost nobody tells.
	Unpriced []string `json:"unpriced,omitempty"`
}

// LimitStatus is how much of a limit is used.
type LimitStatus struct {
	Window SpendWindow `json:"window"`
	Used   Amount      `json:"used"`
	Limit  Amount      `json:"limit"`
	Share  float64     `json:"share"`
	// State is ok, warned, degraded or exhausted.
	State string `json:"state"`
	// Left is when it will be used up at the present rate; 0 for not within the window.
	Left time.Duration `json:"left,omitempty"`
	// FreeAt is when an exhausted one is free again; zero for one that waits for a person.
	FreeAt time.Time `json:"free_at,omitzero"`
}

// TelemetryStatus is how the taking of telemetry does.
type TelemetryStatus struct {
	// Address is where agents export to, Failure why it is not taken.
	Address string `json:"address,omitempty"`
	Failure string `json:"failure,omitempty"`
	// Batches were taken, Refused were not, Unattributed name no run that is known.
	Batches      uint64 `json:"batches"`
	Refused      uint64 `json:"refused"`
	Unattributed uint64 `json:"unattributed"`
	// Forward is how forwarding does; nil for none.
	Forward *ForwardStatus `json:"forward,omitempty"`
}

// ForwardStatus is how forwarding to a collector does.
type ForwardStatus struct {
	// Waiting and Bytes are what the collector has not taken yet.
	Waiting int   `json:"waiting"`
	Bytes   int64 `json:"bytes"`
	// Sent were delivered, Dropped were too many or refused.
	Sent    uint64 `json:"sent"`
	Dropped uint64 `json:"dropped"`
	Failure string `json:"failure,omitempty"`
}
