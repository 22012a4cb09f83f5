package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
			// The date is that of SOURCE_DATE_EPOCH where that is set: then the same text makes the same page.
			header := &doc.GenManHeader{Title: "HEALER-SIDECAR", Section: "1", Source: "healer-sidecar " + version, Manual: "User Commands"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("cannot write manual pages: %w", err)
			}
			return appendSections(filepath.Join(args[0], "healer-sidecar.1"))
		},
	}
}

// sections follow the page of the program; the generator of the pages knows none of them.
const sections = `.SH EXIT STATUS
.TP
.B 0
done
.TP
.B 1
it failed
.TP
.B 2
wrong usage, or a policy with errors; nothing was started
.TP
.B 126, 127
.B run
could not execute the program, or found none
.PP
.B run
and
.B attach
end with the exit code of the agent, or 128 plus the number of the signal that ended it.
.SH ENVIRONMENT
.TP
.B XDG_STATE_HOME
where state directories are made; default ~/.local/state, /var/lib for root
.TP
.B XDG_RUNTIME_DIR
where running sidecars are noted, so that commands find them
.TP
.B NO_COLOR
no colours on a terminal
.SH FILES
.TP
.I /etc/healer-sidecar/agents.hcl
the policy of the packaged service
.TP
.I STATE/healer-sidecar/NAME/control.sock
the socket of a running sidecar
.TP
.I STATE/healer-sidecar/NAME/journal
everything that was recorded
.TP
.I STATE/healer-sidecar/NAME/agents
what agents printed
`

// appendSections adds the sections to a page.
func appendSections(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(sections)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("cannot write manual page: %w", err)
	}
	return nil
}
