package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/offline"
	"healer-sidecar/internal/profiles"
)

func verbInit(std streams) *cobra.Command {
	var pid int
	var out, name string
	var asJSON, list bool
	cmd := &cobra.Command{
		Use:   "init (--list | --pid N | -- COMMAND [ARGUMENT...])",
		Short: "Write a policy for a program, after looking at it",
		Long: `Write a policy for a command, or for a process that is running: limits from what it uses, its
port, what looks like its state. A program that is known gets the policy of its profile; --list shows
the profiles. The policy begins in shadow mode: everything is seen and nothing is done.`,
		Example: "  healer-sidecar init --out agent.hcl -- claude -p 'fix the build'\n  healer-sidecar init --pid 4711\n  healer-sidecar init --list",
		RunE: func(_ *cobra.Command, args []string) error {
			if list {
				return listProfiles(std, asJSON)
			}
			d, err := draft(pid, args)
			if err != nil {
				return err
			}
			if name != "" {
				d.Name = name
			}
			if asJSON {
				return printJSON(std, map[string]any{"agent": d.Name, "command": d.Command, "dir": d.Dir, "pid": d.PID, "listens": d.Listens, "state": d.State, "profile": d.Profile.Name, "policy": d.Text()})
			}
			return writeDraft(std, d, out)
		},
	}
	numberFlag(cmd, &pid, "pid", "", 0, 1, 1<<30, "a running process to look at")
	cmd.Flags().StringVar(&out, "out", "", "file to write; it must not exist (default: standard output)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was seen, and the policy, as JSON; nothing is written")
	cmd.Flags().BoolVar(&list, "list", false, "list the programs that have a profile")
	cmd.Flags().StringVar(&name, "name", "", "what to call the agent")
	return cmd
}

// listProfiles prints the programs that are known.
func listProfiles(std streams, asJSON bool) error {
	if asJSON {
		all := []map[string]any{}
		for _, p := range profiles.All {
			text, _ := profiles.Text(p.Name)
			all = append(all, map[string]any{"name": p.Name, "summary": p.Summary, "programs": p.Programs, "policy": text})
		}
		return printJSON(std, all)
	}
	for _, p := range profiles.All {
		if _, err := fmt.Fprintf(std.out, "%-12s %s\n", p.Name, p.Summary); err != nil {
			return err
		}
	}
	return nil
}

func draft(pid int, args []string) (offline.Draft, error) {
	switch {
	case pid == 0 && len(args) == 0, pid != 0 && len(args) > 0:
		return offline.Draft{}, badInput{errors.New("cannot look at a program: name one"), "write healer-sidecar init -- COMMAND, or --pid N"}
	case pid != 0:
		d, err := offline.LookAt(pid)
		if err != nil {
			return d, badInput{err, "name a process of yours that is running"}
		}
		return d, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return offline.Draft{}, fmt.Errorf("cannot find the present directory: %w", err)
	}
	return offline.Look(args, dir), nil
}

func writeDraft(std streams, d offline.Draft, out string) error {
	if out == "" {
		_, err := fmt.Fprint(std.out, d.Text())
		return err
	}
	if err := fsys.Create(out, []byte(d.Text())); err != nil {
		return badInput{err, "choose another file with --out"}
	}
	_, err := fmt.Fprintf(std.out, "seen: %s\nwritten: %s\nnext: healer-sidecar run --config %s\n", d.Summary(), out, out)
	return err
}
