package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fleetOf loads a policy with a fleet block.
func fleetOf(t *testing.T, block string) (*Policy, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.hcl")
	if err := os.WriteFile(path, []byte("agent \"a\" {\n  command = [\"true\"]\n}\n"+block), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestFleetBlock(t *testing.T) {
	p, err := fleetOf(t, `fleet {
  servers     = ["tls://hub.example:4222", "nats://127.0.0.1:4222"]
  credentials = "fleet.nk"
  group       = "web"
  host        = "web-17"
  budget {
    disruptions       = "20%"
    starts_per_second = 0.5
  }
}`)
	if err != nil {
		t.Fatal(err)
	}
	want := FleetBudget{Disruptions: 20, StartsPerSecond: 0.5, StopAbove: 50}
	if f := p.Fleet; f.Group != "web" || f.Host != "web-17" || f.Budget != want || !filepath.IsAbs(f.Credentials) || !p.Host.Fleet {
		t.Errorf("got %+v", p.Fleet)
	}
	alone, err := fleetOf(t, "")
	if err != nil || alone.Fleet != nil || alone.Host.Fleet {
		t.Errorf("without the block there is a fleet: %+v, %v", alone.Fleet, err)
	}
}

// TestFleetRefuses: each mistake is one sentence that names the remedy.
func TestFleetRefuses(t *testing.T) {
	for name, c := range map[string]struct{ block, want string }{
		"no key":       {`fleet { servers = ["nats://127.0.0.1:4222"] }`, "healer-hub join HOST makes the file"},
		"in the clear": {"fleet {\n servers = [\"nats://hub.example:4222\"]\n credentials = \"k\"\n}", "write tls://"},
		"no server":    {"fleet {\n servers = [\"http://hub\"]\n credentials = \"k\"\n}", "not an address of a NATS server"},
		"password":     {"fleet {\n servers = [\"tls://a:b@hub\"]\n credentials = \"k\"\n}", "use credentials"},
		"empty":        {"fleet {\n servers = []\n credentials = \"k\"\n}", "servers is empty"},
		"group":        {"fleet {\n credentials = \"k\"\n group = \"web.eu\"\n}", "use up to 63 letters"},
		"host":         {"fleet {\n credentials = \"k\"\n host = \"*\"\n}", "use up to 63 letters"},
		"half tls":     {"fleet {\n credentials = \"k\"\n tls { cert = \"c\" }\n}", "give both, or neither"},
		"share":        {"fleet {\n credentials = \"k\"\n budget { disruptions = \"101%\" }\n}", "at most 100 percent"},
		"rate":         {"fleet {\n credentials = \"k\"\n budget { starts_per_second = 0 }\n}", "must lie between"},
		"unknown":      {"fleet {\n credentials = \"k\"\n grp = \"x\"\n}", "group"},
	} {
		_, err := fleetOf(t, c.block)
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error()+" "+wrong.Hint(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
