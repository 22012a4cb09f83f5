package daemon

import (
	"encoding/json"
	"strings"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/heal"
)

// Policies are what is in force for every agent, and where it is written. What is a secret by
// its form is left out, and so are all environments.
func (s *sidecar) Policies() []heal.PolicyInForce {
	var all []heal.PolicyInForce
	for _, a := range s.registry.all() {
		p := heal.PolicyInForce{Agent: a.Agent.Name, Given: map[string]string{}, Defaults: map[string]string{}}
		if a.Agent.Range.Filename != "" {
			p.File, p.Line = a.Agent.Range.Filename, a.Agent.Range.Start.Line
		}
		defaults := settings(heal.DefaultPolicy(a.Agent.Name))
		for name, value := range settings(a.Agent.Heal) {
			if defaults[name] == value {
				p.Defaults[name] = value
			} else {
				p.Given[name] = value
			}
		}
		if len(a.Agent.Command) > 0 {
			p.Given["command"] = redact.Text(strings.Join(a.Agent.Command, " "))
		}
		for _, b := range a.Agent.Detects {
			p.Detects = append(p.Detects, b.Title())
		}
		all = append(all, p)
	}
	return all
}

// settings are the fields of a policy as text.
func settings(p heal.Policy) map[string]string {
	text, err := json.Marshal(p)
	var fields map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	all := map[string]string{}
	for name, value := range fields {
		if err == nil && name != "agent" {
			all[name] = string(value)
		}
	}
	return all
}
