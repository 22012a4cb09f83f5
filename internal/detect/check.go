package detect

import (
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
	"healer-sidecar/internal/session"
)

// Check is a detector of behaviour: something that the agent should do, or should not.
type Check struct {
	Name    string
	Witness heal.Witness
	// IO and Pressure say that it looks at input and output, or at what the host waits for.
	IO       bool
	Pressure bool
	// session says that it looks at the sessions of the agent.
	session bool
	// Resources are what it looks at of that which is not always read; Path is the disk's.
	Resources []heal.Resource
	Path      string
	// Config is everything that the policy says of it: it tells two versions apart.
	Config string
	// begin makes the judge of one run.
	begin func() judge
}

// judge is a check at work on one run. It belongs to its agent.
type judge interface {
	// look says what the moment shows.
	look(sample) finding
}

// deadlineChecker is a judge that knows by when it has to see something: it looks again then, and
// not only with the next sample.
type deadlineChecker interface{ next() time.Duration }

// finding is what a judge sees. Unknown is neither good nor bad.
type finding struct {
	bad, unknown bool
	vote         heal.Vote
	text         string
	// urgent marks what is foretold and comes soon, in left.
	urgent bool
	left   time.Duration
	// end is the resource that runs out and where.
	end *heal.Reading
}

// sample is one look at an agent.
type sample struct {
	// at is the time since boot, up the uptime of the run.
	at, up time.Duration
	usage  sampling.Usage
	// taken says that the run was there before we were: counters do not begin with us.
	taken bool
	// held says that we hold its processes ourselves; asks is the question on which it waits.
	held   bool
	asks   string
	disks  map[string]float64
	inodes map[string]float64
	// pressure is that of the host.
	pressure sampling.Pressure
	// quiet is how long nothing was printed.
	quiet time.Duration
	word  selfReport
	// sessions are what is wrong with the sessions.
	sessions []session.Finding
}

// selfReport is what an agent said about itself so far in this run.
type selfReport struct {
	// beat is when the last heartbeat came, and marked when one came that told of
	// progress, both as uptimes; zero for never.
	beat, marked time.Duration
	progress     float64
	// busyUntil is the end of the lease that it took, as an uptime.
	busyUntil time.Duration
}

// leased reports that a lease of the agent is running, or that it waits for an answer: then it is
// not suspected.
func (m sample) leased() bool { return m.up < m.word.busyUntil || m.asks != "" }

// watch is a check with what it said last.
type watch struct {
	Check
	judge  judge
	raised bool
	urgent bool
	blind  bool
}

func newWatch(c Check) *watch { return &watch{Check: c, judge: c.begin()} }

// inheritor is a judge that goes on with what was learned from the run before.
type inheritor interface{ inherit(judge) }

func (w *watch) restart() {
	before := w.judge
	w.judge, w.raised, w.urgent, w.blind = w.begin(), false, false, false
	if h, ok := w.judge.(inheritor); ok {
		h.inherit(before)
	}
}

// judged returns the signal that a look gives rise to; false for none.
func (w *watch) judged(m sample) (heal.Signal, bool) {
	f := w.judge.look(m)
	s := heal.Signal{Detector: w.Name, Witness: w.Witness, Text: f.text}
	switch {
	case f.unknown:
		s.State = heal.StateUnknown
		changed := !w.blind
		w.blind = true
		return s, changed
	case f.bad:
		s.State, s.Vote, s.Urgent, s.Left = heal.Raised, &f.vote, f.urgent, f.left
		s.End = f.end
		changed := !w.raised || f.urgent && !w.urgent
		w.raised, w.urgent, w.blind = true, f.urgent, false
		return s, changed
	}
	s.State = heal.Cleared
	changed := w.raised || w.blind
	w.raised, w.urgent, w.blind = false, false, false
	return s, changed
}

// lateAfter is the gap between two looks from which on we were not there.
const lateAfter = 5 * sampleEvery

// look lets all checks judge one snapshot.
func (a *Agent) look(snap sampling.Snapshot) {
	if len(a.watches) == 0 {
		return
	}
	now := time.Now()
	// We were stopped, starved or suspended: what did not come meanwhile is no sign.
	if gap := now.Sub(a.looked); !a.looked.IsZero() && gap > lateAfter {
		a.lost += gap
		a.printed = a.printed.Add(gap)
	}
	a.looked = now
	m := sample{
		at: snap.At, up: a.up(), taken: a.taken, usage: snap.Usage[a.spec.Agent], disks: snap.Disks, inodes: snap.Inodes, pressure: snap.Pressure,
		quiet: now.Sub(a.printed), word: a.word, held: snap.Held[a.spec.Agent],
	}
	m.asks = a.question(m)
	a.sessions.seen(&m)
	for _, w := range a.watches {
		a.tell(w, m)
	}
	a.expect()
}

// expect sets the timer for what has to be seen before the next sample.
func (a *Agent) expect() {
	soonest := sampleEvery
	for _, w := range a.watches {
		if e, ok := w.judge.(deadlineChecker); ok && e.next() > 0 {
			soonest = min(soonest, e.next())
		}
	}
	if soonest < sampleEvery {
		a.missed.Reset(soonest)
	}
}

// lookMissed looks at what had to be seen by now. When we were not there ourselves that is no
// sign, and the next sample knows.
func (a *Agent) lookMissed() {
	if !a.running || time.Since(a.looked) > lateAfter {
		return
	}
	m := sample{up: a.up(), word: a.word}
	for _, w := range a.watches {
		if _, ok := w.judge.(deadlineChecker); ok {
			a.tell(w, m)
		}
	}
	a.expect()
}

// tell passes on what a check says about a moment, if that is new.
func (a *Agent) tell(w *watch, m sample) {
	s, changed := w.judged(m)
	if !changed {
		return
	}
	s.Agent, s.Run = a.spec.Agent, a.run
	if s.State == heal.Raised {
		s.Lines, s.Output = a.textEvidence(nil)
	}
	a.sink.Signal(s)
}
