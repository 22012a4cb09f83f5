package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "healer-sidecar/"

// allowed is the import table of docs/design/0001-architecture.md: what each
// folder below internal may import from this module. A folder that is not listed
// may not exist.
var allowed = map[string][]string{
	"heal":              {},
	"corpus":            {"heal"},
	"host":              {},
	"host/kernel":       {},
	"host/fsys":         {"host/kernel"},
	"host/procfs":       {"heal", "host/kernel"},
	"host/cgroup":       {"host/kernel", "host/procfs"},
	"host/netblock":     {"host/cgroup"},
	"host/procs":        {"heal", "host/cgroup", "host/fsys", "host/kernel", "host/netblock", "host/procfs"},
	"host/sampling":     {"host/cgroup", "host/kernel", "host/procfs", "host/procs"},
	"host/inspect":      {"host/cgroup", "host/fsys", "host/procs", "host/sampling"},
	"config":            {"heal", "config/bodies", "profiles"},
	"config/bodies":     {},
	"engine":            {"heal", "engine/cascade", "engine/diagnose", "engine/gate", "engine/ledger", "engine/learn", "engine/plan"},
	"match":             {},
	"match/matchtest":   {},
	"classify":          {"heal", "match", "classify/linear", "classify/rules", "classify/redact", "classify/wait"},
	"classify/linear":   {"heal"},
	"classify/rules":    {"heal"},
	"classify/redact":   {"match"},
	"classify/wait":     {},
	"engine/mine":       {},
	"engine/cascade":    {},
	"engine/diagnose":   {"heal"},
	"engine/gate":       {"heal"},
	"engine/learn":      {"heal"},
	"engine/ledger":     {"heal", "engine/learn", "engine/mine"},
	"engine/plan":       {"heal", "engine/gate", "engine/learn"},
	"stdio":             {"heal", "host/fsys", "host/procs"},
	"stdio/console":     {},
	"supervisor":        {"heal", "config", "host/cgroup", "host/fsys", "host/kernel", "host/netblock", "host/procfs", "host/procs", "host/sampling"},
	"detect":            {"heal", "config", "host/kernel", "host/procfs", "host/procs", "host/sampling", "match", "classify", "classify/redact", "classify/rules", "detect/follow", "detect/forecast", "detect/steps", "detect/inbox", "detect/probe", "detect/unresolved", "session", "session/adapters"},
	"detect/probe":      {"config", "host/kernel", "host/procs", "host/sampling"},
	"detect/inbox":      {"heal"},
	"detect/forecast":   {},
	"detect/steps":      {},
	"detect/unresolved": {"heal", "match", "detect/steps"},
	"detect/follow":     {"heal", "host/fsys", "host/kernel"},
	"actions":           {"heal", "config", "match", "host/cgroup", "host/fsys", "host/kernel", "host/procfs", "host/procs", "host/sampling", "notify", "snapshot", "httpjson"},
	"notify":            {"heal", "config", "host/fsys", "host/kernel", "host/procs", "present", "httpjson"},
	"snapshot":          {"config", "host/fsys"},
	"journal":           {"heal", "host/fsys"},
	"statedir":          {"host/fsys"},
	"control":           {"heal", "config", "host/kernel", "httpjson"},
	"web":               {"heal", "present", "httpjson"},
	"present":           {"heal", "classify/redact"},
	"httpjson":          {},
	"fleet":             {"heal", "config", "host/fsys", "fleet/schema"},
	"fleet/schema":      {},
	"hub":               {"host/fsys", "fleet/schema"},
	"otlp":              {"heal", "httpjson"},
	"drill":             {"heal", "host/cgroup", "host/fsys", "host/kernel", "host/netblock", "host/procfs", "host/sampling"},
	"telemetry":         {"heal", "host/fsys", "telemetry/reading"},

	"telemetry/reading": {"heal"},
	"metrics":           {"heal", "host/sampling"},
	"mcp":               {"heal"},
	"simulate":          {"heal", "classify", "engine", "engine/ledger"},
	"offline":           {"classify", "compile", "config", "corpus", "detect/forecast", "detect/steps", "engine", "engine/diagnose", "engine/ledger", "engine/plan", "heal", "host/inspect", "host/sampling", "journal", "launch", "profiles", "statedir"},
	"compile":           {"classify", "classify/rules", "config", "detect", "heal", "host/fsys", "supervisor"},
	"launch":            {"host/fsys"},
	"logging":           {"host/kernel"},
	"daemon":            {"*"},

	"session":          {"heal", "classify/wait", "detect/steps"},
	"session/adapters": {"config", "session"},
	"session/modelapi": {},
	"profiles":         {},
}

