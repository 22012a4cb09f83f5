package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"healer-sidecar/internal/daemon"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/stdio"
	"healer-sidecar/internal/stdio/console"
)

func verbSend(std streams) *cobra.Command {
	var f clientFlags
	var noEnter bool
	cmd := &cobra.Command{
		Use:   "send AGENT TEXT",
		Short: "Type a line at the terminal of an agent (tty = true)",
		Example: "  healer-sidecar send researcher 'continue with the next step'\n" +
			"  healer-sidecar send --no-enter researcher y",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			text := args[1]
			if !noEnter {
				text += "\r" // what the key sends; a terminal makes a new line of it
			}
			what := "send to " + args[0]
			return f.order(cmd, std, heal.Order{Command: heal.CommandSend, Agent: args[0], Text: text}, what, what+": done")
		},
		ValidArgsFunction: f.agents,
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&noEnter, "no-enter", false, "do not press Enter after the text")
	return cmd
}

// detachKey leaves the terminal of an agent: Ctrl-], as telnet has it.
const detachKey = 0x1d

func verbAttachTTY(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:     "attach-tty AGENT",
		Short:   "Use the terminal of an agent (tty = true) from your own; Ctrl-] leaves it",
		Example: "  healer-sidecar attach-tty researcher",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, ok := std.in.(*os.File)
			if !ok || !isatty.IsTerminal(in.Fd()) {
				return badInput{errors.New("cannot attach to a terminal: standard input is not one"), "use healer-sidecar send AGENT TEXT"}
			}
			c, err := f.dial()
			if err != nil {
				return err
			}
			order := heal.Order{Command: heal.CommandSend, Agent: args[0], Reason: "a terminal is attached"}
			if err := c.Order(cmd.Context(), order); err != nil {
				return fmt.Errorf("cannot attach to a terminal: %w", err)
			}
			there, err := console.Dial(daemon.AgentFolder(filepath.Dir(c.Path()), args[0]))
			if err != nil {
				return fmt.Errorf("cannot attach to a terminal: %w", err)
			}
			defer there.Close()
			return useTerminal(std, in, there)
		},
		ValidArgsFunction: f.agents,
	}
	f.register(cmd)
	return cmd
}

// useTerminal connects two terminals until the far one is gone, or the key that leaves it is typed.
func useTerminal(std streams, in *os.File, there *console.Conn) error {
	sizes := make(chan os.Signal, 1)
	signal.Notify(sizes, syscall.SIGWINCH)
	defer signal.Stop(sizes)
	sizes <- syscall.SIGWINCH
	go func() {
		for range sizes {
			if rows, columns, ok := procs.TTYSize(in); ok {
				_ = there.Resize(rows, columns)
			}
		}
	}()
	restore := stdio.RawTerminal(in)
	defer restore()
	ended := make(chan error, 2)
	go func() { ended <- there.Watch(std.out) }()
	go func() { ended <- typeAt(in, there) }()
	<-ended
	return nil
}

// typeAt passes on what is typed.
func typeAt(in *os.File, there *console.Conn) error {
	buf := make([]byte, 4096)
	for {
		n, err := in.Read(buf)
		if err != nil {
			return err
		}
		for i, key := range buf[:n] {
			if key == detachKey {
				_, err := there.Write(buf[:i])
				return err
			}
		}
		if _, err := there.Write(buf[:n]); err != nil {
			return err
		}
	}
}
