package config

import (
	"fmt"
	"net"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// decodePage reads the block of the page. It is served to this host only: whoever may see it
// from elsewhere comes through a tunnel of the operator's.
func decodePage(body hcl.Body, p *Page) hcl.Diagnostics {
	p.Listen = "127.0.0.1:9465"
	f := Open(body, []string{"listen", "hosts", "allow_actions"})
	f.Address("listen", &p.Listen)
	f.Texts("hosts", &p.Hosts)
	f.Flag("allow_actions", &p.AllowActions)
	if host, _, err := net.SplitHostPort(p.Listen); err == nil && !loopback(host) && !f.Diags.HasErrors() {
		f.Wrong("listen", "the page is for this host only", `write listen = "127.0.0.1:9465" and reach it through a tunnel`)
	}
	return f.Diags
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func decodeMetrics(body hcl.Body, m *Metrics) hcl.Diagnostics {
	m.Listen = "127.0.0.1:9464"
	f := Open(body, []string{"listen", "hosts"})
	f.Address("listen", &m.Listen)
	f.Texts("hosts", &m.Hosts)
	return f.Diags
}

// decodeAccess reads who may do what: names of users, and of groups behind an @.
func decodeAccess(b *hcl.Block, a *Access) hcl.Diagnostics {
	f := Open(b.Body, []string{"socket", "read", "act", "admin"})
	f.Text("socket", &a.Socket)
	a.Socket = Under(filepath.Dir(b.DefRange.Filename), a.Socket)
	if a.Socket == "" && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, "access opens no socket", `add socket = "/run/healer-sidecar/control.sock"`))
	}
	for name, into := range map[string]*People{"read": &a.Read, "act": &a.Act, "admin": &a.Admin} {
		f.people(name, into)
	}
	return f.Diags
}

func (f *Fields) people(name string, into *People) {
	var names []string
	f.Texts(name, &names)
	for _, who := range names {
		id, group, err := lookUp(who)
		switch {
		case err != nil:
			f.Wrong(name, fmt.Sprintf("%q is not known here", who), "name a user, or a group as in \"@operators\"")
		case group:
			into.GIDs = append(into.GIDs, id)
		default:
			into.UIDs = append(into.UIDs, id)
		}
	}
}

func lookUp(who string) (id int, group bool, err error) {
	text := ""
	if name, ok := strings.CutPrefix(who, "@"); ok {
		g, failed := user.LookupGroup(name)
		if group, err = true, failed; err == nil {
			text = g.Gid
		}
	} else {
		u, failed := user.Lookup(who)
		if err = failed; err == nil {
			text = u.Uid
		}
	}
	if err == nil {
		id, err = strconv.Atoi(text)
	}
	return id, group, err
}

func decodeOTLP(b *hcl.Block, endpoint *string) hcl.Diagnostics {
	f := Open(b.Body, []string{"endpoint"})
	f.URL("endpoint", endpoint)
	if *endpoint == "" && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, "otlp names no collector", `add endpoint = "http://127.0.0.1:4318"`))
	}
	return f.Diags
}
