package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"healer-sidecar/cmd/healer-sidecar/watch"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/present"
)

func verbWatch(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:     "watch",
		Short:   "Watch agents and decisions live, and act by keys",
		Example: "  healer-sidecar watch",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.dial()
			if err != nil {
				return err
			}
			if out, ok := std.out.(*os.File); !ok || !isatty.IsTerminal(out.Fd()) {
				return badInput{errors.New("cannot watch: standard output is no terminal"), "healer-sidecar events --follow writes the same into a pipe"}
			}
			return watchLive(cmd.Context(), c)
		},
	}
	f.register(cmd)
	return cmd
}

func watchLive(ctx context.Context, c *control.Client) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	m := watch.New(ctx, c)
	m.Gist = present.Gist
	m.Explain = func(incident string) string {
		story, err := storyOf(ctx, c, incident)
		if err != nil {
			return err.Error()
		}
		var text bytes.Buffer
		explainAll(&text, story)
		return text.String()
	}
	p := tea.NewProgram(m, tea.WithContext(ctx))
	go m.Follow(p.Send)
	if _, err := p.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("cannot watch: %w", err)
	}
	return nil
}
