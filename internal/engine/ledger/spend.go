package ledger

import (
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// Spend is what an agent used, and how its limits are used. It is a fold of the journal like all else,
// so it goes on over restarts of the agent and the sidecar.
type Spend struct {
	// RunID is the run that Run and Tokens count, Source where it is known from, Processes the
	// programs of that run that told of something.
	RunID     string                `json:"run_id,omitempty"`
	Run       heal.Amount           `json:"run"`
	Tokens    heal.Tokens           `json:"tokens"`
	Source    heal.UsageSource      `json:"source,omitempty"`
	Processes map[string]SpendMeter `json:"processes,omitempty"`
	Total     heal.Amount           `json:"total"`
	// Hour and Day are the latest hour in minutes and the latest day in quarters of an hour.
	Hour []Bucket `json:"hour,omitempty"`
	Day  []Bucket `json:"day,omitempty"`
	// Marks are what people were told of each limit, and whether it is exhausted.
	Marks map[heal.SpendWindow]SpendMark `json:"marks,omitempty"`
	// Unpriced are the models whose cost nobody tells.
	Unpriced []string `json:"unpriced,omitempty"`
}

// SpendMeter is a program that told of usage: by which of its signals, and where its counters are.
type SpendMeter struct {
	Via   string             `json:"via"`
	Marks map[string]float64 `json:"marks,omitempty"`
}

// SpendMark is what is known of one limit.
type SpendMark struct {
	Warned    bool `json:"warned,omitempty"`
	Forecast  bool `json:"forecast,omitempty"`
	Exhausted bool `json:"exhausted,omitempty"`
	// Level counts the cheaper ways that were put in force because of it.
	Level int `json:"level,omitempty"`
}

// Bucket is what was used from a moment on, for the width of a bucket.
type Bucket struct {
	At   heal.Stamp  `json:"at"`
	Used heal.Amount `json:"used"`
}

const (
	// minuteWide and quarterWide are the widths of the buckets. What is in one leaves the window
	// when the end of the bucket does: a limit is never exceeded by rounding.
	minuteWide, quarterWide = time.Minute, 15 * time.Minute
	// maxProcesses, maxCounters and maxUnpriced bound what is kept of a run.
	maxProcesses, maxCounters, maxUnpriced = 32, 4096, 16
)

// Spending is what an agent used, made on first use.
func (a *Agent) Spending() *Spend {
	if a.Spend == nil {
		a.Spend = &Spend{}
	}
	return a.Spend
}

// spent folds what an agent used, and what follows from that for its limits.
func (l *Ledger) spent(e heal.Event) {
	a := l.Agent(e.Agent)
	if a.Spend == nil && a.Run != nil {
		a.Spending().RunID = a.Run.ID
	}
	if e.Usage != nil {
		a.Spending().used(e.At, *e.Usage)
	}
	if e.Spend != nil {
		a.Spending().mark(*e.Spend)
	}
}

// used folds one usage.
func (s *Spend) used(at heal.Stamp, u heal.Usage) {
	amount := heal.Amount{Cost: u.Cost, Tokens: u.Tokens.Total()}
	s.Total = s.Total.Plus(amount)
	s.Hour = fill(s.Hour, at, minuteWide, heal.PerHour.Length(), amount)
	s.Day = fill(s.Day, at, quarterWide, heal.PerDay.Length(), amount)
	if u.Cost == 0 && amount.Tokens > 0 && len(s.Unpriced) < maxUnpriced && !slices.Contains(s.Unpriced, u.Model) {
		s.Unpriced = append(s.Unpriced, u.Model)
	}
	if s.RunID != "" && u.Run != "" && u.Run != s.RunID {
		return // the end of the run before
	}
	s.Run, s.Tokens, s.Source = s.Run.Plus(amount), s.Tokens.Plus(u.Tokens), u.Source
	s.meter(u)
}

func (s *Spend) meter(u heal.Usage) {
	m, known := s.Processes[u.Process]
	if u.Via == "" || !known && len(s.Processes) >= maxProcesses {
		return
	}
	if s.Processes == nil {
		s.Processes = map[string]SpendMeter{}
	}
	m.Via = u.Via
	for series, v := range u.Marks {
		if m.Marks == nil {
			m.Marks = map[string]float64{}
		}
		if _, known := m.Marks[series]; known || len(m.Marks) < maxCounters {
			m.Marks[series] = v
		}
	}
	s.Processes[u.Process] = m
}

// began starts to count a new run.
func (s *Spend) began(id string) {
	if s.RunID == id {
		return
	}
	s.RunID, s.Run, s.Tokens, s.Source, s.Processes, s.Unpriced = id, heal.Amount{}, heal.Tokens{}, "", nil, nil
	delete(s.Marks, heal.PerRun)
}

// fill adds to the latest bucket, and drops those that left the window.
func fill(all []Bucket, at heal.Stamp, width, window time.Duration, amount heal.Amount) []Bucket {
	all = slices.DeleteFunc(all, func(b Bucket) bool { return at.Sub(b.At) >= window+width })
	if n := len(all); n > 0 && at.Sub(all[n-1].At) < width {
		all[n-1].Used = all[n-1].Used.Plus(amount)
		return all
	}
	return append(all, Bucket{at, amount})
}

// mark folds a change of a limit.
func (s *Spend) mark(m heal.SpendMark) {
	now := s.Marks[m.Window]
	switch m.State {
	case heal.SpendWarned:
		now.Warned = true
	case heal.SpendForecast:
		now.Forecast = true
	case heal.SpendExhausted:
		now.Warned, now.Exhausted = true, true
	case heal.SpendDegraded:
		now.Exhausted = false
		now.Level++
	case heal.SpendCleared:
		now = SpendMark{}
	}
	if s.Marks == nil {
		s.Marks = map[heal.SpendWindow]SpendMark{}
	}
	s.Marks[m.Window] = now
}

// forgive begins the exhausted windows again: a person wants the agent to go on.
func (s *Spend) forgive() {
	for w, m := range s.Marks {
		if !m.Exhausted {
			continue
		}
		switch w {
		case heal.PerHour:
			s.Hour = nil
		case heal.PerDay:
			s.Day = nil
		case heal.PerRun:
			s.Run = heal.Amount{}
		}
		delete(s.Marks, w)
	}
}

func (s *Spend) buckets(w heal.SpendWindow) ([]Bucket, time.Duration) {
	if w == heal.PerDay {
		return s.Day, quarterWide
	}
	return s.Hour, minuteWide
}

// Used is what was used in a window that ends at a moment, now or later.
func (s *Spend) Used(at heal.Stamp, w heal.SpendWindow) heal.Amount {
	if w == heal.PerRun {
		return s.Run
	}
	all, width := s.buckets(w)
	sum := heal.Amount{}
	for _, b := range all {
		if at.Sub(b.At) < w.Length()+width {
			sum = sum.Plus(b.Used)
		}
	}
	return sum
}

const (
	// rateOver is over which time the rate of spending is taken, in buckets; rateLeast over how many
	// at least: one dear request is no rate.
	rateOver, rateLeast = 10, 5
	// rateKnown is in how many buckets something was used before that is a rate.
	rateKnown = 3
)

// rate is what was used in a second recently.
func (s *Spend) rate(now heal.Stamp, w heal.SpendWindow) (cost, tokens float64) {
	all, width := s.buckets(w)
	sum, since, n := heal.Amount{}, now, 0
	for _, b := range all {
		if now.Sub(b.At) < rateOver*width {
			sum, since, n = sum.Plus(b.Used), since.Earlier(b.At), n+1
		}
	}
	if n < rateKnown {
		return 0, 0
	}
	over := max(now.Sub(since), rateLeast*width).Seconds()
	return sum.Cost / over, float64(sum.Tokens) / over
}

// Left is when a limit is used up if the agent goes on at its present rate; false when it is not,
// because what was used leaves the window as fast.
func (s *Spend) Left(now heal.Stamp, w heal.SpendWindow, limit heal.Amount) (time.Duration, bool) {
	cost, tokens := s.rate(now, w)
	if cost <= 0 && tokens <= 0 {
		return 0, false
	}
	_, width := s.buckets(w)
	horizon := w.Length()
	if w == heal.PerRun {
		horizon = heal.PerDay.Length()
	}
	for t := time.Duration(0); t <= horizon; t += width {
		used := s.Used(now.Add(t), w)
		used.Cost += cost * t.Seconds()
		used.Tokens += int64(tokens * t.Seconds())
		if used.Share(limit) >= 1 {
			return t, true
		}
	}
	return 0, false
}

// FreeAt is when so small a share of a limit is in use again; zero for that of a run.
func (s *Spend) FreeAt(now heal.Stamp, w heal.SpendWindow, limit heal.Amount, share float64) heal.Stamp {
	all, width := s.buckets(w)
	if w == heal.PerRun {
		return heal.Stamp{}
	}
	for _, b := range all { // oldest first
		at := b.At.Add(w.Length() + width)
		if s.Used(at, w).Share(limit) < share {
			return at.Later(now)
		}
	}
	return now
}

// rebase moves all stamps of an earlier boot onto the clock of now.
func (s *Spend) rebase(now heal.Stamp) {
	if s == nil {
		return
	}
	for _, all := range [][]Bucket{s.Hour, s.Day} {
		for i := range all {
			all[i].At = all[i].At.Rebase(now)
		}
	}
}
