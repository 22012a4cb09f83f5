package detect

import (
	"slices"
	"strings"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procs"
)

// portsOf are the ports that the arguments of an agent name, and those of how it says that it is ready. What
// is behind a scheme is the address of another server.
func portsOf(a config.Agent) []int {
	words := slices.DeleteFunc(slices.Clone(a.Command), func(word string) bool { return strings.Contains(word, "://") })
	return classify.PortsIn(append(words, a.Ready.TCP))
}

// holder names the process that has the address which a run could not have. Where its output names no port,
// it is one that the agent is started with.
func (a *Agent) holder(t *heal.TextEvidence) {
	if !slices.ContainsFunc(t.Votes, func(v heal.Vote) bool { return v.Rule == classify.AddressInUse }) {
		return
	}
	if t.Needs != nil && len(t.Needs.Ports) > 0 {
		t.Needs.Holder = procs.HolderOf(t.Needs.Ports)
		return
	}
	if h := procs.HolderOf(a.spec.Ports); h != nil {
		needs := heal.Needs{Ports: []int{h.Port}, Holder: h}
		if t.Needs != nil {
			needs.Missing = t.Needs.Missing
		}
		t.Needs = &needs
	}
}
