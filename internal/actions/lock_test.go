package actions

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLocksNameTheirOwners(t *testing.T) {
	for text, want := range map[string]int{
		"4711": 4711, "  4711\n": 4711, "4711\n/var/lib/postgresql\n1700000000\n5432\n": 4711, "4711 node host-1": 4711,
		`{"pid":4711,"port":8080}`: 4711, "pid=4711\nhost=a": 4711, "PID: 4711": 4711,
		"node-7": 0, "": 0, "0": 0, "locked": 0, "12345678901": 0,
	} {
		if o, ok := ownerInText(text); o.pid != want && ok || ok != (want > 0) {
			t.Errorf("text %q: %+v, %v", text, o, ok)
		}
	}
	for target, want := range map[string]owner{
		"my-host-4711": {"my-host", 4711}, "127.0.1.1:+4711": {"127.0.1.1", 4711}, "jo@pc.lan.4711:1700000000": {"pc.lan", 4711},
		"4711": {"", 4711}, "/var/run/agent": {}, "": {},
	} {
		if o, ok := ownerInLink(target); ok != (want.pid > 0) || ok && o != want {
			t.Errorf("link %q: %+v, %v", target, o, ok)
		}
	}
}

func TestAnOwnerIsOlderThanItsLock(t *testing.T) {
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	// This process is alive and has the number that the locks name.
	for name, c := range map[string]struct {
		link, runs string
		age        time.Duration
		stay       bool
	}{
		"just made":                         {"", "agent", 0, true},
		"made before the process":           {"", "agent", 48 * time.Hour, false},
		"by another copy, the clock jumped": {"", filepath.Base(os.Args[0]), 48 * time.Hour, true},
		"link, just made":                   {own + "-%d", "agent", 0, true},
		"link of another host":              {"no-such-host-%d", "agent", 0, true},
	} {
		lock := filepath.Join(t.TempDir(), "lock")
		if c.link == "" {
			write(t, lock, fmt.Sprint(os.Getpid()))
			made := time.Now().Add(-c.age)
			if err := os.Chtimes(lock, made, made); err != nil {
				t.Fatal(err)
			}
		} else if err := os.Symlink(fmt.Sprintf(c.link, os.Getpid()), lock); err != nil {
			t.Fatal(err)
		}
		said, err := removeLock(lock, []string{c.runs})
		if _, gone := os.Lstat(lock); (gone == nil) != c.stay {
			t.Errorf("%s: %q, %v", name, said, err)
		}
	}
	dead := filepath.Join(t.TempDir(), "SingletonLock")
	if err := os.Symlink(own+"-4194300", dead); err != nil {
		t.Fatal(err)
	}
	if said, err := removeLock(dead, nil); err != nil || !strings.Contains(said, "4194300") {
		t.Errorf("a link of a dead owner: %q, %v", said, err)
	}
}
