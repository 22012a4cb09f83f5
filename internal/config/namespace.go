package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
)

// namedNamespaces is where ip netns keeps network namespaces by their names.
const namedNamespaces = "/run/netns"

// checkNamespaces finds agents that could not be cut off the network alone.
func checkNamespaces(agents []Agent) hcl.Diagnostics {
	var diags hcl.Diagnostics
	first := map[string]string{}
	for _, a := range agents {
		namespace := a.Isolate.Namespace
		switch other, shared := first[namespace]; {
		case namespace == "":
		case a.Attach != nil:
			diags = append(diags, Problem(a.Range, fmt.Sprintf("agent %q is attached to, and cannot be started in a network namespace", a.Name), "remove namespace from its isolate block"))
		case shared:
			diags = append(diags, Problem(a.Range, fmt.Sprintf("agents %q and %q have the same network namespace", other, a.Name), "give each one of its own: what is cut off is all of it"))
		}
		first[namespace] = a.Name
	}
	return diags
}
