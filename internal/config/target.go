package config

import (
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// Target is something that can be asked whether it is well; exactly one part is set.
type Target struct {
	// HTTP is an address that must answer with a status below 400, GRPC a host and port
	// that must serve the health protocol for Service, TCP one that must accept.
	HTTP, GRPC, Service, TCP string
	// DNS is a name that must resolve, File a path that must exist.
	DNS, File string
	// Command must end with 0; it runs in Dir.
	Command []string
	Dir     string
}

// Schedule says how often a target is asked, and what an answer means.
type Schedule struct {
	Every, Timeout time.Duration
	// Failures of the last Of answers make it failed.
	Failures, Of int
	// Startup is how long it may fail before it was well once.
	Startup time.Duration
}

// Dependency is something outside that agents need.
type Dependency struct {
	Name     string
	Target   Target
	Schedule Schedule
}

const (
	leastEvery   = 100 * time.Millisecond
	leastTimeout = 10 * time.Millisecond
	mostAnswers  = 100
)

// scheduleFields are the attributes of a schedule.
var scheduleFields = []string{"every", "timeout", "failures", "of", "startup"}

// ReadSchedule reads the attributes of a schedule over its defaults.
func (f *Fields) ReadSchedule(s *Schedule) {
	f.Duration("every", leastEvery, &s.Every)
	f.Duration("timeout", leastTimeout, &s.Timeout)
	f.ReadFailures(&s.Failures, &s.Of)
	f.Duration("startup", 0, &s.Startup)
}

// ReadFailures reads how many of the last answers make a failure; without of, so many
// in a row.
func (f *Fields) ReadFailures(failures, of *int) {
	f.Count("failures", 1, mostAnswers, failures)
	*of = max(*of, *failures)
	f.Count("of", 1, mostAnswers, of)
	if *of < *failures {
		f.Wrong("of", fmt.Sprintf("%d of the last %d cannot fail", *failures, *of), "make of at least failures")
	}
}

// ProbeFields are the attributes that a probe may have beside its own.
func ProbeFields(own ...string) []string { return append(own, scheduleFields...) }

// Address reads host and port.
func (f *Fields) Address(name string, into *string) {
	f.Text(name, into)
	if _, _, err := net.SplitHostPort(*into); *into != "" && err != nil {
		f.Wrong(name, fmt.Sprintf("%s = %q is no address", name, *into), fmt.Sprintf("write host and port, as in %s = \"127.0.0.1:5432\"", name))
	}
}

// URL reads an http or https address.
func (f *Fields) URL(name string, into *string) {
	f.Text(name, into)
	if u, err := url.Parse(*into); *into != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		f.Wrong(name, name+" is not an http or https address", fmt.Sprintf("write it as in %s = \"https://host/path\"", name))
	}
}

func decodeDependency(b *hcl.Block) (Dependency, hcl.Diagnostics) {
	f := Open(b.Body, ProbeFields("http", "tcp", "grpc", "service", "dns", "file", "command", "dir"))
	d := Dependency{Name: b.Labels[0], Schedule: Schedule{Every: 5 * time.Second, Timeout: 2 * time.Second, Failures: 2, Of: 2}}
	f.URL("http", &d.Target.HTTP)
	f.Address("tcp", &d.Target.TCP)
	f.Address("grpc", &d.Target.GRPC)
	f.Text("service", &d.Target.Service)
	f.Text("dns", &d.Target.DNS)
	f.directory(b, &d.Target.Dir)
	f.Text("file", &d.Target.File)
	d.Target.File = Under(d.Target.Dir, d.Target.File)
	f.Texts("command", &d.Target.Command)
	f.ReadSchedule(&d.Schedule)
	if f.given("http", "tcp", "grpc", "dns", "file", "command") != 1 && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("dependency %q names nothing to ask, or several things", d.Name), `write one of tcp = "127.0.0.1:5432", http, grpc, dns, file or command`))
	}
	return d, f.Diags
}
