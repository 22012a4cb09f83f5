package main

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/simulate"
)

func verbSimulate(std streams) *cobra.Command {
	stdio, path, agent, incidents, seed := false, "", "", 2000, uint64(1)
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Let the engine decide in a simulated world, in virtual time",
		Long: `Let the engine decide in a simulated world, in virtual time. With --stdio the world is a
program that speaks JSON lines: it says what fails and what became of each remedy, and
asks for the next one. With --config the world is our own, and the policy is that of an
agent: what it would cost there is printed beside a policy that only restarts. Nothing is
done to any process.`,
		Example: `  healer-sidecar simulate --config agent.hcl --incidents 5000
  world.py drive --exec "healer-sidecar simulate --stdio"`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case stdio:
				return simulate.Serve(os.Stdin, std.out)
			case path == "":
				return badInput{errors.New("cannot simulate: no world is named"), "give --config for our own world, or --stdio for one on standard input and output"}
			}
			return simulatePolicy(std, path, agent, incidents, seed)
		},
	}
	cmd.Flags().StringVar(&path, "config", "", "policy to try in our own world")
	cmd.Flags().StringVar(&agent, "agent", "", "agent of the policy (default: the first)")
	numberFlag(cmd, &incidents, "incidents", "", incidents, 1, 1<<24, "how many incidents")
	cmd.Flags().Uint64Var(&seed, "seed", seed, "the same seed makes the same incidents")
	cmd.Flags().BoolVar(&stdio, "stdio", false, "the world speaks on standard input and output")
	return cmd
}

// simulatePolicy prints what the policy of an agent would cost in our own world.
func simulatePolicy(std streams, path, name string, incidents int, seed uint64) error {
	p, err := config.Load(path)
	if err != nil {
		return badInput{err, "see healer-sidecar validate " + path}
	}
	policy := p.Agents[0].Heal
	for _, a := range p.Agents {
		if a.Name == name {
			policy = a.Heal
		}
	}
	if name != "" && policy.Agent != name {
		return badInput{fmt.Errorf("cannot find agent %q in %s", name, path), "name one of its agents"}
	}
	subject, costs, err := simulate.Under(policy)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "POLICY\tDOWNTIME EACH\tFIRST HALF\tSECOND HALF\tACTIONS EACH\tESCALATIONS")
	for _, one := range []struct {
		name string
		c    simulate.Chooser
	}{{"agent " + policy.Agent, subject}, {"restart only", simulate.Restarts()}} {
		sum, err := simulate.Play(one.c, policy.Agent, costs, incidents, seed)
		if err != nil {
			return err
		}
		n := time.Duration(max(incidents, 1))
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.2f\t%.1f %%\n", one.name, (sum.Downtime / n).Round(time.Second), (2 * sum.Halves[0] / n).Round(time.Second),
			(2 * sum.Halves[1] / n).Round(time.Second), float64(sum.Actions)/float64(n), 100*float64(sum.Escalations)/float64(n))
	}
	return w.Flush()
}
