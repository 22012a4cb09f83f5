package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
)

// Answer is what a target said. Unknown is neither well nor unwell: we could not ask.
type Answer int

// The answers.
const (
	Well Answer = iota
	Unwell
	Unknown
)

// Tools runs the commands of probes.
type Tools interface {
	RunTool(ctx context.Context, c procs.Command, input []byte) error
	ToolOutput(ctx context.Context, c procs.Command, limit int64) ([]byte, error)
}

// stretch is how much more time an answer gets per share of time in which processes
// of this host wait for a processor: then slowness says nothing about the target.
const stretch = 4

// maxBody is how much of an answer is read.
const maxBody = 64 << 10

// Ask asks a target once and says why it is not well.
func Ask(ctx context.Context, t config.Target, timeout time.Duration, tools Tools) (Answer, string) {
	pressure := sampling.CPUPressure()
	timeout += time.Duration(stretch * pressure * float64(timeout))
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := ask(within, t, tools)
	switch {
	case err == nil:
		return Well, ""
	case ctx.Err() != nil:
		return Unknown, "it was not asked to the end"
	case ours(err):
		return Unknown, err.Error()
	case within.Err() != nil:
		return Unwell, fmt.Sprintf("no answer within %s", timeout.Round(time.Millisecond))
	}
	return Unwell, err.Error()
}

// ours reports that it is we who lack something.
func ours(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS, syscall.EAGAIN} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func ask(ctx context.Context, t config.Target, tools Tools) error {
	switch {
	case t.HTTP != "":
		return askHTTP(ctx, t.HTTP)
	case t.GRPC != "":
		return askGRPC(ctx, t.GRPC, t.Service)
	case t.TCP != "":
		return askTCP(ctx, t.TCP)
	case t.DNS != "":
		_, err := net.DefaultResolver.LookupHost(ctx, t.DNS)
		return err
	case t.File != "":
		_, err := os.Stat(t.File)
		return err
	}
	return tools.RunTool(ctx, procs.Command{Argv: t.Command, Env: kernel.InheritedEnv(), Dir: t.Dir, Heard: true}, nil)
}

func askTCP(ctx context.Context, address string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// web opens a connection for each question, as a new client of the target would, and
// follows no redirect: one is an answer.
var web = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true, Proxy: nil},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func askHTTP(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "healer-sidecar")
	resp, err := web.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.CopyN(io.Discard, resp.Body, maxBody); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("the answer is %s", resp.Status)
	}
	return nil
}
