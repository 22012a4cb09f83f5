package httpjson

import (
	"net"
	"testing"
	"time"
)

// users hands out a user for each connection, in order.
func users(all ...int) func(net.Conn) (int, bool) {
	at := -1
	return func(net.Conn) (int, bool) {
		at++
		return all[at], all[at] >= 0
	}
}

func TestOneUserTooManyIsClosedAndTheOthersAreNot(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan int, 8)
	l := &Limit{Listener: inner, Total: 3, Each: 2, Patience: time.Second, Who: users(1, 1, 1, -1, 2, 2, 1), Refused: func(user int) { refused <- user }}
	defer l.Close()
	dial := func() {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { c.Close() })
	}
	var open []net.Conn
	accept := func() {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	for range 5 {
		dial()
	}
	for range 3 {
		accept()
	}
	if a, b := <-refused, <-refused; a != 1 || b != -1 {
		t.Errorf("refused were %d and %d: the third of user 1, and who is not welcome", a, b)
	}
	_ = open[0].Close()
	_ = open[0].Close() // counts once
	dial()
	accept()
	dial()
	go func() { _, _ = l.Accept() }()
	if user := <-refused; user != 1 {
		t.Errorf("refused was %d, not the one beyond all", user)
	}
}

func TestWhoDoesNotReadIsDropped(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	c := &limited{Conn: here, patience: time.Millisecond, leave: func() {}}
	if _, err := c.Write([]byte("x")); err == nil {
		t.Error("a write that nobody reads succeeded")
	}
}
