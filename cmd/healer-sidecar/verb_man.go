package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func verbMan(streams) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIRECTORY",
		Short:   "Write the manual pages into a directory",
		Example: "  healer-sidecar man /usr/share/man/man1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("cannot make folder: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			long := time.Unix(0, 0).UTC() // the same text makes the same page
			header := &doc.GenManHeader{Title: "HEALER-SIDECAR", Section: "1", Source: "healer-sidecar " + version, Manual: "healer-sidecar", Date: &long}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("cannot write manual pages: %w", err)
			}
			return nil
		},
	}
}
