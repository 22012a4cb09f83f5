package redact

import "testing"

func TestPrintableDropsWhatDrivesATerminal(t *testing.T) {
	in := "a\x1b]0;t\x07b \u009b2J \x9b31m \u202ec\u2066 \r\x00d \u00e9 \u4e2d"
	if got, want := Printable([]byte(in), 200), "ab 2J \uFFFD31m c d \u00e9 \u4e2d"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPrintablePartsWordsThatWereDrawn(t *testing.T) {
	in := "\x1b[31mFailed\x1b[1Cto\x1b[1Cconnect\x1b[1Cto\x1b[1Capi.anthropic.com\x1b[39m\x1b[K"
	if got, want := Printable([]byte(in), 200), "Failed to connect to api.anthropic.com"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
