package httpjson

import (
	"net"
	"sync"
	"time"
)

// Limit bounds how many connections are open at once: what many hold open must not take the
// descriptors that supervision needs. What is too many is closed at once.
type Limit struct {
	net.Listener
	// Total is the most of all, Each the most of one user; Who says whose a connection is, and
	// whether it may be open at all. Without Who only Total counts.
	Total, Each int
	Who         func(net.Conn) (user int, welcome bool)
	// Refused is told of each connection that was closed at once; nil for nobody.
	Refused func(user int)
	// Patience is how long the other end may leave what it is sent unread.
	Patience time.Duration

	mu   sync.Mutex // guards open and of
	open int
	of   map[int]int
}

// Accept waits for a connection that is not one too many.
func (l *Limit) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		user, welcome := 0, true
		if l.Who != nil {
			user, welcome = l.Who(c)
		}
		if welcome && l.take(user) {
			return &limited{Conn: c, patience: l.Patience, leave: sync.OnceFunc(func() { l.leave(user) })}, nil
		}
		_ = c.Close()
		if l.Refused != nil {
			l.Refused(user)
		}
	}
}

func (l *Limit) take(user int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.Total || l.Who != nil && l.of[user] >= l.Each {
		return false
	}
	if l.of == nil {
		l.of = map[int]int{}
	}
	l.open++
	l.of[user]++
	return true
}

func (l *Limit) leave(user int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.of[user]--; l.of[user] == 0 {
		delete(l.of, user)
	}
}

// limited is a connection that counts until it is closed.
type limited struct {
	net.Conn
	patience time.Duration
	leave    func()
}

// Write fails when the other end does not read for too long.
func (c *limited) Write(b []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// Close makes room for another one.
func (c *limited) Close() error {
	c.leave()
	return c.Conn.Close()
}

// Unwrap is the connection itself, to ask whose it is.
func (c *limited) Unwrap() net.Conn { return c.Conn }

// Inner is the connection below a limit, or the connection itself.
func Inner(c net.Conn) net.Conn {
	if l, ok := c.(*limited); ok {
		return l.Unwrap()
	}
	return c
}
