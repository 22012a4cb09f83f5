package engine

import (
	"time"

	"healer-sidecar/internal/heal"
)

// phase is where an incident stands.
type phase string

const (
	// gathering: signals have come, more evidence may follow at once.
	gathering phase = "gathering"
	// watching: only text speaks against a running agent; nothing is done.
	watching phase = "watching"
	// delayed: a plan waits for its time.
	delayed phase = "delayed"
	// asking: a person must approve the plan.
	asking phase = "asking"
	// acting: an attempt is being carried out.
	acting phase = "acting"
	// undoing: a failed attempt is being taken back.
	undoing phase = "undoing"
	// verifying: the attempt is done, the signals must stay clear.
	verifying phase = "verifying"
	// ordered: an order is being carried out; what comes of it decides.
	ordered phase = "ordered"
	// slow: all remedies are spent; one is tried at long intervals.
	slow phase = "slow"
	// held: left alone until a person releases it.
	held phase = "held"
	// gaveUp: the policy says to stop at the limit.
	gaveUp phase = "gave_up"
	// blocked: healing is switched off; it goes on when that ends.
	blocked phase = "blocked"
)

const (
	// gatherOwn is how long a line of an operator's rule waits for the exit that may follow it.
	gatherOwn = 25 * time.Millisecond
	// lastWords is how long before its end a line of an operator's rule still tells
	// why an agent ended; what is older tells of something else.
	lastWords = 2 * time.Second
	// startedAfter is the uptime below which an attempt failed rather than relapsed.
	startedAfter = time.Second
	// maxSignals bounds the evidence kept with an incident.
	maxSignals = 50
	// slowGrowth and slowCap stretch the interval of slow mode.
	slowGrowth, slowCap = 2, 6
)

// incident is one open failure of one agent.
type incident struct {
	id      string
	opened  heal.Stamp
	phase   phase
	signals []heal.Signal
	exit    *heal.Exit
	// output is what the latest lines say.
	output heal.TextEvidence
	diag   *heal.Diagnosis
	plan   heal.Plan
	tried  map[heal.Strategy]int
	number int
	// attempt is the latest attempt, begun when it started, ended when the
	// executor reported it.
	attempt      *heal.Attempt
	begun, ended heal.Stamp
	// probed is when the cause was last found to be still there, since opened.
	probed time.Duration
	// recurred says that the failure came back before the attempt was reported.
	recurred bool
	// suspectSince is when a built-in rule last saw a line of the incident's type in the
	// verification window. Such a line proves nothing, and forbids to claim success.
	suspectSince heal.Stamp
	// dependencyBack says that what the agent waited for is there again.
	dependencyBack bool
	// renewed is when renewed credentials last brought its start forward.
	renewed heal.Stamp
	// drill says that the failure was put in on purpose.
	drill bool
	// returned says that its program came back while people were told of it.
	returned bool
	// untouchable says that only a person can tell whether a start is safe.
	untouchable bool
	// placeless says that it waits for its turn among the running agents to be healed, counted
	// that it was counted among those that fail together.
	placeless, counted bool
	// root is the failure that this one comes from, while that is healed first.
	root string
	// answers are those of people who were asked, told counts what they were told, alarmed
	// says that they know that nothing is done.
	answers map[heal.Strategy]heal.Answer
	told    int
	// inherited says that an earlier sidecar has diagnosed it.
	inherited bool
	// builtinOnly says that it was diagnosed on built-in rules alone.
	builtinOnly bool
	// released says that a person let the agent go on: no remedy has healed it.
	released bool
	// acked says that a person knows of it and needs to be told no more.
	acked bool
	// unanswered says that nobody has answered in time.
	unanswered bool
	alarmed    bool
	// preventive says that nothing has failed yet.
	preventive bool
	// safeUntil is how long a point is waited for at which an interruption costs little.
	safeUntil heal.Stamp
	// lasted is how long the run was well that ended in the same way as the one before it.
	lasted time.Duration
	// slowness counts the rounds of slow mode.
	slowness int
	// score is the failure memory before the latest exit.
	score float64
	// common is what it has in common with those of other hosts.
	common common
}

// agent is the core's view of one agent.
type agent struct {
	name    string
	policy  heal.Policy
	running bool
	// ready says that those that depend on it may start, waiting that its own first
	// start waits for others.
	ready, waiting bool
	started        heal.Stamp
	// well is when its latest incident was closed.
	well heal.Stamp
	runs int
	// live holds the conditions that are raised now, blind those that cannot be
	// read, by detector.
	// foreseen what is foretold.
	live, blind, foreseen map[string]heal.Signal
	inc                   *incident
	// watched are lines that only built-in rules call failures, and that nothing agrees with yet.
	watched []heal.Signal
	// printed are lines of this run that built-in rules call failures.
	printed printed
	// gen is the generation of the latest timer, wakes when that comes due.
	gen   int
	wakes heal.Stamp
	// flight is the attempt that has its hands on the agent; empty for none. job is the one
	// that it carries out, if it is none of the incident's; queue are those that come next.
	flight string
	job    *job
	queue  []job
	// drillUntil is how long what fails is taken for the fault of a drill.
	drillUntil heal.Stamp
	// idle is when something was last done to it, or when it ended.
	idle heal.Stamp
	done bool
	// safe says that the agent can be interrupted now, asked that it was asked when it can
	// be, for a measure to be eased.
	safe, asked bool
	// keeping is the snapshot that is being taken, unkept why the last one failed.
	keeping, unkept string
	// unprovenTold are the probes that never worked of which people were told.
	unprovenTold []string
	// learned are others that fail now and after which it was often seen to fail.
	learned []string
	// planned are the latest restarts that the agent asked for.
	planned []heal.Stamp
}

// unproven reports that a reading is missing. A log that cannot be read is shown in
// the status; it never was a proof that something is well.
func (a *agent) unproven() bool {
	for _, s := range a.blind {
		if s.Witness != heal.WitnessText {
			return true
		}
	}
	return false
}

// clear reports that the agent runs, and that no condition speaks against it or is in the dark.
func (a *agent) clear() bool { return a.running && len(a.live) == 0 && !a.unproven() }

// forget drops what was seen of a run that is over.
func (a *agent) forget() {
	clear(a.live)
	clear(a.blind)
	clear(a.foreseen)
}

// textOnly reports that nothing but built-in rules on output, or nothing at all, speaks
// against the agent.
func (i *incident) textOnly() bool {
	for _, s := range i.signals {
		if s.Witness != heal.WitnessText || s.Match != nil && s.Match.Operator {
			return false
		}
	}
	return true
}

// byClock reports that nothing but clocks of ours speak against the agent: what it did not
// do or answer in time.
func (i *incident) byClock() bool {
	for _, s := range i.signals {
		if s.Witness != heal.WitnessLiveness && s.Witness != heal.WitnessProbe {
			return false
		}
	}
	return true
}

func (i *incident) add(s heal.Signal) {
	if len(i.signals) >= maxSignals {
		i.signals = append(i.signals[:1], i.signals[2:]...)
	}
	if s.Output != nil {
		i.output = *s.Output
	}
	s.Lines, s.Output = nil, nil
	i.signals = append(i.signals, s)
	if s.Exit != nil {
		i.exit = s.Exit
	}
}

// latest is when the last signal came that is at hand.
func (i *incident) latest() heal.Stamp {
	if len(i.signals) == 0 {
		return i.opened
	}
	return i.signals[len(i.signals)-1].At
}
