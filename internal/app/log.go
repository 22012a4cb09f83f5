package app

import (
	"fmt"
	"io"

	"github.com/hashicorp/go-hclog"
)

// NewLog returns the sidecar's own log. level is trace, debug, info, warn, error
// or off; with json every entry is one JSON object on a line.
func NewLog(level string, json bool, out io.Writer) (hclog.Logger, error) {
	at := hclog.LevelFromString(level)
	if at == hclog.NoLevel {
		return nil, fmt.Errorf("log level %q is not known", level)
	}
	return hclog.New(&hclog.LoggerOptions{Name: "healer-sidecar", Level: at, Output: out, JSONFormat: json}), nil
}
