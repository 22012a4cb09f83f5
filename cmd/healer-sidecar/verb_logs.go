package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/signal"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
)

// maxShown bounds what is shown of one line.
const maxShown = 64 << 10

// logFlags choose lines and how they are shown.
type logFlags struct {
	clientFlags
	query       heal.LogQuery
	raw         bool
	since, grep string

	from    time.Time
	pattern *regexp.Regexp
	named   bool
	mu      sync.Mutex // one line at a time
}

func verbLogs(std streams) *cobra.Command {
	var f logFlags
	cmd := &cobra.Command{
		Use:   "logs [AGENT...]",
		Short: "Print what agents printed, each line with its time",
		Long: "Print what agents printed, each line with its time; without a name of all agents. With several agents\n" +
			"each line begins with the name of its agent.",
		Example:           "  healer-sidecar logs researcher --last 100 --follow\n  healer-sidecar logs --since 10m --grep 'error|timeout'",
		ValidArgsFunction: f.agents,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.prepare(); err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			targets, err := f.sources(ctx, args)
			if err != nil {
				return err
			}
			f.named = len(targets) > 1
			return f.read(ctx, std, targets)
		},
	}
	f.registerPast(cmd)
	numberFlag(cmd, &f.query.Last, "last", "n", 20, 0, heal.MostLines, "begin with so many of the last lines of each stream")
	cmd.Flags().BoolVarP(&f.query.Follow, "follow", "f", false, "keep streaming what is printed next")
	cmd.Flags().BoolVar(&f.raw, "raw", false, "print the lines as they are, without times and with control bytes")
	cmd.Flags().StringVar(&f.since, "since", "", "only lines of this long ago or later, as in 10m; looks at all that is kept unless --last is given")
	cmd.Flags().StringVar(&f.grep, "grep", "", "only lines that match this regular expression")
	cmd.PreRun = func(cmd *cobra.Command, _ []string) {
		if (f.since != "" || f.grep != "") && !cmd.Flags().Changed("last") {
			f.query.Last = heal.MostLines
		}
	}
	return cmd
}

func (f *logFlags) prepare() error {
	if f.since != "" {
		d, err := config.ParseDuration(f.since)
		if err != nil {
			return badInput{fmt.Errorf("cannot print logs: --since: %w", err), "write a duration such as 10m or 2h"}
		}
		f.from = time.Now().Add(-d)
	}
	if f.grep != "" {
		pattern, err := regexp.Compile(f.grep)
		if err != nil {
			return badInput{fmt.Errorf("cannot print logs: --grep: %w", err), "write a regular expression as in RE2, or escape special characters with \\"}
		}
		f.pattern = pattern
	}
	return nil
}

// sources are the agents whose lines are printed, with their sidecars.
func (f *logFlags) sources(ctx context.Context, names []string) ([]target, error) {
	var all []target
	for _, name := range names {
		c, err := f.dialFor(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, target{c, heal.AgentStatus{Agent: name}})
	}
	if len(names) > 0 {
		return all, nil
	}
	clients, err := f.dialAll()
	if err != nil {
		return nil, err
	}
	var failed error
	for _, c := range clients {
		s, err := c.Status(ctx)
		failed = errors.Join(failed, err)
		for _, a := range s.Agents {
			all = append(all, target{c, a})
		}
	}
	if len(all) > 0 {
		failed = nil
	}
	return all, failed
}

// read prints the lines of all: those that are followed at the same time, others agent by agent.
func (f *logFlags) read(ctx context.Context, std streams, all []target) error {
	if !f.query.Follow {
		for _, t := range all {
			if err := f.lines(ctx, std, t.client, t.status.Agent); err != nil {
				return err
			}
		}
		return nil
	}
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, t := range all {
		group.Go(func() { errs[i] = f.lines(ctx, std, t.client, t.status.Agent) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func (f *logFlags) lines(ctx context.Context, std streams, c *control.Client, agent string) error {
	q := f.query
	q.Agent = agent
	return c.Logs(ctx, q, func(l heal.LogLine) bool {
		if !f.from.IsZero() && l.At.Before(f.from) || f.pattern != nil && !f.pattern.MatchString(l.Text) {
			return true
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.print(std, agent, l) == nil
	})
}

// print shows a line in a way that no terminal obeys, unless raw is asked for.
func (f *logFlags) print(std streams, agent string, l heal.LogLine) error {
	var err error
	name := ""
	if f.named {
		name = agent + " "
	}
	switch {
	case f.json && f.named:
		err = json.NewEncoder(std.out).Encode(struct {
			Agent string `json:"agent"`
			heal.LogLine
		}{agent, l})
	case f.json:
		err = json.NewEncoder(std.out).Encode(l)
	case f.raw && l.Bytes != nil:
		_, err = std.out.Write(append(l.Bytes, '\n'))
	case f.raw:
		_, err = fmt.Fprintln(std.out, l.Text)
	default:
		text := redact.Printable([]byte(l.Text), maxShown)
		_, err = fmt.Fprintf(std.out, "%s%s %s %s\n", name, l.At.Local().Format("15:04:05.000"), l.Stream, text)
	}
	return err
}
