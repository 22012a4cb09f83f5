package fsys

import (
	"errors"
	"testing"
)

func TestLockIsExclusive(t *testing.T) {
	dir := t.TempDir()
	f, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := Lock(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v", err)
	}
}
