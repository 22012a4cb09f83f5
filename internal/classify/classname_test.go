package classify

import (
	"testing"
	"time"

	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
)

// TestTheClassOfAnExceptionNamesTheCause: the name says what happened, though it is one word.
func TestTheClassOfAnExceptionNamesTheCause(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]heal.ErrorType{
		"com.acme.TooManyConnectionsException: pool":         heal.ResourceExhaustion,
		"com.acme.HostUnreachableException: q":               heal.CommunicationError,
		"System.Net.HostNotFoundException: q":                heal.CommunicationError,
		"com.acme.ConnectionRefusedByServerException: q":     heal.CommunicationError,
		"com.acme.NoSpaceLeftOnDeviceException: q":           heal.ResourceExhaustion,
		"com.acme.RateLimitExceededException: q":             heal.DependencyFailure,
		"com.acme.UnparsableWidgetException: q":              heal.ExecutionFailure,
		"java.lang.ArrayIndexOutOfBoundsException: Index 10": heal.ExecutionFailure,
	} {
		lines := []string{"Exception in thread \"main\" " + line, "\tat A.main(A.java:1)"}
		d := diagnose.Judge(c.Evidence(&heal.Exit{Code: 1}, lines, time.Time{}), diagnose.Context{})
		if d.Type != want {
			t.Errorf("%s: %s %v: want %s", line, d.Type, d.Evidence, want)
		}
	}
}
