package session

import (
	"strconv"
	"strings"

	"healer-sidecar/internal/heal"
)

// Situation names what is wrong with a session.
type Situation string

// The situations.
const (
	SituationStalled      Situation = "turn_stalled"
	SituationLoop         Situation = "tool_loop"
	SituationLimited      Situation = "limited"
	SituationCredentials  Situation = "credentials_refused"
	SituationContext      Situation = "context_full"
	SituationPerson       Situation = "waiting_for_person"
	SituationRefusal      Situation = "refusal"
	SituationCannotResume Situation = "cannot_resume"
	SituationUnfinished   Situation = "unfinished"
	SituationAsleep       Situation = "asleep"
	SituationFailed       Situation = "turn_failed"
)

// Situations lists all situations, those that decide first.
var Situations = []Situation{
	SituationCredentials, SituationLimited, SituationContext, SituationRefusal, SituationCannotResume, SituationFailed, SituationPerson,
	SituationLoop, SituationStalled, SituationAsleep, SituationUnfinished,
}

// Cause is what an error of a session amounts to.
type Cause struct {
	Situation Situation
	Type      heal.ErrorType
	Cause     heal.Cause
}

// status is the number of an HTTP error in the status or the text.
func status(e Event) int {
	if n, err := strconv.Atoi(e.Status); err == nil {
		return n
	}
	said := e.Status + " " + e.Text
	for _, before := range []string{"API Error: ", "status ", "status: ", "status code ", "last status: ", `_status_code":`, `"code":`, "HTTP ", "Error: "} {
		_, rest, found := strings.Cut(said, before)
		if n, err := strconv.Atoi(rest[:min(len(rest), 3)]); found && err == nil && n >= 400 && n < 600 {
			return n
		}
	}
	return 0
}

// signs are words of the runtimes and providers that name a cause more exactly than a number does, in the
// order in which they decide.
var signs = []struct {
	words []string
	cause Cause
}{
	{[]string{"context_length_exceeded", "context_window_exceeded", "prompt is too long", "context window", "maximum context length", "input token count exceeds", "exceeds the maximum number of tokens", "conversation is too long"}, Cause{SituationContext, heal.ResourceExhaustion, heal.Context}},
	{[]string{"tool_use ids were found without", "without `tool_result`", "unexpected `tool_use_id`", "no tool output found for function call", "no conversation found", "number of function response parts", "thinking blocks", "could not load session", "failed to resume", "session not found"}, Cause{SituationCannotResume, heal.ExecutionFailure, heal.Session}},
	{[]string{"billing_error", "credit balance", "insufficient_quota", "billing_hard_limit", "payment required"}, Cause{SituationFailed, heal.ResourceExhaustion, heal.Billing}},
	{[]string{"rate_limit", "usage_limit", "usage limit", "hit your limit", "limit reached", "quota exceeded", "resource_exhausted", "exceeded your current quota"}, Cause{SituationLimited, heal.DependencyFailure, heal.RateLimit}},
	{[]string{"authentication", "invalid_api_key", "invalid api key", "unauthorized", "unauthenticated", "permission_error", "permission_denied", "oauth", "please run /login", "api key not valid", "token has expired", "token expired", "forbidden"}, Cause{SituationCredentials, heal.ConfigurationError, heal.Auth}},
	{[]string{"overloaded", "server_overloaded", "at capacity"}, Cause{SituationFailed, heal.DependencyFailure, heal.Overload}},
	{[]string{"usage policy", "content_policy", "content_filter", "cyber_policy", "safety", "refusal"}, Cause{SituationRefusal, heal.SafetyViolation, ""}},
	{[]string{"model_not_found", "model not found", "does not exist or you do not have access"}, Cause{SituationFailed, heal.ConfigurationError, ""}},
	{[]string{"server_error", "internal_server", "internal server error", "service unavailable", "bad gateway"}, Cause{SituationFailed, heal.DependencyFailure, heal.Outage}},
	{[]string{"connection", "disconnected", "timed out", "timeout", "econnrefused", "fetch failed", "network", "stream_error"}, Cause{SituationFailed, heal.CommunicationError, heal.Outage}},
}

// CauseOf says what an error means: by the words that name a cause, else by its number.
func CauseOf(e Event) Cause {
	text := strings.ToLower(e.Status + " " + e.Detail + " " + e.Text)
	for _, s := range signs[:2] { // a request that cannot work is told by words alone, whatever the number is
		if hasAny(text, s.words) {
			return s.cause
		}
	}
	switch n := status(e); {
	case n == 401 || n == 403:
		return Cause{SituationCredentials, heal.ConfigurationError, heal.Auth}
	case n == 402:
		return Cause{SituationFailed, heal.ResourceExhaustion, heal.Billing}
	case n == 429 && !hasAny(text, signs[2].words):
		return Cause{SituationLimited, heal.DependencyFailure, heal.RateLimit}
	case n == 529:
		return Cause{SituationFailed, heal.DependencyFailure, heal.Overload}
	case n == 404:
		return Cause{SituationFailed, heal.ConfigurationError, ""}
	case n == 408:
		return Cause{SituationFailed, heal.CommunicationError, heal.Outage}
	case n >= 500:
		return Cause{SituationFailed, heal.DependencyFailure, heal.Outage}
	}
	for _, s := range signs[2:] {
		if hasAny(text, s.words) {
			return s.cause
		}
	}
	return Cause{SituationFailed, heal.Unknown, ""}
}

func hasAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
