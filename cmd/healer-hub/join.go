package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/hub"
)

// seedFile holds the secret key of a member, policyFile the block for its policy.
const seedFile, policyFile = "fleet.nk", "fleet.hcl"

// joined is what a new member needs.
type joined struct {
	hub.Member
	Seed   string `json:"seed"`
	Policy string `json:"policy,omitempty"`
}

func verbJoin(out io.Writer) *cobra.Command {
	var dir, server, into, kind string
	var replace, asJSON bool
	m := hub.Member{}
	cmd := &cobra.Command{
		Use: "join NAME", Short: "Make a key for a host or a person, and print what they need; a running hub accepts it within a second",
		Args:    cobra.ExactArgs(1),
		Example: "  healer-hub join web-17 --group web\n  healer-hub join alice --kind operator --write ~/.config/healer",
		RunE: func(_ *cobra.Command, args []string) error {
			m.Name, m.Kind = args[0], hub.Kind(kind)
			if m.Kind != hub.KindHost {
				m.Group = ""
			}
			book, err := hub.OpenBook(dir)
			if err != nil {
				return err
			}
			seed, made, err := book.Add(m, replace)
			if errors.Is(err, hub.ErrMember) {
				return fmt.Errorf("cannot add %s %q: it has joined already; --replace makes a new key and refuses the old one", m.Kind, m.Name)
			}
			if err != nil {
				return err
			}
			return tell(out, joined{Member: made, Seed: seed, Policy: block(made, server)}, into, asJSON)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", defaultDir, "folder of the hub")
	cmd.Flags().StringVar(&m.Group, "group", "default", "group of the host: hosts of one group share budgets and causes")
	cmd.Flags().StringVar(&server, "server", "nats://"+defaultListen, "address at which the host reaches the hub")
	cmd.Flags().StringVar(&kind, "kind", "host", "host, operator or reader (a person who looks only)")
	cmd.Flags().StringVar(&into, "write", "", "write fleet.nk and fleet.hcl into this folder instead of printing the key")
	cmd.Flags().BoolVar(&replace, "replace", false, "replace the key of a member that has joined already")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// block is the fleet block of a host's policy.
func block(m hub.Member, server string) string {
	if m.Kind != hub.KindHost {
		return ""
	}
	return fmt.Sprintf("fleet {\n  servers     = [%q]\n  credentials = %q\n  group       = %q\n  host        = %q\n}\n", server, seedFile, m.Group, m.Name)
}

func tell(out io.Writer, j joined, into string, asJSON bool) error {
	if into != "" {
		return write(out, j, into)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(j)
	}
	fmt.Fprintf(out, "# %s, mode 0600. It is shown once and kept nowhere:\n%s\n", seedFile, j.Seed)
	if j.Policy != "" {
		fmt.Fprintf(out, "\n# beside it, in the policy of %s:\n%s", j.Name, j.Policy)
	}
	fmt.Fprintf(out, "\n# public key, for the access block of hosts that should obey it:\n# %s\n", j.Key)
	return nil
}

func write(out io.Writer, j joined, into string) error {
	if err := os.MkdirAll(into, 0o700); err != nil {
		return fmt.Errorf("cannot make folder: %w", err)
	}
	if err := fsys.Replace(filepath.Join(into, seedFile), []byte(j.Seed+"\n")); err != nil {
		return err
	}
	if j.Policy != "" {
		if err := fsys.Replace(filepath.Join(into, policyFile), []byte(j.Policy)); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, j.Key)
	return nil
}

// sample is a host whose permissions prepare prints.
func sample(group, name string) string {
	return schema.HostPermissions(group, name).Text("U...")
}
