package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/fleet"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

// fleetFlags are those of every verb that looks at a fleet.
type fleetFlags struct {
	fleet  config.Fleet
	config string
	group  string
	json   bool
}

func (f *fleetFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.fleet.Servers, "server", nil, "address of the hub (default: that of the policy, or nats://127.0.0.1:4222)")
	cmd.Flags().StringVar(&f.fleet.Credentials, "credentials", "", "your own key, made by healer-hub join NAME --kind operator")
	cmd.Flags().StringVar(&f.fleet.TLS.CA, "tls-ca", "", "authority that signed the hub's certificate, PEM")
	cmd.Flags().StringVar(&f.config, "config", "", "policy with a fleet block that names the hub")
	cmd.Flags().StringVar(&f.group, "group", "", "only this group")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
}

// look connects to the hub.
func (f *fleetFlags) look() (*fleet.Viewer, error) {
	if f.config != "" {
		p, err := config.Load(f.config)
		if err != nil {
			return nil, err
		}
		if p.Fleet == nil {
			return nil, badInput{fmt.Errorf("%s has no fleet block", f.config), "name the hub with --server"}
		}
		if len(f.fleet.Servers) == 0 {
			f.fleet.Servers = p.Fleet.Servers
		}
		if f.fleet.TLS == (config.FleetTLS{}) {
			f.fleet.TLS = p.Fleet.TLS
		}
	}
	if len(f.fleet.Servers) == 0 {
		f.fleet.Servers = []string{"nats://127.0.0.1:4222"}
	}
	if f.fleet.Credentials == "" {
		return nil, badInput{errors.New("cannot ask the hub without a key"), "healer-hub join NAME --kind operator makes one; give it with --credentials"}
	}
	return fleet.Look(f.fleet)
}

func verbFleet(std streams) *cobra.Command {
	cmd := &cobra.Command{Use: "fleet", Short: "Show the hosts, common causes and events of a fleet", Args: cobra.NoArgs}
	cmd.AddCommand(
		fleetVerb(std, "status", "Show the hosts of a fleet and their agents, unwell ones first", "", fleetStatus),
		fleetVerb(std, "incidents", "Show what several hosts fail for", "", fleetIncidents),
		fleetVerb(std, "explain", "Tell what a fleet incident is about, who tries first, and what the others wait for", "ID", fleetExplain),
		fleetEvents(std),
	)
	return cmd
}

// fleetVerb is a verb that reads and shows; what names its argument, if it has one.
func fleetVerb(std streams, name, short, what string, show func(context.Context, streams, *fleet.Viewer, *fleetFlags, []string) error) *cobra.Command {
	var f fleetFlags
	cmd := &cobra.Command{
		Use: strings.TrimSpace(name + " " + what), Short: short, Args: cobra.NoArgs, Example: "  healer-sidecar fleet " + name + " --credentials operator.nk",
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := f.look()
			if err != nil {
				return err
			}
			defer v.Close()
			return show(cmd.Context(), std, v, &f, args)
		},
	}
	if what != "" {
		cmd.Args = cobra.ExactArgs(1)
		cmd.Example = "  healer-sidecar fleet " + name + " fleet-1a2b3c4d --credentials operator.nk"
	}
	f.register(cmd)
	return cmd
}

func fleetStatus(ctx context.Context, std streams, v *fleet.Viewer, f *fleetFlags, _ []string) error {
	hosts, err := v.Hosts(ctx, f.group)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(std, hosts)
	}
	w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "GROUP\tHOST\tSEEN\tUNWELL\tAGENTS")
	unwell := 0
	for _, h := range hosts {
		if h.Unwell > 0 {
			unwell++
		}
		var agents []string
		for _, a := range h.Agents {
			agents = append(agents, a.Agent+" "+a.Health)
		}
		fmt.Fprintf(w, "%s\t%s\t%s ago\t%d\t%s\n", h.Group, h.Host, time.Since(h.Seen).Round(time.Second), h.Unwell, strings.Join(agents, ", "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s, %d unwell\n", plural(len(hosts), "host"), unwell)
	return nil
}

func fleetIncidents(ctx context.Context, std streams, v *fleet.Viewer, f *fleetFlags, _ []string) error {
	all, err := v.Incidents(ctx, f.group)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(std, all)
	}
	if len(all) == 0 {
		fmt.Fprintln(std.out, "no fleet incident in the last minutes")
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tGROUP\tOPENED\tHOSTS\tTYPE\tSTATE\tFIRST\tCAUSE")
	for _, i := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d of %d\t%s\t%s\t%s\t%s\n", i.ID, i.Group, i.Opened.Local().Format("15:04:05"), i.Hosts, i.Of, i.Type, i.State, i.Canary, i.Text)
	}
	return w.Flush()
}

func fleetExplain(ctx context.Context, std streams, v *fleet.Viewer, f *fleetFlags, args []string) error {
	all, err := v.Incidents(ctx, f.group)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(all, func(i fleet.IncidentView) bool { return i.ID == args[0] })
	if n < 0 {
		return badInput{fmt.Errorf("cannot find fleet incident %q", args[0]), "healer-sidecar fleet incidents lists them"}
	}
	if i := all[n]; f.json {
		return printJSON(std, i)
	}
	for _, line := range all[n].Story() {
		fmt.Fprintln(std.out, line)
	}
	return nil
}

// fleetEvents prints the archive.
func fleetEvents(std streams) *cobra.Command {
	var f fleetFlags
	var host string
	var follow bool
	var since time.Duration
	cmd := &cobra.Command{
		Use: "events", Short: "Print the events of all hosts from the archive, oldest first", Args: cobra.NoArgs,
		Example: "  healer-sidecar fleet events --follow --group web --credentials operator.nk",
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := f.look()
			if err != nil {
				return err
			}
			defer v.Close()
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			from := time.Time{}
			if since > 0 {
				from = time.Now().Add(-since)
			}
			var failed error
			err = v.Events(ctx, f.group, host, from, follow, func(a fleet.Archived) bool {
				failed = printArchived(std, a, f.json)
				return failed == nil
			})
			if ctx.Err() != nil {
				return nil // a person ended it
			}
			return errors.Join(failed, err)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&host, "host", "", "only this host")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "keep streaming what happens next")
	timeFlag(cmd, &since, "since", 0, 0, "only what happened in this time before now, as in 1h (0: all)")
	return cmd
}

func printArchived(std streams, a fleet.Archived, asJSON bool) error {
	if !json.Valid(a.Event) { // control characters in it could steer a terminal
		return fmt.Errorf("cannot read an archived event of %s/%s: it is not JSON", a.Group, a.Host)
	}
	if asJSON {
		_, err := fmt.Fprintf(std.out, "{\"group\":%q,\"host\":%q,\"event\":%s}\n", a.Group, a.Host, a.Event)
		return err
	}
	var e heal.Event
	if err := json.Unmarshal(a.Event, &e); err != nil {
		return fmt.Errorf("cannot read an archived event: %w", err)
	}
	_, err := fmt.Fprintf(std.out, "%s  %-24s %6d  %-12s  %-17s  %s\n", e.At.Wall.Local().Format("15:04:05.000"), a.Group+"/"+a.Host, e.Seq, orDash(fleet.Plain(e.Agent)), fleet.Plain(string(e.Kind)), fleet.Plain(present.Gist(e)))
	return err
}
