package control

import (
	"os"
	"path/filepath"
	"testing"
)

// TestADeletedSocketIsOpenedAgain, and one that is still there is left alone.
func TestADeletedSocketIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), SocketName)
	s, err := Listen(path, &backend{})
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	defer s.Close()
	if again, err := s.Renew(); again || err != nil {
		t.Errorf("one that is there was opened again: %v, %v", again, err)
	}
	for range 3 {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if again, err := s.Renew(); !again || err != nil {
			t.Fatalf("after it was deleted: %v, %v", again, err)
		}
		if !Alive(path) {
			t.Fatal("nobody answers")
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Renew(); err == nil {
		t.Error("a file of somebody else was replaced")
	}
}
