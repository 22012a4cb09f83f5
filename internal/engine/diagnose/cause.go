package diagnose

import "healer-sidecar/internal/heal"

// causes are told by the rule that the telling line matches. One counts only when the
// failure is of its type.
var causes = map[string]struct {
	cause heal.Cause
	typ   heal.ErrorType
}{
	"rate-limit":   {heal.RateLimit, heal.DependencyFailure},
	"overloaded":   {heal.Overload, heal.DependencyFailure},
	"quota-budget": {heal.Quota, heal.ResourceExhaustion},
	"api-key":      {heal.Auth, heal.ConfigurationError},
	"login-again":  {heal.Auth, heal.ConfigurationError},

	"billing":         {heal.Billing, heal.ResourceExhaustion},
	"program-missing": {heal.Missing, heal.ConfigurationError},
	"exec-missing":    {heal.Missing, heal.ConfigurationError},
	"module-missing":  {heal.Missing, heal.DependencyFailure},
	"clock":           {heal.Clock, heal.ConfigurationError},
	"context-window":  {heal.Context, heal.ResourceExhaustion},
	"local-ports":     {heal.Ports, heal.ResourceExhaustion},

	"address-in-use": {heal.Busy, heal.ConfigurationError},
}

// lasting are the rules for what an agent depends on or talks to that time alone does not mend:
// something is missing or broken on this side. Everything else of these types is an outage.
var lasting = map[string]bool{
	"module-missing": true, "shared-library": true, "storage-io": true, "tls": true, "broken-pipe": true, "protocol": true,
}
