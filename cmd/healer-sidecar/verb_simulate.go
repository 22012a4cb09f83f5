package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/simulate"
)

func verbSimulate(std streams) *cobra.Command {
	stdio := false
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Let the engine decide in a simulated world, in virtual time",
		Long: `Let the engine decide in a simulated world, in virtual time. With --stdio the world is a
program that speaks JSON lines: it says what fails and what became of each remedy, and
asks for the next one. Nothing is done to any process.`,
		Example: `  world.py drive --exec "healer-sidecar simulate --stdio"`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !stdio {
				return badInput{errors.New("cannot simulate: no world is named"), "give --stdio, and a world on standard input and output"}
			}
			return simulate.Serve(os.Stdin, std.out)
		},
	}
	cmd.Flags().BoolVar(&stdio, "stdio", false, "the world speaks on standard input and output")
	return cmd
}
