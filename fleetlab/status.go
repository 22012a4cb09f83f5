package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// agentOf is the process of the only agent of a sidecar.
func agentOf(sidecar, state string) (int, error) {
	out, err := exec.Command(sidecar, "status", "--json", "--state-dir", state).Output()
	if err != nil {
		return 0, fmt.Errorf("cannot ask for the status: %w", err)
	}
	var status struct {
		Agents []struct {
			Process struct{ PID int }
		}
	}
	if err := json.Unmarshal(out, &status); err != nil {
		return 0, fmt.Errorf("cannot read the status: %w", err)
	}
	if len(status.Agents) != 1 || status.Agents[0].Process.PID == 0 {
		return 0, errors.New("the agent does not run")
	}
	return status.Agents[0].Process.PID, nil
}
