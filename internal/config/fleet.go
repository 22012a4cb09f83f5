package config

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Fleet is the fleet that this host belongs to, and how much of it may be touched at once.
type Fleet struct {
	// Servers are NATS addresses, tried in turn.
	Servers []string
	// Credentials is a file with an nkey seed, or a .creds file.
	Credentials string
	TLS         FleetTLS
	// Group is shared by hosts with the same budgets and causes, Host the name of this one in it.
	Group, Host string
	Budget      FleetBudget
}

// FleetTLS are PEM files; empty ones use the system's authorities and no client certificate.
type FleetTLS struct{ CA, Cert, Key string }

// FleetBudget bounds what the hosts of a group do together.
type FleetBudget struct {
	// Disruptions is the share in percent of the hosts that may take a running agent away at the
	// same moment.
	Disruptions float64
	// StartsPerSecond is the rate of starts after a common cause.
	StartsPerSecond float64
	// StopAbove is the share in percent of unwell hosts above which only one of them acts.
	StopAbove float64
}

// DefaultFleetBudget holds without a budget block.
var DefaultFleetBudget = FleetBudget{Disruptions: 10, StartsPerSecond: 5, StopAbove: 50}

func decodeFleet(b *hcl.Block, into **Fleet) hcl.Diagnostics {
	name, _ := os.Hostname()
	name, _, _ = strings.Cut(name, ".")
	fleet := &Fleet{Servers: []string{"nats://127.0.0.1:4222"}, Group: "default", Host: subjectToken(name), Budget: DefaultFleetBudget}
	f := Open(b.Body, []string{"servers", "credentials", "group", "host"}, BlockType{"tls", 0}, BlockType{"budget", 0})
	dir := filepath.Dir(b.DefRange.Filename)
	f.Texts("servers", &fleet.Servers)
	f.Text("credentials", &fleet.Credentials)
	fleet.Credentials = Under(dir, fleet.Credentials)
	f.token("group", &fleet.Group)
	f.token("host", &fleet.Host)
	f.once("tls", func(inner hcl.Body) hcl.Diagnostics { return decodeFleetTLS(inner, dir, &fleet.TLS) })
	f.once("budget", func(inner hcl.Body) hcl.Diagnostics { return decodeFleetBudget(inner, &fleet.Budget) })
	if !f.Diags.HasErrors() {
		f.servers(fleet)
	}
	if fleet.Credentials == "" && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, "fleet has no credentials", `add credentials = "fleet.nk": healer-hub join HOST makes the file`))
	}
	*into = fleet
	return f.Diags
}

// servers refuses addresses that would carry keys and events over a network in the clear.
func (f *Fields) servers(fleet *Fleet) {
	if len(fleet.Servers) == 0 {
		f.Wrong("servers", "servers is empty", `write servers = ["nats://127.0.0.1:4222"]`)
	}
	for _, text := range fleet.Servers {
		u, err := url.Parse(text)
		if err != nil || !slices.Contains([]string{"nats", "tls"}, u.Scheme) || u.Hostname() == "" {
			f.Wrong("servers", fmt.Sprintf("%q is not an address of a NATS server", text), `write it as in "nats://127.0.0.1:4222" or "tls://hub.example:4222"`)
			continue
		}
		if u.User != nil {
			f.Wrong("servers", "an address with a password in it", "use credentials")
		}
		if u.Scheme != "tls" && !loopback(u.Hostname()) && fleet.TLS == (FleetTLS{}) {
			f.Wrong("servers", fmt.Sprintf("%q is not encrypted", text), "write tls:// instead of nats://: without TLS only loopback is allowed")
		}
	}
}

// token reads a name that becomes a part of a subject.
func (f *Fields) token(name string, into *string) {
	f.Text(name, into)
	if *into == "" || len(*into) > maxToken || subjectToken(*into) != *into {
		f.Wrong(name, fmt.Sprintf("%s = %q is not a valid name", name, *into), "use up to 63 letters, digits, dashes and underscores")
	}
}

// maxToken bounds a name in a subject.
const maxToken = 63

// subjectToken is a name as one part of a subject: what may not be in one becomes a dash.
func subjectToken(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, name), "-_")
}

func decodeFleetTLS(body hcl.Body, dir string, t *FleetTLS) hcl.Diagnostics {
	f := Open(body, []string{"ca", "cert", "key"})
	for name, into := range map[string]*string{"ca": &t.CA, "cert": &t.Cert, "key": &t.Key} {
		f.Text(name, into)
		*into = Under(dir, *into)
	}
	if (t.Cert == "") != (t.Key == "") && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(f.where, "tls has a cert without a key, or a key without a cert", "give both, or neither"))
	}
	return f.Diags
}

func decodeFleetBudget(body hcl.Body, b *FleetBudget) hcl.Diagnostics {
	f := Open(body, []string{"disruptions", "starts_per_second", "stop_above"})
	for name, into := range map[string]*float64{"disruptions": &b.Disruptions, "stop_above": &b.StopAbove} {
		if f.Percent(name, into); *into <= 0 || *into > 100 {
			f.Wrong(name, fmt.Sprintf("%s is %v %%", name, *into), fmt.Sprintf("write more than 0 and at most 100 percent, as in %s = \"10%%\"", name))
		}
	}
	f.Number("starts_per_second", 0.01, 1000, &b.StartsPerSecond)
	return f.Diags
}
