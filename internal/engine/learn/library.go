package learn

import (
	"time"

	"healer-sidecar/internal/heal"
)

// Coarse words of experts for a chance (ENGINE.md 2.6a). They are guesses and stay
// guesses: what was verified outweighs them after a few outcomes.
const (
	surely   = 0.9
	likely   = 0.75
	perhaps  = 0.5
	hardly   = 0.25
	unlikely = 0.05
)

// Shares of how a failure shows: mostly as its own type, sometimes as one that is taken
// for it, seldom as anything else.
const shownAs, takenFor, elsewise = 0.6, 0.25, 0.15

// shows spreads the ways to show over the types.
func shows(as heal.ErrorType, mistaken ...heal.ErrorType) map[heal.ErrorType]float64 {
	types := make(map[heal.ErrorType]float64, len(heal.ErrorTypes))
	for _, t := range heal.ErrorTypes {
		types[t] = elsewise / float64(len(heal.ErrorTypes)-1-len(mistaken))
	}
	for _, t := range mistaken {
		types[t] = takenFor / float64(len(mistaken))
	}
	types[as] = shownAs
	return types
}

type says = []string

type chances = map[heal.Strategy]float64

// Library is what is known of failures before anything was seen.
var Library = []Archetype{
	{"a blip", shows(heal.CommunicationError, heal.DependencyFailure, heal.ExecutionFailure),
		says{"reset", "timeout", "broken-pipe", "gateway", "websocket", "peer", "protocol", "unreachable", "tls"},
		chances{heal.Retry: likely, heal.WaitAndRetry: surely, heal.Restart: likely, heal.AlternativePath: likely}, 1, &Law{3 * time.Second, 1}, false},
	{"a quota or rate limit", shows(heal.DependencyFailure, heal.ResourceExhaustion, heal.CommunicationError),
		says{"rate-limit", "quota-budget"},
		chances{heal.DegradeGracefully: likely, heal.AlternativePath: likely, heal.Retry: hardly}, 1, &Law{time.Minute, 1}, false},
	{"a dependency that is down", shows(heal.DependencyFailure, heal.CommunicationError),
		says{"refused", "database-down", "named-dependency", "server-error", "overloaded", "dns", "provider-client"},
		chances{heal.AlternativePath: likely, heal.DegradeGracefully: likely}, 0.9, &Law{time.Minute, 1.5}, false},
	{"overload", shows(heal.PerformanceDegradation, heal.ResourceExhaustion, heal.CommunicationError),
		says{"latency", "slow-operation", "late", "backlog", "throttled-cpu", "throughput", "pool", "overloaded", "contention", "event-loop"},
		chances{heal.DegradeGracefully: likely, heal.Reconfigure: hardly, heal.Restart: hardly}, 0.8, &Law{5 * time.Minute, 1}, false},
	{"a race", shows(heal.ExecutionFailure, heal.GoalConflict, heal.Unknown),
		says{"db-deadlock", "version-conflict", "changed-under", "lock-held", "segfault", "go-panic", "crash"},
		chances{heal.Restart: likely, heal.Rollback: likely, heal.Retry: perhaps, heal.WaitAndRetry: perhaps}, 0.9, nil, false},
	{"something that a dead run left behind", shows(heal.GoalConflict, heal.ExecutionFailure, heal.ConfigurationError),
		says{"lock-held", "address-in-use"},
		chances{heal.Compensate: surely, heal.WaitAndRetry: hardly, heal.Retry: hardly}, 0.5, nil, true},
	{"something that is busy", shows(heal.ConfigurationError, heal.GoalConflict),
		says{"address-in-use", "lock-held"},
		chances{heal.Compensate: perhaps}, 1, &Law{10 * time.Second, 1.2}, true},
	{"poison input", shows(heal.ExecutionFailure, heal.LearningFailure, heal.Unknown),
		says{"value-error"},
		chances{heal.Isolate: likely, heal.Compensate: likely, heal.AlternativePath: hardly}, 0.2, nil, false},
	{"a bad release", shows(heal.ExecutionFailure, heal.ConfigurationError, heal.PerformanceDegradation),
		says{"type-error", "module-missing", "shared-library", "segfault"},
		chances{heal.Rollback: surely, heal.AlternativePath: hardly}, 0.2, nil, false},
	{"a bad configuration", shows(heal.ConfigurationError, heal.ExecutionFailure),
		says{"config-invalid", "parse-config", "config-parse", "argument", "unsupported-setup"},
		chances{heal.Rollback: surely, heal.Reconfigure: perhaps}, 0.3, nil, false},
	{"a missing setting or credential", shows(heal.ConfigurationError, heal.DependencyFailure, heal.ExecutionFailure),
		says{"env-missing", "api-key", "role-missing", "file-missing", "rights-missing"},
		chances{heal.Reconfigure: likely, heal.Restart: hardly, heal.Rollback: hardly}, 0.3, nil, false},
	{"a leak", shows(heal.ResourceExhaustion, heal.PerformanceDegradation),
		says{"out-of-memory", "gpu-memory", "descriptors", "processes"},
		chances{heal.Restart: surely, heal.DegradeGracefully: hardly, heal.Reconfigure: hardly}, 0.8, nil, false},
	{"a greedy process", shows(heal.ResourceExhaustion, heal.PerformanceDegradation),
		says{heal.ByReading},
		chances{heal.Reconfigure: likely, heal.DegradeGracefully: likely, heal.Restart: perhaps}, 0.7, nil, false},
	{"a hang", shows(heal.PerformanceDegradation, heal.ExecutionFailure, heal.Unknown),
		says{"stuck", "timeout", "event-loop"},
		chances{heal.Restart: surely}, 0.8, nil, false},
	{"a full disk", shows(heal.ResourceExhaustion, heal.ExecutionFailure),
		says{"disk-full"},
		chances{heal.Reconfigure: likely, heal.DegradeGracefully: perhaps, heal.Compensate: hardly}, 0.5, nil, false},
	{"corrupt state", shows(heal.ExecutionFailure, heal.LearningFailure, heal.Unknown),
		says{"corrupt-file", "checkpoint", "inconsistent"},
		chances{heal.Rollback: likely, heal.Reconfigure: perhaps, heal.Compensate: perhaps}, 0.4, nil, false},
	{"an agent in a loop", shows(heal.LearningFailure, heal.PerformanceDegradation, heal.GoalConflict),
		says{"agent-loop", "max-steps", "stuck"},
		chances{heal.Rollback: perhaps, heal.Reconfigure: perhaps, heal.Restart: perhaps, heal.AlternativePath: perhaps}, 0.6, nil, false},
	{"a context that overflows", shows(heal.ResourceExhaustion, heal.LearningFailure, heal.ExecutionFailure),
		says{"context-window"},
		chances{heal.Compensate: likely, heal.Restart: likely, heal.Rollback: perhaps}, 0.5, nil, false},
	{"a malformed tool call", shows(heal.ExecutionFailure, heal.LearningFailure, heal.CommunicationError),
		says{"malformed-generation", "value-error"},
		chances{heal.AlternativePath: likely, heal.Retry: perhaps, heal.WaitAndRetry: perhaps, heal.Restart: perhaps, heal.Reconfigure: perhaps}, 0.7, nil, false},
	{"model drift", shows(heal.LearningFailure, heal.PerformanceDegradation),
		says{"divergence", "no-convergence", "nan-loss", "data-quality"},
		chances{heal.Rollback: likely, heal.AlternativePath: likely, heal.Reconfigure: hardly}, 0.4, nil, false},
	{"a goal conflict", shows(heal.GoalConflict, heal.ExecutionFailure),
		says{"contradiction", "unsatisfiable", "requirement-conflict", "merge-conflict"},
		chances{heal.Isolate: likely, heal.Compensate: perhaps, heal.Rollback: perhaps, heal.Reconfigure: perhaps}, 0.5, nil, false},
	{"a safety violation", shows(heal.SafetyViolation, heal.GoalConflict),
		says{"safety-violation", "guardrail", "prompt-injection", "content-filter", "policy-denied", "sandbox"},
		chances{heal.Isolate: surely}, 0.9, nil, false},
}

