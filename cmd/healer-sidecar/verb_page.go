package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/daemon"
)

func verbPage(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:     "page",
		Short:   "Print the address of the page, with the token that it asks for",
		Example: "  xdg-open \"$(healer-sidecar page)\"",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := f.dial()
			if err != nil {
				return err
			}
			address, err := os.ReadFile(filepath.Join(filepath.Dir(c.Path()), daemon.PageFile))
			if errors.Is(err, os.ErrNotExist) {
				return badInput{errors.New("cannot print the address: the page is off"), `add page {} to the policy and start the sidecar again`}
			}
			if err != nil {
				return fmt.Errorf("cannot print the address: %w", err)
			}
			if f.json {
				return printJSON(std, map[string]string{"address": strings.TrimSpace(string(address))})
			}
			_, err = fmt.Fprint(std.out, string(address))
			return err
		},
	}
	f.register(cmd)
	return cmd
}
