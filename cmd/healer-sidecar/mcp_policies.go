package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/mcp"
	"healer-sidecar/internal/offline"
)

// maxChanges bounds how many changed decisions one answer lists.
const maxChanges = 50

// offlinePolicies checks and tries policies for assistants; the running one is not touched.
type offlinePolicies struct{ stateDir string }

// Validate reads a policy as the validate verb does.
func (o offlinePolicies) Validate(text string) []mcp.Problem {
	var found []mcp.Problem
	_, err := loadText(text)
	var wrong *config.Error
	switch {
	case errors.As(err, &wrong):
		for _, d := range wrong.Problems {
			p := mcp.Problem{Error: d.Summary, Hint: d.Detail}
			if d.Subject != nil {
				p.Line = d.Subject.Start.Line
			}
			found = append(found, p)
		}
	case err != nil:
		found = append(found, mcp.Problem{Error: err.Error()})
	}
	return found
}

// Simulate makes the recorded decisions again, as the replay verb does.
func (o offlinePolicies) Simulate(ctx context.Context, text string) (mcp.Simulation, error) {
	var s mcp.Simulation
	policy, err := loadText(text)
	if err != nil {
		return s, err
	}
	events, err := offline.Recorded(o.stateDir)
	if err != nil {
		return s, err
	}
	err = offline.Replay(policy, events, func(d engine.Redecision) error {
		s.Decisions++
		if !d.Differs {
			return ctx.Err()
		}
		s.Differ++
		if len(s.Changes) == maxChanges {
			s.Omitted++
			return ctx.Err()
		}
		s.Changes = append(s.Changes, mcp.Redecision{Incident: d.Incident, Agent: d.Agent, Then: choiceText(d.Was), Now: choiceText(d.Would)})
		return ctx.Err()
	})
	return s, err
}

// loadText reads a policy from a text and checks all of it.
func loadText(text string) (*config.Policy, error) {
	dir, err := os.MkdirTemp("", "healer-policy-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "policy.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	policy, err := config.Load(path)
	if err == nil {
		err = compile.Check(policy)
	}
	return policy, err
}