// homes says in which folders, and those below them, a library may be imported at all.
var homes = map[string][]string{
	"github.com/shirou/gopsutil":      {"host/procfs", "host/procs", "host/sampling", "host/inspect"},
	"github.com/hashicorp/hcl":        {"config", "config/bodies", "detect", "actions", "supervisor", "compile", "offline", "daemon", "session/adapters"},
	"github.com/zclconf/go-cty":       {"config", "config/bodies", "offline", "daemon"},
	"github.com/fsnotify/fsnotify":    {"detect/follow"},
	"github.com/containerd/cgroups":   {"host/cgroup"},
	"github.com/hashicorp/go-hclog":   {"daemon", "logging", "offline", "compile", "actions", "control", "notify", "otlp"},
	"github.com/google/nftables":      {"host/netblock", "host/inspect"},
	"github.com/creack/pty":           {"host/procs"},
	"go.opentelemetry.io/proto":       {"otlp", "telemetry", "telemetry/reading"},
	"google.golang.org/protobuf":      {"otlp", "telemetry"},
	"github.com/invopop/jsonschema":   {"control"},
	"github.com/prometheus":           {"metrics"},
	"github.com/google/renameio":      {"host/fsys"},
	"github.com/nicholas-fedor":       {"notify"},
	"github.com/coreos/go-systemd":    {"daemon"},
	"github.com/nats-io/nats-server":  {"hub"},
	"github.com/nats-io/nats.go":      {"fleet", "fleet/schema", "hub", "../cmd/healer-hub"},
	"github.com/nats-io/nkeys":        {"fleet", "hub"},
	"github.com/spf13/cobra":          {"../cmd/healer-sidecar", "../cmd/healer-hub"},
	"github.com/modelcontextprotocol": {"mcp", "../cmd/healer-sidecar"},
	"charm.land":                      {"../cmd/healer-sidecar", "../cmd/healer-sidecar/watch"},
	"github.com/rogpeppe/go-internal": {"../cmd/healer-sidecar"},
	"golang.org/x/sys":                {"host", "stdio", "journal", "control", "match"},
}

// pure folders take the time as an argument and touch nothing outside.
var pure = []string{"match", "classify", "classify/linear", "classify/rules", "classify/redact", "classify/wait", "detect/forecast", "detect/steps", "detect/unresolved", "session", "heal", "present", "telemetry/reading", "engine/diagnose", "engine/gate", "engine/learn", "engine/ledger", "engine/mine", "engine/plan", "engine"}

// impure names the one file of the pure folders that may run goroutines and read
// the clock.
const impure = "engine/loop.go"

var forbiddenInPure = []string{"os", "os/exec", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "syscall"}

type source struct {
	path, dir string
	imports   []string
}

func sources(t *testing.T, root string) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(path), dir: filepath.ToSlash(filepath.Dir(path))}
		for _, spec := range file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			s.imports = append(s.imports, name)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatalf("cannot read the sources: %v", err)
	}
	return all
}

func TestImportsPointDown(t *testing.T) {
	for _, s := range sources(t, ".") {
		may, listed := allowed[s.dir]
		if !listed {
			t.Errorf("%s: folder %q is not in the import table", s.path, s.dir)
			continue
		}
		for _, imp := range s.imports {
			inner, ours := strings.CutPrefix(imp, module+"internal/")
			if ours && inner != s.dir && !slices.Contains(may, inner) && !slices.Contains(may, "*") {
				t.Errorf("%s imports %s: %s may import only %v", s.path, inner, s.dir, may)
			}
		}
	}
}

func TestLibrariesStayInTheirHomes(t *testing.T) {
	for _, s := range slices.Concat(sources(t, "."), sources(t, "../cmd")) {
		for _, imp := range s.imports {
			if lib, dirs := homeOf(imp); lib != "" && !slices.ContainsFunc(dirs, s.isBelow) {
				t.Errorf("%s imports %s: only %v may", s.path, imp, dirs)
			}
		}
	}
}

// isBelow reports that the file is in a folder, or in one below it.
func (s source) isBelow(dir string) bool { return s.dir == dir || strings.HasPrefix(s.dir, dir+"/") }

func homeOf(imp string) (string, []string) {
	for lib, dirs := range homes {
		if strings.HasPrefix(imp, lib) {
			return lib, dirs
		}
	}
	return "", nil
}

func TestPurePackagesTouchNothing(t *testing.T) {
	for _, s := range sources(t, ".") {
		if !slices.Contains(pure, s.dir) || s.path == impure {
			continue
		}
		for _, imp := range s.imports {
			if slices.Contains(forbiddenInPure, imp) {
				t.Errorf("%s imports %s: a pure package may not", s.path, imp)
			}
		}
	}
}
