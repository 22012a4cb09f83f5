package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nkeys"

	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/host/fsys"
)

// membersDir holds a file for each member, below the hub's folder.
const membersDir, memberSuffix = "members", ".json"

// Kind is what a member is.
type Kind string

// A host runs a sidecar, a reader may look at everything, an operator sends orders too.
const (
	KindHost     Kind = "host"
	KindReader   Kind = "reader"
	KindOperator Kind = "operator"
)

// Member is a key that may connect.
type Member struct {
	Kind  Kind   `json:"kind"`
	Group string `json:"group,omitempty"`
	Name  string `json:"name"`
	// Key is the public part; the secret one is shown once and kept nowhere here.
	Key string `json:"key"`
}

// Permissions are what the member may do.
func (m Member) Permissions() schema.Permissions {
	if m.Kind == KindHost {
		return schema.HostPermissions(m.Group, m.Name)
	}
	return schema.OperatorPermissions(m.Key, m.Kind == KindOperator)
}

// Check refuses a member without a proper name.
func (m Member) Check() error {
	if !slices.Contains([]Kind{KindHost, KindReader, KindOperator}, m.Kind) {
		return fmt.Errorf("unknown kind of member %q", m.Kind)
	}
	if err := schema.CheckToken("name", m.Name); err != nil {
		return err
	}
	if m.Kind == KindHost {
		return schema.CheckToken("group", m.Group)
	}
	return nil
}

func (m Member) file() string {
	return strings.Join(slices.DeleteFunc([]string{string(m.Kind), m.Group, m.Name}, func(s string) bool { return s == "" }), ".") + memberSuffix
}

// Book keeps the members as files, so that one process may add some while another serves.
type Book struct{ dir string }

// OpenBook opens the book in the hub's folder, and makes it where there is none.
func OpenBook(dir string) (*Book, error) {
	b := &Book{filepath.Join(dir, membersDir)}
	for _, d := range []string{dir, b.dir} {
		if err := fsys.PrivateDir(d); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// ErrMember says that a member of that name exists.
var ErrMember = errors.New("a member of that name exists")

// Add makes a key for a member and returns its secret seed. With replace, the key of an
// earlier member of that name becomes invalid.
func (b *Book) Add(m Member, replace bool) (seed string, made Member, err error) {
	if err := m.Check(); err != nil {
		return "", m, err
	}
	path := filepath.Join(b.dir, m.file())
	if _, err := os.Stat(path); err == nil && !replace {
		return "", m, ErrMember
	}
	pair, err := nkeys.CreateUser()
	if err != nil {
		return "", m, fmt.Errorf("cannot make a key: %w", err)
	}
	secret, err := pair.Seed()
	if err != nil {
		return "", m, fmt.Errorf("cannot make a key: %w", err)
	}
	if m.Key, err = pair.PublicKey(); err != nil {
		return "", m, fmt.Errorf("cannot make a key: %w", err)
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", m, fmt.Errorf("cannot write member: %w", err)
	}
	return string(secret), m, fsys.Replace(path, append(raw, '\n'))
}

// Members lists all. A file that is no member is an error that names it.
func (b *Book) Members() ([]Member, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return nil, fmt.Errorf("cannot list members: %w", err)
	}
	var all []Member
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), memberSuffix) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(b.dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("cannot read member: %w", err)
		}
		var m Member
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, fmt.Errorf("cannot read member %s: %w", e.Name(), err)
		}
		if err := m.Check(); err != nil {
			return nil, fmt.Errorf("cannot read member %s: %w", e.Name(), err)
		}
		all = append(all, m)
	}
	return all, nil
}

// Stamp changes whenever a member was added, removed or given another key.
func (b *Book) Stamp() string {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return err.Error()
	}
	var s strings.Builder
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			fmt.Fprintf(&s, "%s %d %d\n", e.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	return s.String()
}
