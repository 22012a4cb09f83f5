package heal

import "time"

// AgentStatus is what `status` shows of one agent.
type AgentStatus struct {
	Agent   string `json:"agent"`
	Desired string `json:"desired"`
	// Health is healthy, stopped, finished, starting, waiting, held, or the phase of
	// the open incident.
	Health  string `json:"health"`
	Running bool   `json:"running"`
	// Ready says that agents that depend on it may start.
	Ready    bool          `json:"ready"`
	Runs     int           `json:"runs"`
	Uptime   time.Duration `json:"uptime,omitempty"`
	Hold     string        `json:"hold,omitempty"`
	Incident string        `json:"incident,omitempty"`
	Type     ErrorType     `json:"type,omitempty"`
	Severity float64       `json:"severity,omitempty"`
	Strategy Strategy      `json:"strategy,omitempty"`
	// Measures are what is in force of remedies that helped.
	Measures []string `json:"measures,omitempty"`
	// Production says that the policy marks it so: it is not drilled by mistake.
	Production bool `json:"production,omitempty"`
	// Acknowledged says that a person knows of the incident.
	Acknowledged bool `json:"acknowledged,omitempty"`
	// Alarm says that people were told that nothing is done.
	Alarm bool `json:"alarm,omitempty"`
	// Unknown names the detectors whose reading could not be taken.
	Unknown []string `json:"unknown,omitempty"`
	// Foreseen is what will happen if nothing changes.
	Foreseen []string `json:"foreseen,omitempty"`
	// Forecasts are the same in numbers.
	Forecasts []Forecast `json:"forecasts,omitempty"`
	// NextAttempt is when something is tried next, for an agent that waits for that.
	NextAttempt time.Time `json:"next_attempt,omitzero"`
	// Since is when the present state began, Until when it ends at the latest where that is known:
	// the next attempt, the end of verification, the deadline of an approval.
	Since      time.Time `json:"since,omitzero"`
	Until      time.Time `json:"until,omitzero"`
	BudgetLeft int       `json:"budget_left"`
	Budget     int       `json:"budget"`
	// Card says in words what a person must know; nil for an agent that is well.
	Card *Card `json:"card,omitempty"`
	// Telemetry says where what it exports goes; empty for a policy without telemetry.
	Telemetry string `json:"telemetry,omitempty"`
	// Spend is what it spends; nil for one of which nothing is known.
	Spend *SpendStatus `json:"spend,omitempty"`

	// Process is what the supervisor knows; the engine leaves it empty.
	Process ProcessStatus `json:"process"`
}

// ProcessStatus is the truth about the processes of an agent.
type ProcessStatus struct {
	State       string   `json:"state"`
	PID         int      `json:"pid,omitempty"`
	Members     int      `json:"members,omitempty"`
	Containment string   `json:"containment,omitempty"`
	InForce     []string `json:"in_force,omitempty"`
	LastExit    *Exit    `json:"last_exit,omitempty"`
	// Memory is what the tree holds in bytes, CPU its use of a core in percent; 0 when not
	// known.
	Memory float64 `json:"memory,omitempty"`
	CPU    float64 `json:"cpu,omitempty"`
	// Survivors are processes that outlive their stop, or their leader.
	Survivors []Member `json:"survivors,omitempty"`
}

// Member is one process of a run.
type Member struct {
	PID int `json:"pid"`
	// Name is what the process calls itself; it proves nothing.
	Name string `json:"name"`
	// State is running, sleeping, blocked, stopped, traced, zombie or unknown.
	State string `json:"state"`
}

// SidecarStatus is the whole answer of `status`.
type SidecarStatus struct {
	Version  string        `json:"version"`
	PID      int           `json:"pid"`
	Uptime   time.Duration `json:"uptime"`
	StateDir string        `json:"state_dir"`
	// Telemetry is what was taken from agents; nil for a policy without.
	Telemetry *TelemetryStatus `json:"telemetry,omitempty"`
	// Ended is when the sidecar ended; zero for one that runs.
	Ended  time.Time `json:"ended,omitzero"`
	Paused bool      `json:"paused,omitempty"`
	// Storm says why attempts are spread out; empty for no storm.
	Storm string `json:"storm,omitempty"`
	// Lag is by how much the sidecar itself was late recently.
	Lag time.Duration `json:"lag,omitempty"`
	// Policy says why the policy could not be reloaded; empty when the last one is in
	// force.
	Policy string `json:"policy,omitempty"`
	// Journal says why the disk takes no events; empty when it does.
	Journal string `json:"journal,omitempty"`
	// Fleet is how the host stands to its fleet; nil where the policy has none.
	Fleet *FleetStatus `json:"fleet,omitempty"`
	// Containment says by which means the processes of a run are found and ended.
	Containment string `json:"containment"`
	// Boundary says what keeps an agent from touching the sidecar.
	Boundary string        `json:"boundary"`
	Agents   []AgentStatus `json:"agents"`
	// Orphans are living runs of agents that the policy does not name.
	Orphans []Orphan `json:"orphans,omitempty"`
}

