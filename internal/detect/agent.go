package detect

import (
	"context"
	"os"
	"slices"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/detect/forecast"
	"healer-sidecar/internal/detect/inbox"
	"healer-sidecar/internal/detect/probe"
	"healer-sidecar/internal/detect/unresolved"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// fact is what the supervisor said about a run, or the word that nobody asks any
// more.
type fact struct {
	started *heal.RunFact
	run     int
	exit    heal.Exit
	ordered bool
	close   bool
	// elsewhere is the folder in which the output of the next run lies.
	elsewhere string
}

// Agent observes one agent. Its state belongs to the goroutine of Run.
type Agent struct {
	spec Spec
	// classifier judges lines of output, scratch is its memory.
	classifier *classify.Classifier
	scratch    classify.Scratch
	sink       Sink

	changed chan struct{}
	facts   chan *fact
	ticks   chan sampling.Snapshot
	// specs takes what a new policy says.
	specs   chan renewal
	reports chan inbox.Report
	done    chan struct{}
	// outputs holds the agent's stdout and stderr files.
	outputs string
	watcher *follow.Watcher

	sources []*source
	// spare are the streams in another folder, where they are written while the agent's own
	// cannot be used; spareDir is that folder.
	spare    []*source
	spareDir string
	last     lastLines
	judging  budget
	// unresolved follows what comes after lines of failures, doubts looks at it again.
	unresolved unresolved.Judge
	doubts     *time.Timer
	calm       floodDetector
	// sampled is how many lines left out were told of, at the time told.
	sampled int
	told    time.Time
	gauges  []*thresholdState
	watches []*watch
	limited limited
	walker  *stepTracker
	// sessions is nil where nobody looks at them.
	sessions *sessions
	// printed is when output came last, word what the agent said about itself.
	printed time.Time
	// proved is when something last showed that the run works; zero for never.
	proved time.Time
	word   selfReport
	// answers come from the probes of the present run, tools runs their commands; probed
	// holds what they said last, usable that those of readiness were well.
	answers    chan answer
	metered    chan metered
	meters     []*thresholdState
	tools      probe.Tools
	stopAsking context.CancelFunc
	probed     map[string]heal.SignalState
	// excused are probes of which it was told why they were not answered well yet.
	excused map[string]bool
	usable  map[string]bool
	// paces are how long the probes take, and whether that gets worse.
	paces map[string]*forecast.Degradation
	// looked is when it was looked at last, lost how long we stood still in this run.
	looked  time.Time
	lost    time.Duration
	run     int
	running bool
	// runID is the word by which the run knows itself.
	runID string
	// taken says that the present run was not started by us: adopted, or attached to.
	taken bool
	// since is when the present run began, ready asks again whether it is ready.
	since time.Time
	ready *time.Timer
	// later reads on where a flood was too fast, missed looks for what is expected by then.
	later, missed *time.Timer
	// telling bounds what is told of lines of built-in rules, and of the operator's.
	telling [2]bucket
	// wording bounds how often the wording of a line is judged that no rule flags.
	wording bucket
}

// NewAgent observes what spec says. outputs holds the agent's stdout and stderr
// files.
func NewAgent(spec Spec, outputs string, classifier *classify.Classifier, tools probe.Tools, sink Sink) *Agent {
	a := &Agent{
		spec: spec, classifier: classifier, sink: sink, outputs: outputs,
		changed: make(chan struct{}, 1), facts: make(chan *fact, 16), ticks: make(chan sampling.Snapshot, 1),
		specs: make(chan renewal), reports: make(chan inbox.Report), answers: make(chan answer), metered: make(chan metered),
		tools: tools, stopAsking: func() {}, probed: map[string]heal.SignalState{}, excused: map[string]bool{}, usable: map[string]bool{}, paces: map[string]*forecast.Degradation{}, done: make(chan struct{}),
	}
	a.limited.refused = make(chan struct{}, 1)
	a.ready = time.NewTimer(time.Hour)
	a.ready.Stop()
	a.later = time.NewTimer(time.Hour)
	a.later.Stop()
	a.missed = time.NewTimer(time.Hour)
	a.missed.Stop()
	a.doubts = time.NewTimer(time.Hour)
	a.doubts.Stop()
	for _, l := range spec.Logs {
		a.sources = append(a.sources, a.open(l))
	}
	for _, t := range spec.Thresholds {
		a.gauges = append(a.gauges, newThresholdState(t))
	}
	if spec.Steps != nil {
		a.walker = newStepTracker(*spec.Steps)
	}
	a.openSessions(spec.Sessions)
	a.renewCommandMetrics()
	for _, c := range spec.Checks {
		a.watches = append(a.watches, newWatch(c))
	}
	return a
}

// Watch subscribes to the changes of all followed files. It must be called before
// Run.
func (a *Agent) Watch(w *follow.Watcher) {
	a.watcher = w
	for _, s := range a.sources {
		s.file.Subscribe(w, a.changed)
	}
	a.sessions.watch(w, a.changed)
}

// Adopt goes on with a run that an earlier sidecar started, and with its output
// where that one stopped. It must be called before Run.
func (a *Agent) Adopt(run heal.RunFact) {
	a.run, a.runID, a.running, a.since, a.taken = run.Run, run.ID, true, time.Now(), true
	a.printed = a.since
	a.sessions.began(run, a.since)
	a.ready.Reset(0)
	for _, s := range a.sources {
		s.file.Resume()
	}
}

// Started and Exited take the supervisor's facts, in order.
func (a *Agent) Started(ctx context.Context, run heal.RunFact) {
	a.post(ctx, fact{started: &run, run: run.Run})
}

// Exited tells of the end of a run.
func (a *Agent) Exited(ctx context.Context, run int, exit heal.Exit, ordered bool) {
	a.post(ctx, fact{run: run, exit: exit, ordered: ordered})
}

// Moved tells that the output of the next run is written to another folder.
func (a *Agent) Moved(ctx context.Context, dir string) { a.post(ctx, fact{elsewhere: dir}) }

func (a *Agent) post(ctx context.Context, f fact) {
	select {
	case a.facts <- &f:
	case <-ctx.Done():
	}
}

// Run observes until the context ends or the agent is closed.
func (a *Agent) Run(ctx context.Context) {
	defer close(a.done)
	defer func() { a.stopAsking() }()
	if a.running {
		a.ask() // a run that was taken over
	}
	defer func() {
		for _, s := range a.sources {
			a.drop(s)
		}
		a.sessions.close()
	}()
	for {
		select {
		case f := <-a.facts:
			if f.close {
				return
			}
			a.fact(*f)
		case r := <-a.specs:
			a.renew(r)
		case n := <-a.answers:
			a.answered(n)
		case m := <-a.metered:
			a.commandMetric(m)
		case r := <-a.reports:
			a.selfReported(r)
		case <-a.changed:
			a.read(followed.Read)
			a.readSessions(false)
		case <-a.limited.refused:
			a.lookLimits()
		case <-a.later.C:
			a.lookOn()
		case <-a.ready.C:
			a.lookReady()
		case <-a.doubts.C:
			a.lookUnresolved()
		case <-a.missed.C:
			a.lookMissed()
		case snap := <-a.ticks:
			a.measure(snap)
		case <-ctx.Done():
			return
		}
	}
}

func (a *Agent) fact(f fact) {
	switch {
	case f.elsewhere != "":
		a.readElsewhere(f.elsewhere)
		return
	case f.started == nil:
		a.ended(f)
		return
	}
	a.run, a.runID, a.running, a.since, a.taken = f.run, f.started.ID, true, time.Now(), f.started.Attached
	a.sessions.began(*f.started, a.since)
	a.printed, a.word, a.looked, a.lost, a.proved = a.since, selfReport{}, time.Time{}, 0, time.Time{}
	a.unresolved = unresolved.Judge{}
	for _, g := range slices.Concat(a.gauges, a.meters) {
		g.reset()
	}
	for _, w := range a.watches {
		w.restart()
	}
	if a.spec.Steps != nil {
		a.walker = newStepTracker(*a.spec.Steps)
	}
	clear(a.probed)
	clear(a.usable)
	clear(a.paces)
	a.watchLimits(*f.started)
	a.sink.Started(a.spec.Agent, *f.started)
	a.ask()
	a.lookReady()
}

// lookReady tells once that the run is ready, and looks again later if it is not.
func (a *Agent) lookReady() {
	switch {
	case !a.running:
	case !a.waitsForProbe() && isReady(a.spec.Ready, time.Since(a.since)):
		a.sink.Ready(a.spec.Agent, a.run, true)
	default:
		a.ready.Reset(readyEvery)
	}
}

// ended reads the output to its end before it judges: the last words tell why.
func (a *Agent) ended(f fact) {
	a.read(followed.Drain)
	a.readSessions(true)
	a.running = false
	a.stopAsking()
	exit, failed := a.spec.Exit.judge(f.exit, exists(a.spec.Exit.DoneFile))
	found, unfinished := a.lastFinding(exit)
	if unfinished && !failed && !exit.Planned && !f.ordered {
		exit.Unfinished, failed = true, true // it ended well, and its session did not
	}
	var failure *heal.Signal
	if failed && !f.ordered {
		failure = &heal.Signal{
			Agent: a.spec.Agent, Run: f.run, Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit,
			Exit: &exit,
		}
		failure.Lines, failure.Output = a.textEvidence(&exit)
		if unfinished {
			failure.Vote, failure.Text = &found.Vote, found.Vote.Why
		}
		if exit.Errno != "" {
			failure.Witness = heal.WitnessStart
		}
	}
	a.last.clear()
	a.sink.Exited(a.spec.Agent, exit, f.ordered, failure)
}

func exists(path string) bool {
	if path == "" {
		return false
	}
	_, err := os.Stat(path)
	return err == nil
}

// measure judges one snapshot. A run that ended meanwhile has no readings.
func (a *Agent) measure(snap sampling.Snapshot) {
	if _, seen := snap.Usage[a.spec.Agent]; !seen || !a.running {
		return
	}
	a.look(snap)
	for _, g := range a.gauges {
		a.thresholdStateOf(g, snap.At, g.reading(a.spec.Agent, snap))
	}
}

// thresholdStateOf judges one reading and tells of a change.
func (a *Agent) thresholdStateOf(g *thresholdState, at time.Duration, value *float64) {
	state, changed := g.judge(at, value)
	if !changed {
		return
	}
	s := heal.Signal{Agent: a.spec.Agent, Run: a.run, Detector: g.Name, State: state, Witness: heal.WitnessResource}
	if value != nil {
		s.Reading = &heal.Reading{Resource: g.Resource, Value: *value, Limit: g.Above, For: g.For, Path: g.Path}
	}
	if state == heal.Raised {
		s.Lines, s.Output = a.textEvidence(nil)
	}
	a.sink.Signal(s)
}
