package mcp

import (
	"context"
	"fmt"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"healer-sidecar/internal/heal"
)

const (
	// maxEvents, maxLines and maxPatterns bound one answer.
	maxEvents, maxLines, maxPatterns = 200, 200, 50
	// usualEvents and usualLines are given when no number is asked for.
	usualEvents, usualLines = 50, 40
)

type agentIn struct {
	Agent string `json:"agent,omitempty" jsonschema:"only this agent"`
}

type explainIn struct {
	Incident string `json:"incident,omitempty" jsonschema:"default: the latest"`
	Agent    string `json:"agent,omitempty" jsonschema:"the latest of this agent"`
}

type eventsIn struct {
	After uint64 `json:"after,omitempty" jsonschema:"only after this sequence number"`
	Agent string `json:"agent,omitempty"`
	Kind  string `json:"kind,omitempty"`
	Last  int    `json:"last,omitempty" jsonschema:"1 to 200, default 50"`
}

type eventsOut struct {
	Events  []eventView `json:"events"`
	Omitted int         `json:"omitted,omitempty"`
}

type logsIn struct {
	Agent string `json:"agent"`
	Last  int    `json:"last,omitempty" jsonschema:"1 to 200 lines, default 40"`
}

type logsOut struct {
	Agent     string   `json:"agent"`
	Untrusted []string `json:"untrusted"`
	Omitted   int      `json:"omitted,omitempty"`
}

type patternsOut struct {
	Patterns []patternView `json:"patterns"`
	Omitted  int           `json:"omitted,omitempty"`
}

type statsOut struct {
	Errors              int                    `json:"errors"`
	ErrorsLastHour      int                    `json:"errors_last_hour"`
	ByType              map[heal.ErrorType]int `json:"by_type"`
	ActiveRecoveries    int                    `json:"active_recoveries"`
	Outcomes            map[heal.Outcome]int   `json:"outcomes"`
	MeanRecoverySeconds float64                `json:"mean_recovery_seconds,omitempty"`
}

// read registers a tool that only reads.
func read[In any](s *sdk.Server, name, what string, ask func(context.Context, In) (any, error)) {
	tool := &sdk.Tool{Name: name, Description: what, Annotations: readOnly()}
	sdk.AddTool(s, tool, func(ctx context.Context, _ *sdk.CallToolRequest, in In) (*sdk.CallToolResult, any, error) {
		out, err := ask(ctx, in)
		return nil, out, err
	})
}

func addReads(s *sdk.Server, o Options) {
	read(s, "healer_status", "Show the health of all agents, or of one", func(ctx context.Context, in agentIn) (any, error) {
		status, err := o.Reader.Status(ctx)
		if err != nil {
			return nil, err
		}
		v := viewStatus(status, in.Agent)
		if in.Agent != "" && len(v.Agents) == 0 {
			return nil, fmt.Errorf("cannot show agent %q: there is no such agent", in.Agent)
		}
		return v, nil
	})
	read(s, "healer_explain", "Explain an incident: cause, attempts, what comes next", func(ctx context.Context, in explainIn) (any, error) {
		return tell(ctx, o.Reader, in.Incident, in.Agent)
	})
	read(s, "healer_events", "List recent events", func(ctx context.Context, in eventsIn) (any, error) {
		return events(ctx, o.Reader, in)
	})
	read(s, "healer_logs", "Show the last output of an agent", func(ctx context.Context, in logsIn) (any, error) {
		return logs(ctx, o.Reader, in)
	})
	read(s, "healer_patterns", "Show which strategies helped against which failures", func(ctx context.Context, in agentIn) (any, error) {
		all, err := o.Reader.Patterns(ctx, in.Agent)
		var out patternsOut
		all, out.Omitted = lastOf(all, maxPatterns)
		for _, p := range all {
			out.Patterns = append(out.Patterns, viewPattern(p))
		}
		return out, err
	})
	read(s, "healer_stats", "Show totals over all incidents", func(ctx context.Context, _ struct{}) (any, error) {
		t, err := o.Reader.Stats(ctx)
		return statsOut{t.Errors, t.LastHour, t.ByType, t.Active, t.Outcomes, seconds(t.MeanRecovery)}, err
	})
}

// between checks how many records are asked for.
func between(asked, usual, most int) (int, error) {
	switch {
	case asked == 0:
		return usual, nil
	case asked < 0 || asked > most:
		return 0, fmt.Errorf("cannot show the last %d: ask for 1 to %d", asked, most)
	}
	return asked, nil
}

func events(ctx context.Context, r Reader, in eventsIn) (eventsOut, error) {
	out := eventsOut{Events: []eventView{}}
	last, err := between(in.Last, usualEvents, maxEvents)
	if err != nil {
		return out, err
	}
	err = r.Events(ctx, in.After, false, func(e heal.Event) bool {
		if (in.Agent == "" || e.Agent == in.Agent) && (in.Kind == "" || string(e.Kind) == in.Kind) {
			out.Events = append(out.Events, viewEvent(e))
		}
		if len(out.Events) > 2*maxEvents { // bounded memory over a long journal
			out.Omitted += len(out.Events) - last
			out.Events = append(out.Events[:0], out.Events[len(out.Events)-last:]...)
		}
		return true
	})
	kept, omitted := lastOf(out.Events, last)
	return eventsOut{kept, out.Omitted + omitted}, err
}

func logs(ctx context.Context, r Reader, in logsIn) (logsOut, error) {
	out := logsOut{Agent: in.Agent, Untrusted: []string{}}
	last, err := between(in.Last, usualLines, maxLines)
	if err != nil {
		return out, err
	}
	err = r.Logs(ctx, heal.LogQuery{Agent: in.Agent, Last: last}, func(l heal.LogLine) bool {
		out.Untrusted = append(out.Untrusted, l.Stream+": "+clean(l.Text))
		return len(out.Untrusted) <= 4*maxLines
	})
	out.Untrusted, out.Omitted = lastOf(out.Untrusted, last)
	return out, err
}
