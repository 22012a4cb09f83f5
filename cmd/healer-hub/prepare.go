package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/hub"
)

// prepareWithin bounds how long an operator's server may take.
const prepareWithin = 30 * time.Second

func verbPrepare(out io.Writer) *cobra.Command {
	var f limitFlags
	var url, creds, seed, ca, group, name string
	cmd := &cobra.Command{
		Use: "prepare", Short: "Make the streams on a NATS server of your own, and print the permissions that hosts need",
		Args:    cobra.NoArgs,
		Example: "  healer-hub prepare --server nats://nats.example:4222 --credentials admin.creds --group web --host web-17",
		RunE: func(cmd *cobra.Command, _ []string) error {
			limits, err := f.limits()
			if err != nil {
				return err
			}
			options := []nats.Option{nats.Name("healer-hub prepare"), nats.Timeout(5 * time.Second)}
			switch {
			case creds != "" && seed != "":
				return errors.New("give --credentials or --nkey, not both")
			case creds != "":
				options = append(options, nats.UserCredentials(creds))
			case seed != "":
				o, err := nats.NkeyOptionFromSeed(seed)
				if err != nil {
					return fmt.Errorf("cannot read key: %w", err)
				}
				options = append(options, o)
			}
			if ca != "" {
				options = append(options, nats.RootCAs(ca))
			}
			nc, err := nats.Connect(url, options...)
			if err != nil {
				return fmt.Errorf("cannot connect to %s: %w", url, err)
			}
			defer nc.Close()
			ctx, cancel := context.WithTimeout(cmd.Context(), prepareWithin)
			defer cancel()
			if err := hub.Prepare(ctx, nc, limits); err != nil {
				return err
			}
			fmt.Fprintf(out, "# the streams are ready; permissions of host %s in group %s, with its own public key for U...:\n%s", name, group, sample(group, name))
			fmt.Fprintf(out, "# permissions of a person who sends orders:\n%s", schema.OperatorPermissions("U...", true).Text("U..."))
			return nil
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&url, "server", nats.DefaultURL, "address of the NATS server")
	cmd.Flags().StringVar(&creds, "credentials", "", "credentials file (.creds) of an account that may make streams")
	cmd.Flags().StringVar(&seed, "nkey", "", "file with the nkey seed of such an account")
	cmd.Flags().StringVar(&ca, "tls-ca", "", "authority that signed the server's certificate, PEM")
	cmd.Flags().StringVar(&group, "group", "GROUP", "group whose permissions are printed")
	cmd.Flags().StringVar(&name, "host", "HOST", "host whose permissions are printed")
	return cmd
}
