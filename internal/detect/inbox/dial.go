package inbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"
)

// reportFor bounds how long one report may take.
const reportFor = 5 * time.Second

// Client sends the reports of an agent to its sidecar.
type Client struct{ path string }

// Dial returns a client for the socket that HEALER_SOCKET names; nothing is sent yet.
func Dial(path string) *Client { return &Client{path} }

// Report sends one report in the schema of docs/reports.md. An error says why the sidecar refused
// it, or that it could not be reached.
func (c *Client) Report(ctx context.Context, report map[string]any) error {
	body, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("cannot encode report: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, reportFor)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", c.path)
	if err != nil {
		return fmt.Errorf("cannot reach the sidecar: %w", err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(reportFor))
	if _, err := conn.Write(append(body, '\n')); err != nil {
		return fmt.Errorf("cannot send report: %w", err)
	}
	var answer struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	line, err := bufio.NewReader(conn).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &answer)
	}
	switch {
	case err != nil:
		return fmt.Errorf("cannot read the answer to a report: %w", err)
	case !answer.OK:
		return errors.New(answer.Error)
	}
	return nil
}
