package classify

import (
	"testing"

	"healer-sidecar/internal/heal"
)

// TestADrawnLineIsJudgedAsAPrintedOne: a program that draws moves the cursor where others print spaces.
func TestADrawnLineIsJudgedAsAPrintedOne(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ drawn, printed string }{
		{"\x1b[2K\x1b[1GError:\x1b[1Cconnect\x1b[1CECONNREFUSED\x1b[1C127.0.0.1:443", "Error: connect ECONNREFUSED 127.0.0.1:443"},
		{"\x1b[?25l\x1b[HStatus\x1b[2;1HOSError:\x1b[1C[Errno\x1b[1C28]\x1b[1CNo\x1b[1Cspace\x1b[1Cleft\x1b[1Con\x1b[1Cdevice\x1b[K",
			"Status OSError: [Errno 28] No space left on device"},
	} {
		var s Scratch
		want, known := c.Line([]byte(x.printed), &s)
		if !known {
			t.Fatalf("%q is no failure", x.printed)
		}
		if got, _ := c.Line([]byte(x.drawn), &s); got != want {
			t.Errorf("%q: got %+v, want %+v", x.drawn, got, want)
		}
		var told []heal.Match
		c.Block([]byte(x.drawn+"\r\n"), &s, func(bool) bool { return true }, func(_ []byte, m heal.Match) { told = append(told, m) })
		if len(told) != 1 || told[0] != want {
			t.Errorf("%q in a block: got %+v, want %+v", x.drawn, told, want)
		}
	}
}
