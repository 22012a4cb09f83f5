package control

import (
	"errors"
	"fmt"
	"net"
	"os"
)

// bound is the socket that is open now.
type bound struct {
	listener *net.UnixListener
	limited  net.Listener
	file     os.FileInfo
}

// bind opens the socket at the path.
func (s *Server) bind() error {
	if len(s.path) > maxPath {
		return fmt.Errorf("cannot listen on %s: the path is longer than %d bytes; choose a shorter state directory", s.path, maxPath)
	}
	if err := clear(s.path); err != nil {
		return err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: s.path, Net: "unix"})
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	err = os.Chmod(s.path, s.mode)
	info, failed := os.Lstat(s.path)
	if err = errors.Join(err, failed); err != nil {
		l.Close()
		return fmt.Errorf("cannot protect socket: %w", err)
	}
	s.bound.Store(&bound{l, s.limited(l), info})
	return nil
}

// Renew opens the socket again where its file was removed or replaced, and reports whether it was.
// It belongs to one goroutine, and begins after Serve did.
func (s *Server) Renew() (bool, error) {
	info, err := os.Lstat(s.path)
	if err == nil && os.SameFile(info, s.bound.Load().file) || err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	before := s.bound.Load().listener
	if err := s.bind(); err != nil {
		return false, err
	}
	before.SetUnlinkOnClose(false) // that name is the new one's
	before.Close()
	go func(now net.Listener) { _ = s.http.Serve(now) }(s.bound.Load().limited)
	return true, nil
}

// clear makes room for our socket. Only a socket behind which nobody is may be in the way
// (FAULTS.md A45).
func clear(path string) error {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot replace socket: %w", err)
	case info.Mode().Type() != os.ModeSocket:
		return fmt.Errorf("cannot replace socket: %s is no socket; move it away", path)
	case Alive(path):
		return fmt.Errorf("cannot replace socket: another program answers on %s", path)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("cannot replace socket: %w", err)
	}
	return nil
}