// fits says how natural a remedy is for a type, where no archetype is believed: natural,
// plausible, or neither.
const natural, plausible, unfit = 0.8, 0.45, 0.12

var fits = map[heal.ErrorType]chances{
	heal.CommunicationError:     {heal.WaitAndRetry: natural, heal.Retry: plausible, heal.AlternativePath: plausible, heal.Reconfigure: plausible, heal.Restart: plausible},
	heal.ResourceExhaustion:     {heal.Restart: natural, heal.Reconfigure: plausible, heal.DegradeGracefully: plausible, heal.Compensate: plausible},
	heal.DependencyFailure:      {heal.WaitAndRetry: natural, heal.AlternativePath: natural, heal.DegradeGracefully: plausible, heal.Restart: plausible},
	heal.ConfigurationError:     {heal.Rollback: natural, heal.Reconfigure: natural, heal.Restart: plausible},
	heal.ExecutionFailure:       {heal.Restart: natural, heal.Retry: plausible, heal.Rollback: plausible, heal.AlternativePath: plausible, heal.Reconfigure: plausible, heal.Compensate: plausible},
	heal.PerformanceDegradation: {heal.DegradeGracefully: natural, heal.Restart: natural, heal.Reconfigure: plausible, heal.WaitAndRetry: plausible},
	heal.GoalConflict:           {heal.Compensate: natural, heal.Rollback: plausible, heal.Isolate: plausible, heal.Reconfigure: plausible},
	heal.SafetyViolation:        {heal.Isolate: natural},
	heal.LearningFailure:        {heal.Rollback: natural, heal.AlternativePath: plausible, heal.Reconfigure: plausible},
	heal.Unknown:                {heal.Restart: natural, heal.Retry: plausible, heal.Rollback: plausible, heal.WaitAndRetry: plausible, heal.Reconfigure: plausible},
}

// fit is the table's word, halved for a later try.
func fit(t heal.ErrorType, s heal.Strategy, later int) float64 {
	f, ok := fits[t][s]
	if !ok {
		f = unfit
	}
	p := s.Profile().Success * f
	if later > 0 {
		p /= 2
	}
	return p
}
