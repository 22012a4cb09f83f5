package mcp

import (
	"context"
	"fmt"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxPolicy bounds the text of a policy in bytes, as the loader does.
const maxPolicy = 1 << 20

type policyIn struct {
	Policy string `json:"policy" jsonschema:"the whole policy in HCL"`
}

type validOut struct {
	Valid    bool      `json:"valid"`
	Problems []Problem `json:"problems,omitempty"`
}

func addPolicies(s *sdk.Server, o Options) {
	if o.Policies == nil {
		return
	}
	read(s, "healer_validate", "Check a policy and list its mistakes", func(_ context.Context, in policyIn) (any, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		found := o.Policies.Validate(in.Policy)
		return validOut{len(found) == 0, found}, nil
	})
	read(s, "healer_simulate", "Try a policy on the recorded decisions and show those that differ", func(ctx context.Context, in policyIn) (any, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		return o.Policies.Simulate(ctx, in.Policy)
	})
}

func (in policyIn) check() error {
	if len(in.Policy) > maxPolicy {
		return fmt.Errorf("cannot read policy: it is longer than %d bytes", maxPolicy)
	}
	return nil
}
