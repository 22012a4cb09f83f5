package mcp

import (
	"context"
	"errors"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"healer-sidecar/internal/heal"
)

type progressIn struct {
	Progress float64 `json:"progress" jsonschema:"a number that grows with what was achieved"`
	Status   string  `json:"status,omitempty" jsonschema:"words for people"`
}

type failureIn struct {
	Type     string   `json:"type" jsonschema:"one of the ten error types, or unknown"`
	Message  string   `json:"message" jsonschema:"what failed"`
	Severity *float64 `json:"severity,omitempty" jsonschema:"0 to 1"`
}

type safePointIn struct {
	Safe bool `json:"safe" jsonschema:"true: an interruption costs little now"`
}

type leaseIn struct {
	Seconds float64 `json:"seconds" jsonschema:"at most 900; 0 ends it"`
}

type avoidOut struct {
	Failures []patternView `json:"failures"`
	Omitted  int           `json:"omitted,omitempty"`
}

// report registers a tool whose call becomes one report of the agent.
func report[In any](s *sdk.Server, to Reporter, name, what string, idempotent bool, say func(In) map[string]any) {
	tool := &sdk.Tool{Name: name, Description: what, Annotations: acting(false, idempotent)}
	sdk.AddTool(s, tool, func(ctx context.Context, _ *sdk.CallToolRequest, in In) (*sdk.CallToolResult, any, error) {
		if err := to.Report(ctx, say(in)); err != nil {
			return nil, nil, err
		}
		return nil, actOut{true, name}, nil
	})
}

func addSelf(s *sdk.Server, o Options) {
	agent, to := o.Self.Agent, o.Self.Reporter
	read(s, "why_was_i_restarted", "Explain your last incident and what was done", func(ctx context.Context, _ struct{}) (any, error) {
		if o.Reader == nil {
			return nil, errNoReader
		}
		return tell(ctx, o.Reader, "", agent)
	})
	read(s, "what_to_avoid", "Show which of your failures were seen before and what helped", func(ctx context.Context, _ struct{}) (any, error) {
		if o.Reader == nil {
			return nil, errNoReader
		}
		all, err := o.Reader.Patterns(ctx, agent)
		var out avoidOut
		all, out.Omitted = lastOf(all, maxPatterns)
		for _, p := range all {
			out.Failures = append(out.Failures, viewPattern(p))
		}
		return out, err
	})
	report(s, to, "report_progress", "Report that work advances", true, func(in progressIn) map[string]any {
		said := map[string]any{"progress": in.Progress}
		if in.Status != "" {
			said["status"] = clean(in.Status)
		}
		return said
	})
	report(s, to, "report_failure", "Report a failure that you cannot solve; you may be restarted", false, func(in failureIn) map[string]any {
		said := map[string]any{"type": heal.ErrorType(in.Type), "message": clean(in.Message)}
		if in.Severity != nil {
			said["severity"] = *in.Severity
		}
		return said
	})
	report(s, to, "safe_point", "Say whether you may be interrupted now", true, func(in safePointIn) map[string]any {
		return map[string]any{"safe_point": in.Safe}
	})
	report(s, to, "request_restart", "Ask to be restarted; this ends your run", false, func(struct{}) map[string]any {
		return map[string]any{"restart": true}
	})
	report(s, to, "lease", "Ask not to be taken for stuck for some time", true, func(in leaseIn) map[string]any {
		return map[string]any{"lease": in.Seconds}
	})
}

var errNoReader = errors.New("cannot ask the sidecar: its control socket may not be used by this agent")
