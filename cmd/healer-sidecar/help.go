package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// groups are the headings of the help, in order, each with its verbs.
var groups = []struct{ id, title, verbs string }{
	{"run", "Run agents:", "run attach init validate fmt"},
	{"observe", "Observe:", "status watch logs events explain page"},
	{"act", "Act:", "start stop restart hold isolate release approve ack pause resume reload upgrade shutdown snapshots"},
	{"learn", "Learn and judge:", "stats patterns diagnose replay simulate drill"},
	{"setup", "Set up:", "doctor state mcp man completion version help"},
}

// elsewhere are words that people type who know other tools, with the verb that does it here.
var elsewhere = map[string][]string{
	"status": {"ps", "list", "ls", "top", "info", "summary"}, "logs": {"tail", "log", "journal"}, "validate": {"config", "check", "lint", "verify"},
	"watch": {"monit", "dashboard", "ui", "tui"}, "explain": {"describe", "why", "incident", "show"}, "shutdown": {"quit", "kill", "exit", "down"},
	"start": {"up"}, "release": {"unhold", "unfreeze", "thaw"}, "isolate": {"freeze", "quarantine"}, "events": {"history"}, "page": {"web", "open"},
	"state": {"prune"}, "pause": {"unmonitor", "disable"}, "resume": {"monitor", "enable"}, "ack": {"acknowledge"},
}

// rootLong is what the help says of everything.
const rootLong = `Keep autonomous agents and other flaky programs alive and useful: detect failures, find the cause,
heal with the mildest remedy that works, verify it, explain it.

  healer-sidecar run -- python3 agent.py     run a command, no policy needed
  healer-sidecar status                      what needs you, and how every agent is`

// footer follows the help of the program.
const footer = `
Environment:
  XDG_STATE_HOME    where state directories are made (default ~/.local/state, /var/lib for root)
  XDG_RUNTIME_DIR   where running sidecars are noted, so that verbs find them
  NO_COLOR          no colours
  TMPDIR            where a run keeps its state when there is no other place

Exit codes:
  0    done
  1    it failed
  2    wrong usage, or a policy with errors; nothing was started
  126  run: the program cannot be executed    127  run: there is no such program
  run and attach end with the code of the agent, 128 plus the signal that ended it

Documentation: the docs directory, and man healer-sidecar after healer-sidecar man DIRECTORY
`

// arrange sorts the verbs into groups, and gives them the names that other tools use.
func arrange(root *cobra.Command) {
	root.Long = rootLong
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, name := range strings.Fields(g.verbs) {
			if c, _, err := root.Find([]string{name}); err == nil && c != root {
				c.GroupID = g.id
			}
		}
	}
	root.SetHelpCommandGroupID("setup")
	root.SetCompletionCommandGroupID("setup")
	root.Version = version
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	usage := root.UsageTemplate()
	root.SetUsageTemplate(usage + "{{if not .HasParent}}" + footer + "{{end}}")
	for _, c := range root.Commands() {
		c.SuggestFor = elsewhere[c.Name()]
		strict(c)
	}
}

// strict makes wrong arguments of a verb and of those below it errors of usage, with the line that is right.
func strict(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			var bad badInput
			if err == nil || errors.As(err, &bad) {
				return err
			}
			return badInput{fmt.Errorf("cannot %s: %w", cmd.Name(), plainer(err, cmd, args)), "usage: " + cmd.UseLine()}
		}
	}
	for _, below := range c.Commands() {
		strict(below)
	}
}

// plainer words what cobra says about the number of arguments.
func plainer(err error, cmd *cobra.Command, args []string) error {
	text := err.Error()
	switch {
	case !strings.Contains(text, "arg(s)") && !strings.HasPrefix(text, "unknown command"):
		return err
	case len(args) == 0:
		return errors.New("an argument is missing")
	}
	return fmt.Errorf("unexpected arguments: %s", strings.Join(args, " "))
}
