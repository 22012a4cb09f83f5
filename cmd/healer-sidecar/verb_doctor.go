package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/host/inspect"
)

func verbDoctor(std streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check what this host can and cannot enforce, and how to change it",
		Example: "  healer-sidecar doctor\n  healer-sidecar doctor --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			found := inspect.Examine()
			if asJSON {
				return printJSON(std, found)
			}
			return printFindings(std, found)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printFindings(std streams, found []inspect.Finding) error {
	marks := map[inspect.Enforced]string{inspect.Enforces: "ok", inspect.Weaker: "degraded", inspect.Missing: "missing"}
	lacking := 0
	for _, f := range found {
		fmt.Fprintf(std.out, "%-8s %s: %s\n", std.paint(marks[f.State], colourOf(f.State)), f.What, f.How)
		if f.State == inspect.Enforces {
			continue
		}
		lacking++
		fmt.Fprintf(std.out, "         Impact: %s\n", f.For)
		if f.Change != "" {
			fmt.Fprintf(std.out, "         Fix: %s\n", f.Change)
		}
	}
	_, err := fmt.Fprintf(std.out, "%d of %d in full; the rest is done by weaker means or not at all, and status says so\n", len(found)-lacking, len(found))
	return err
}

func colourOf(e inspect.Enforced) colour {
	return map[inspect.Enforced]colour{inspect.Enforces: green, inspect.Weaker: yellow, inspect.Missing: red}[e]
}
