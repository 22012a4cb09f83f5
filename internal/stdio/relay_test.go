package stdio

import (
	"io"
	"testing"

	"github.com/creack/pty"
)

// TestKeysReachTheRun byte by byte, and those that end a program are told of.
func TestKeysReachTheRun(t *testing.T) {
	keyboard, outer, err := pty.Open()
	if err != nil {
		t.Skipf("skip: no terminals here: %v", err)
	}
	defer keyboard.Close()
	defer outer.Close()
	inner, run, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	was := raw(outer)
	if was == nil {
		t.Fatal("our terminal does not pass everything on")
	}
	e := newEvents()
	r := &relay{outer: outer, tell: e.tell}
	r.begin(inner)
	const typed = "abc \x03def\r"
	if _, err := io.WriteString(keyboard, typed); err != nil {
		t.Fatal(err)
	}
	e.await(t, Interrupted)
	got := make([]byte, 4)
	if n, err := io.ReadAtLeast(run, got, 4); err != nil || string(got[:n]) != "def\n" {
		t.Errorf("the run reads %q: %v", got[:n], err) // the key takes back what was typed before it
	}
	r.close()
	restore(outer, was)
	if now := raw(outer); now == nil || *now != *was {
		t.Error("our terminal is not as it was")
	}
}
