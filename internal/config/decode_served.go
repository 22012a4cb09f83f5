package config

import (
	"net"

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
