package heal

import "slices"

// ErrorType is the cause of a failure: one of ten.
type ErrorType string

// The ten error types of the design, section 5.
const (
	ExecutionFailure       ErrorType = "execution_failure"
	ResourceExhaustion     ErrorType = "resource_exhaustion"
	GoalConflict           ErrorType = "goal_conflict"
	CommunicationError     ErrorType = "communication_error"
	PerformanceDegradation ErrorType = "performance_degradation"
	SafetyViolation        ErrorType = "safety_violation"
	DependencyFailure      ErrorType = "dependency_failure"
	ConfigurationError     ErrorType = "configuration_error"
	LearningFailure        ErrorType = "learning_failure"
	Unknown                ErrorType = "unknown"
)

// Benign is the verdict "this is no failure". It is never the type of an incident.
const Benign ErrorType = "benign"

// ErrorTypes lists the ten in their documented order.
var ErrorTypes = []ErrorType{
	ExecutionFailure, ResourceExhaustion, GoalConflict, CommunicationError, PerformanceDegradation,
	SafetyViolation, DependencyFailure, ConfigurationError, LearningFailure, Unknown,
}

// Valid reports whether t is one of the ten.
func (t ErrorType) Valid() bool { return slices.Contains(ErrorTypes, t) }

var baseSeverity = map[ErrorType]float64{
	SafetyViolation: 0.9, ResourceExhaustion: 0.7, GoalConflict: 0.6, DependencyFailure: 0.6,
	ExecutionFailure: 0.5, ConfigurationError: 0.5, Unknown: 0.5, PerformanceDegradation: 0.4,
	CommunicationError: 0.3, LearningFailure: 0.3,
}

// CriticalSeverity is the severity from which a failure counts as critical.
const CriticalSeverity = 0.8

// Severity rates a failure in [0,1]: the base of its type, times 1.5 for a
// critical agent, times 1.2 past three retries, capped at 1 (design, section 5).
func Severity(t ErrorType, critical bool, retries int) float64 {
	s, ok := baseSeverity[t]
	if !ok {
		s = baseSeverity[Unknown]
	}
	if critical {
		s *= 1.5
	}
	if retries > 3 {
		s *= 1.2
	}
	return min(s, 1)
}

// Waits reports whether a time that the evidence of such a failure names is a time to wait.
func (t ErrorType) Waits() bool {
	return t == DependencyFailure || t == ResourceExhaustion || t == CommunicationError
}
