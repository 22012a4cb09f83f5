package heal

import "time"

// Diagnosis is what the evidence of one incident amounts to.
type Diagnosis struct {
	Type       ErrorType `json:"type"`
	Confidence float64   `json:"confidence"`
	Severity   float64   `json:"severity"`
	Critical   bool      `json:"critical,omitempty"`
	Recurring  bool      `json:"recurring,omitempty"`
	// Guessed says that no rule names the cause, and words speak for the type.
	Guessed bool `json:"guessed,omitempty"`
	// Unproven says that nothing but text names a type for which an agent is left alone: then it
	// is not, until the same death comes again.
	Unproven bool `json:"unproven,omitempty"`
	// Foretold says that it has not happened yet.
	Foretold bool `json:"foretold,omitempty"`
	// Class is that of the agents that learn together.
	Class string `json:"class,omitempty"`
	// Fingerprint is equal for "the same failure again".
	Fingerprint string `json:"fingerprint"`
	Template    string `json:"template,omitempty"`
	// Masked is the template before the words were taken out that vary.
	Masked   string   `json:"masked,omitempty"`
	Resource Resource `json:"resource,omitempty"`
	// Rule is the one that the telling line matches.
	Rule string `json:"rule,omitempty"`
	// Cause is what kind of its type it is, where that decides what helps: rate_limit,
	// overload, quota, outage, auth, or busy: something else has what it needs.
	Cause Cause `json:"cause,omitempty"`
	// Situation is that of its session, as turn_stalled; empty where none was seen.
	Situation string `json:"situation,omitempty"`
	// Because is what the detector says that saw the cause; empty where the output told it.
	Because string `json:"because,omitempty"`
	// Resumed says that the same failure ended the run before it, too, right after its
	// start: what it goes on with may be what kills it.
	Resumed bool `json:"resumed,omitempty"`
	// Wait is the time to wait that the evidence itself names, from the moment
	// of the diagnosis; zero when it names none.
	Wait time.Duration `json:"wait,omitempty"`
	// Needs is what it said it could not have; nil for nothing.
	Needs    *Needs      `json:"needs,omitempty"`
	Evidence []string    `json:"evidence"`
	Others   []Candidate `json:"others,omitempty"`
}

// Treated is the type whose remedies are used. A guess, or what only text says, explains; what is
// done about it is what is done about an unknown failure, because no agent may be left alone for
// it.
func (d Diagnosis) Treated() ErrorType {
	if d.Guessed || d.Unproven {
		return Unknown
	}
	return d.Type
}

// ByReading stands for the rule of a failure that is told by a reading above its limit.
const ByReading = "reading"

// OnlyPeople reports that only a person can end what an agent waits for: to start it again would
// throw its work away, and bring it to the same point.
func (c Cause) OnlyPeople() bool { return c == Asking || c == Traced }

// Cause tells failures of one type apart.
type Cause string

// The causes.
const (
	RateLimit Cause = "rate_limit"
	Overload  Cause = "overload"
	Quota     Cause = "quota"
	Auth      Cause = "auth"
	Busy      Cause = "busy"
	// Billing is an account without money or plan, Missing a program or module that is not installed, Clock a
	// wrong time of day, Context a request that is longer than the model takes.
	Billing Cause = "billing"
	Missing Cause = "missing"
	Clock   Cause = "clock"
	Context Cause = "context"
	// Ports are the local ports of connections, used up until closed ones are given back (TIME_WAIT).
	Ports Cause = "ports"
	// Stopped: a signal holds it, and SIGCONT lets it go on. Traced: a debugger does.
	Stopped Cause = "stopped"
	Traced  Cause = "traced"
	// Asking: it waits for an answer on its terminal or standard input.
	Asking Cause = "asking"
	// Session is a saved conversation that no run can go on with.
	Session Cause = "session"
	// Outage: something that it needs does not answer, and only time mends that.
	Outage Cause = "outage"
)

// Candidate is a type that was considered and lost.
type Candidate struct {
	Type       ErrorType `json:"type"`
	Confidence float64   `json:"confidence"`
}

// Evidence is everything known about one failure when it is judged.
type Evidence struct {
	Exit     *Exit     `json:"exit,omitempty"`
	Readings []Reading `json:"readings,omitempty"`
	// Findings are what detectors of behaviour, probes and reports say.
	Findings []Vote `json:"findings,omitempty"`
	// Matches are rule verdicts that were reached line by line as output came.
	Matches []Match `json:"matches,omitempty"`
	// Output is what the lines say.
	Output TextEvidence `json:"output,omitzero"`
	// Running says that the agent was alive when the evidence was taken.
	Running bool `json:"running,omitempty"`
}

// TextEvidence is what the last lines of an agent's output say about a failure. It is
// read where the output is at hand, because that takes expressions and time; the
// judgement over it is arithmetic.
type TextEvidence struct {
	Votes []Vote `json:"votes,omitempty"`
	// Leanings are what the wording of a dead run as a whole adds to each type, likeliest first.
	Leanings []Vote `json:"leanings,omitempty"`
	// Turns are votes that hold only when another type leads.
	Turns []Turn `json:"turns,omitempty"`
	// Template is the masked form of the line that tells most.
	Template string `json:"template,omitempty"`
	// Rule is the one that the telling line matches.
	Rule string `json:"rule,omitempty"`
	// Proved is how long before the judgement something last showed that the agent works:
	// progress, a healthy probe, being ready. Zero when nothing did.
	Proved time.Duration `json:"proved,omitempty"`
	// Needs is what the run said it could not have; nil for nothing.
	Needs *Needs `json:"needs,omitempty"`
}

const (
	// LiveThreshold is the weight from which one line of a running program counts as a
	// failure by itself.
	LiveThreshold = 0.5
	// OperatorWeight lets a rule of the policy outweigh all that is known otherwise.
	OperatorWeight = 2.0
)

// Vote is one piece of evidence for one type.
type Vote struct {
	Type   ErrorType `json:"type"`
	Weight float64   `json:"weight"`
	Why    string    `json:"why"`
	// Cause is set where what was seen names the cause, too.
	Cause Cause `json:"cause,omitempty"`
	// Situation is that of the session; empty for other votes.
	Situation string `json:"situation,omitempty"`
	// Guess says that no rule knows it: it counts only for what has ended by itself.
	Guess bool `json:"guess,omitempty"`
	// Age is how long before the judgement the line was printed, zero where that is not known;
	// Later how many lines came after it.
	Age   time.Duration `json:"age,omitempty"`
	Later int           `json:"later,omitempty"`
	// Template is the masked form of the line, Rule the one that it matches, and Wait the time
	// to wait that it names.
	Template string        `json:"template,omitempty"`
	Rule     string        `json:"rule,omitempty"`
	Wait     time.Duration `json:"wait,omitempty"`
	// Usual says in how many healthy runs the line was printed; empty unless that makes it normal.
	// Then it counts only where another fact agrees.
	Usual string `json:"usual,omitempty"`
}

// Turn says that a failure of one of the types Of is really one of type To: its
// setting shows in the output. Over is how much To then outweighs it.
type Turn struct {
	Of   []ErrorType `json:"of"`
	To   ErrorType   `json:"to"`
	Over float64     `json:"over"`
	Why  string      `json:"why"`
}
