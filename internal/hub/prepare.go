package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"healer-sidecar/internal/fleet/schema"
)

// Prepare makes the streams and buckets that are missing, and brings the limits of the others
// up to date. It changes no stream that somebody else has made.
func Prepare(ctx context.Context, nc *nats.Conn, l schema.Limits) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("cannot use JetStream: %w", err)
	}
	if _, err := js.AccountInfo(ctx); err != nil {
		if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrJetStreamNotEnabled) {
			return errors.New("the server has no JetStream: enable it with a jetstream block in its configuration, or use healer-hub serve")
		}
		return fmt.Errorf("cannot use JetStream: %w", err)
	}
	for _, want := range schema.Streams(l) {
		if err := ensure(ctx, js, want); err != nil {
			return err
		}
	}
	return nil
}

func ensure(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	stream, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if _, err = js.CreateStream(ctx, want); err != nil {
			return fmt.Errorf("cannot make stream %s: %w", want.Name, err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot look at stream %s: %w", want.Name, err)
	}
	if why := Foreign(stream.CachedInfo().Config, want); why != "" {
		return fmt.Errorf("stream %s exists and was not made by healer-hub: %s: rename or remove it, or use another account", want.Name, why)
	}
	if _, err := js.UpdateStream(ctx, want); err != nil {
		return fmt.Errorf("cannot update stream %s: %w", want.Name, err)
	}
	return nil
}

// Foreign says in which way a stream differs that cannot be set right later; empty for none.
func Foreign(got, want jetstream.StreamConfig) string {
	switch {
	case !slices.Equal(got.Subjects, want.Subjects):
		return fmt.Sprintf("its subjects are %v, not %v", got.Subjects, want.Subjects)
	case got.Storage != want.Storage:
		return fmt.Sprintf("its storage is %s, not %s", got.Storage, want.Storage)
	case got.Retention != want.Retention:
		return fmt.Sprintf("its retention is %s, not %s", got.Retention, want.Retention)
	case got.AllowMsgCounter != want.AllowMsgCounter:
		return "it does not count"
	case got.DenyDelete != want.DenyDelete || got.DenyPurge != want.DenyPurge:
		return "its messages may be removed"
	}
	return ""
}
