package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/httpjson"
)

// Client talks to a running sidecar.
type Client struct {
	http *http.Client
	path string
}

// Dial returns a client for the socket; nothing is sent yet.
func Dial(path string) *Client {
	var d net.Dialer
	return &Client{path: path, http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
	}}}
}

// Path is the socket that the client asks.
func (c *Client) Path() string { return c.path }

// Alive reports whether somebody listens on the socket.
func Alive(path string) bool {
	c, err := net.Dial("unix", path)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// Status asks how everything stands.
func (c *Client) Status(ctx context.Context) (s heal.SidecarStatus, err error) {
	return s, c.get(ctx, "status", nil, &s)
}

// Stats asks for the sums.
func (c *Client) Stats(ctx context.Context) (s heal.Stats, err error) {
	return s, c.get(ctx, "stats", nil, &s)
}

// Patterns asks what was learned, for one agent or for all.
func (c *Client) Patterns(ctx context.Context, agent string) (p []heal.PatternStats, err error) {
	return p, c.get(ctx, "patterns", url.Values{"agent": {agent}}, &p)
}

// Snapshots asks for the good generations of an agent.
func (c *Client) Snapshots(ctx context.Context, agent string, changes bool) (g []heal.Generation, err error) {
	return g, c.get(ctx, "snapshots", url.Values{"agent": {agent}, "changes": {strconv.FormatBool(changes)}}, &g)
}

// Knowledge asks for what may be told to other hosts.
func (c *Client) Knowledge(ctx context.Context, templates bool) (k heal.Knowledge, err error) {
	return k, c.get(ctx, "knowledge", url.Values{"templates": {strconv.FormatBool(templates)}}, &k)
}

// Hear tells what another host has learned and returns how many patterns were taken in.
func (c *Client) Hear(ctx context.Context, knowledge []byte) (t Taken, err error) {
	return t, c.ask(ctx, http.MethodPost, "knowledge", knowledge, &t)
}

// Order gives a command and returns when it was carried out.
func (c *Client) Order(ctx context.Context, o heal.Order) error {
	body, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("cannot encode order: %w", err)
	}
	resp, err := c.send(ctx, http.MethodPost, "orders", body)
	if err != nil {
		return err
	}
	return resp.Close()
}

// Events serves the records after a sequence number; with follow it goes on until
// the context ends, the sidecar ends, or each returns false.
func (c *Client) Events(ctx context.Context, after uint64, follow bool, each func(heal.Event) bool) error {
	q := url.Values{"after": {strconv.FormatUint(after, 10)}, "follow": {strconv.FormatBool(follow)}}
	body, err := c.send(ctx, http.MethodGet, "events?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	defer body.Close()
	return decodeAll(ctx, body, each)
}

// Logs serves lines of an agent's output until each returns false.
func (c *Client) Logs(ctx context.Context, q heal.LogQuery, each func(heal.LogLine) bool) error {
	v := url.Values{"agent": {q.Agent}, "last": {strconv.Itoa(q.Last)}, "follow": {strconv.FormatBool(q.Follow)}}
	body, err := c.send(ctx, http.MethodGet, "logs?"+v.Encode(), nil)
	if err != nil {
		return err
	}
	defer body.Close()
	return decodeAll(ctx, body, each)
}

// decodeAll reads JSON values to the end of a stream.
func decodeAll[T any](ctx context.Context, body io.Reader, each func(T) bool) error {
	dec := json.NewDecoder(body)
	for {
		var v T
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) || ctx.Err() != nil || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot read the sidecar's answer: %w", err)
		}
		if !each(v) {
			return nil
		}
	}
}

func (c *Client) get(ctx context.Context, what string, q url.Values, into any) error {
	return c.ask(ctx, http.MethodGet, what+"?"+q.Encode(), nil, into)
}

// ask sends a request and reads the answer.
func (c *Client) ask(ctx context.Context, method, what string, body []byte, into any) error {
	answer, err := c.send(ctx, method, what, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if err := json.NewDecoder(answer).Decode(into); err != nil {
		return fmt.Errorf("cannot read the sidecar's answer: %w", err)
	}
	return nil
}

func (c *Client) send(ctx context.Context, method, what string, body []byte) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://sidecar/v1/"+what, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("cannot ask the sidecar: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the sidecar at %s: %w", c.path, errors.Unwrap(err))
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	var p httpjson.Problem
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || p.Error == "" {
		return nil, fmt.Errorf("cannot ask the sidecar: the answer is %s", resp.Status)
	}
	return nil, errors.New(p.Error)
}
