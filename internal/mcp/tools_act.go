package mcp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"healer-sidecar/internal/heal"
)

// actions are the orders that an assistant may give. Approve and refuse are missing on purpose: the
// answer to a question that the policy asks a person must come from a person.
var actions = []struct {
	command     heal.Command
	what        string
	destructive bool
	idempotent  bool
	incident    bool
}{
	{heal.CommandStart, "Start an agent that is down", false, true, false},
	{heal.CommandStop, "Stop an agent; it stays stopped until started", true, true, false},
	{heal.CommandRestart, "Stop and start an agent", true, false, false},
	{heal.CommandHold, "Leave an agent as it is, without healing, until released", false, true, false},
	{heal.CommandIsolate, "Freeze an agent and keep evidence, until released", true, true, false},
	{heal.CommandRelease, "Resume a held or isolated agent", false, true, false},
	{heal.CommandAck, "Acknowledge an incident and silence its notifications", false, true, true},
}

type actIn struct {
	Agent  string `json:"agent" jsonschema:"the agent"`
	Reason string `json:"reason" jsonschema:"why; it is recorded"`
}

type ackIn struct {
	Incident string `json:"incident"`
	Reason   string `json:"reason" jsonschema:"why; it is recorded"`
}

type actOut struct {
	Done  bool   `json:"done"`
	Order string `json:"order"`
}

func addOrders(s *sdk.Server, o Options) {
	for _, a := range actions {
		tool := &sdk.Tool{Name: "healer_" + string(a.command), Description: a.what, Annotations: acting(a.destructive, a.idempotent)}
		if a.incident {
			sdk.AddTool(s, tool, func(ctx context.Context, req *sdk.CallToolRequest, in ackIn) (*sdk.CallToolResult, any, error) {
				return o.give(ctx, req, heal.Order{Command: a.command, Incident: in.Incident}, in.Reason)
			})
			continue
		}
		sdk.AddTool(s, tool, func(ctx context.Context, req *sdk.CallToolRequest, in actIn) (*sdk.CallToolResult, any, error) {
			if in.Agent == "" {
				return nil, nil, fmt.Errorf("cannot %s: no agent is named", a.command)
			}
			return o.give(ctx, req, heal.Order{Command: a.command, Agent: in.Agent}, in.Reason)
		})
	}
}

// give carries an order to the sidecar, which decides by its access classes whether this user may
// give it. The record names the user and the client.
func (o Options) give(ctx context.Context, req *sdk.CallToolRequest, order heal.Order, why string) (*sdk.CallToolResult, any, error) {
	if why = clean(why); why == "" {
		return nil, nil, errors.New("cannot give order: a reason is required; it is recorded with the order")
	}
	order.Reason = why
	order.Via = clientOf(req)
	if o.User != "" {
		order.Via = o.User + " by way of " + order.Via
	}
	if err := o.Orders.Order(ctx, order); err != nil {
		return nil, nil, err
	}
	return nil, actOut{true, strings.TrimSpace(string(order.Command) + " " + order.Agent + order.Incident)}, nil
}

// clientOf names the client as it names itself; that proves nothing.
func clientOf(req *sdk.CallToolRequest) string {
	info := req.ClientInfo()
	if info == nil || clean(info.Name) == "" {
		return "an MCP client"
	}
	return clean(info.Name + " " + info.Version)
}
