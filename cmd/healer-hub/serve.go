package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/hub"
)

// defaultDir and defaultListen are where a hub keeps its state and listens without a word.
const defaultDir, defaultListen = "/var/lib/healer-hub", "127.0.0.1:4222"

// limitFlags bound the streams.
type limitFlags struct {
	bytes, age string
	replicas   int
}

func (f *limitFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.bytes, "archive-size", "10GiB", "most that the archive of events may take; the oldest are removed first")
	cmd.Flags().StringVar(&f.age, "archive-age", "720h", "how long events are kept")
	cmd.Flags().IntVar(&f.replicas, "replicas", 1, "servers of a NATS cluster that keep each message: 1, 3 or 5")
}

func (f *limitFlags) limits() (schema.Limits, error) {
	size, err := config.ParseSize(f.bytes)
	if err != nil {
		return schema.Limits{}, fmt.Errorf("invalid --archive-size %q: write a size with a unit, as in 10GiB", f.bytes)
	}
	age, err := config.ParseDuration(f.age)
	if err != nil || age < time.Minute {
		return schema.Limits{}, fmt.Errorf("invalid --archive-age %q: write a time of at least a minute, as in 720h", f.age)
	}
	if f.replicas != 1 && f.replicas != 3 && f.replicas != 5 {
		return schema.Limits{}, fmt.Errorf("invalid --replicas %d: write 1, 3 or 5", f.replicas)
	}
	return schema.Limits{ArchiveBytes: int64(size), ArchiveAge: age, Replicas: f.replicas}, nil
}

func verbServe(errs io.Writer) *cobra.Command {
	var f limitFlags
	o := hub.Options{Log: func(format string, args ...any) { fmt.Fprintf(errs, "healer-hub: "+format+"\n", args...) }}
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the server until SIGTERM", Args: cobra.NoArgs,
		Example: "  healer-hub serve --dir /var/lib/healer-hub\n  healer-hub serve --listen 0.0.0.0:4222 --tls-cert hub.pem --tls-key hub.key",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Limits, err = f.limits(); err != nil {
				return err
			}
			return hub.Serve(cmd.Context(), o, func(url string) { o.Log("ready at %s", url) })
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&o.Dir, "dir", defaultDir, "folder for the streams and the members")
	cmd.Flags().StringVar(&o.Listen, "listen", defaultListen, "address for clients; anything but loopback needs TLS")
	cmd.Flags().StringVar(&o.Cert, "tls-cert", "", "certificate of the server, PEM")
	cmd.Flags().StringVar(&o.Key, "tls-key", "", "key of the certificate, PEM")
	cmd.Flags().StringVar(&o.CA, "tls-ca", "", "require client certificates that this authority signed, PEM")
	return cmd
}
