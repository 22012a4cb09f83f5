package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host/fsys"
)

func verbFmt(std streams) *cobra.Command {
	var check, asJSON bool
	cmd := &cobra.Command{
		Use:     "fmt FILE...",
		Short:   "Write policies in the canonical layout; what they say stays the same",
		Example: "  healer-sidecar fmt agent.hcl\n  healer-sidecar fmt --check agent.hcl",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			changed := []string{}
			for _, file := range files {
				differs, err := format(file, check)
				if err != nil {
					return err
				}
				if differs {
					changed = append(changed, file)
				}
			}
			if err := printChanged(std, changed, asJSON); err != nil {
				return err
			}
			if check && len(changed) > 0 {
				return badInput{errors.New("cannot accept the layout of these files"), "run healer-sidecar fmt on them"}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the files that differ as JSON")
	cmd.Flags().BoolVar(&check, "check", false, "change nothing; fail when a file would be changed")
	return cmd
}

func printChanged(std streams, files []string, asJSON bool) error {
	if asJSON {
		return printJSON(std, files)
	}
	for _, file := range files {
		fmt.Fprintln(std.out, file)
	}
	return nil
}

// format lays a file out, in place unless it is only checked.
func format(file string, check bool) (bool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return false, badInput{fmt.Errorf("cannot format %s: %w", file, err), "name a policy"}
	}
	laid, err := config.Format(text, file)
	if err != nil {
		return false, runError(err)
	}
	if bytes.Equal(text, laid) || check {
		return !bytes.Equal(text, laid), nil
	}
	return true, fsys.Rewrite(file, laid)
}