// Orphan is a living run of an agent that the policy does not name: it was renamed or taken out while no
// sidecar lived. It is adopted when the policy names it again, and ended by an order to stop it.
type Orphan struct {
	Agent string `json:"agent"`
	Run   string `json:"run"`
	PIDs  []int  `json:"pids"`
}

// Stats is the answer of `stats`.
type Stats struct {
	Errors   int               `json:"errors"`
	LastHour int               `json:"errors_last_hour"`
	ByType   map[ErrorType]int `json:"by_type"`
	Active   int               `json:"active_recoveries"`
	Outcomes map[Outcome]int   `json:"outcomes"`
	// Healed counts the incidents that recovered and did not return within the hour, Returned those
	// that did.
	Healed   int `json:"healed"`
	Returned int `json:"returned"`
	// SuccessRate is the share of healed among all incidents but those whose outcome is unknown: open,
	// returned and released ones are not healed. Nil before there was one.
	SuccessRate *float64 `json:"success_rate,omitempty"`
	// MeanRecovery is how long recovered incidents were open; 0 before the first.
	MeanRecovery time.Duration  `json:"mean_recovery,omitempty"`
	Patterns     []PatternStats `json:"patterns,omitempty"`
	// Shadow are the latest incidents in which shadow mode held a remedy back.
	Shadow []Shadowed `json:"shadow,omitempty"`
}

// Would is what shadow mode would have done.
type Would struct {
	Strategy Strategy `json:"strategy"`
	// Success is the chance that it would have helped, Duration after how long.
	Success  float64       `json:"success"`
	Duration time.Duration `json:"duration"`
}

// Shadowed is an incident in which nothing was done because the policy says shadow: what
// would have been done, and what really happened.
type Shadowed struct {
	Incident string        `json:"incident"`
	Agent    string        `json:"agent"`
	Type     ErrorType     `json:"type"`
	At       time.Time     `json:"at"`
	Would    Would         `json:"would"`
	Outcome  Outcome       `json:"outcome"`
	Took     time.Duration `json:"took"`
	How      string        `json:"how"`
}

// Generation is one good state that was kept.
type Generation struct {
	Snapshot string    `json:"snapshot"`
	Number   int       `json:"number"`
	Taken    time.Time `json:"taken"`
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`
	Skipped  []string  `json:"skipped,omitempty"`
	// Changes are what is different now, where that was asked for.
	Changes []string `json:"changes,omitempty"`
}

// PatternStats is what was learned about one failure.
type PatternStats struct {
	Agent       string    `json:"agent"`
	Type        ErrorType `json:"type"`
	Fingerprint string    `json:"fingerprint"`
	Template    string    `json:"template,omitempty"`
	// Pinned is the strategy that a person wants first.
	Pinned Strategy `json:"pinned,omitempty"`
	// Returned is how often it came back within the hour after a recovery.
	Returned int `json:"returned,omitempty"`
	// Last is when it was last learned about, Outcomes how often that was.
	Last     time.Time `json:"last"`
	Outcomes int       `json:"outcomes"`
	// Believed are the kinds of failure that it looks like.
	Believed []Belief `json:"believed,omitempty"`
	// Told are the other hosts that have told about it.
	Told       []string                   `json:"told,omitempty"`
	Strategies map[Strategy]StrategyStats `json:"strategies"`
}

// StrategyStats counts verified outcomes of one strategy for one failure.
type StrategyStats struct {
	Recovered   int           `json:"recovered"`
	Relapsed    int           `json:"relapsed"`
	Failed      int           `json:"failed"`
	Unknown     int           `json:"unknown"`
	SuccessRate float64       `json:"success_rate"`
	Mean        time.Duration `json:"mean_recovery"`
	// Chance is what a first try is believed to succeed with now; Low and High bound it
	// with 80 %.
	Chance float64 `json:"chance"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	// Standing is candidate, trusted or doubted (ENGINE.md 2.9).
	Standing string `json:"standing"`
}

// LogLine is one line of an agent's output.
type LogLine struct {
	// At is when the sidecar read it; zero where it is not known.
	At     time.Time `json:"at,omitzero"`
	Stream string    `json:"stream"`
	// Text is the line as it was printed; bytes that are no UTF-8 are replaced.
	Text string `json:"text"`
	// Bytes are the line as it was written, where that is no UTF-8.
	Bytes []byte `json:"bytes,omitempty"`
}

// MostLines is how many of the last lines may be asked for at once.
const MostLines = 1_000_000

// LogQuery chooses lines of output.
type LogQuery struct {
	Agent string
	// Last is how many of the last lines are wanted of each stream.
	Last   int
	Follow bool
}
