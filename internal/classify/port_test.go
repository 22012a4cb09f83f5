package classify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
)

// TestPortsOfAnAddressInUse goes from what programs print to the numbers.
func TestPortsOfAnAddressInUse(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]int{
		"Error: listen EADDRINUSE: address already in use :::3000":                                3000,
		"2026-11-25 10:32:11 listen tcp :8080: bind: address already in use":                      8080,
		"nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)":                 80,
		"FATAL: cannot bind port 24040: [Errno 98] Address already in use":                        24040,
		"ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): ...": 8000,
		"OSError: [Errno 98] Address already in use":                                              0,
		strings.Repeat("x", 200) + " listen EADDRINUSE: address already in use 127.0.0.1:9123":    9123,
	} {
		said := c.Read([]string{line}, &heal.Exit{Code: 1}, time.Now())
		d := diagnose.Judge(heal.Evidence{Exit: &heal.Exit{Code: 1}, Output: said}, diagnose.Context{})
		var got []int
		if d.Needs != nil {
			got = d.Needs.Ports
		}
		if want == 0 && len(got) > 0 || want != 0 && (!slices.Contains(got, want) || d.Cause != heal.Busy) {
			t.Errorf("%s: ports %v, cause %q: want %d", line, got, d.Cause, want)
		}
	}
}
