package actions

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/match"
)

const (
	// maxLock bounds what is read of a lock.
	maxLock = 512
	// clockSlack is by how much a process may seem younger than a lock that it wrote: the
	// start of a process is known in hundredths of a second, and clocks are corrected.
	clockSlack = 3 * time.Second
)

// owner is who a lock says holds it. Host is empty where the lock names none.
type owner struct {
	host string
	pid  int
}

// The forms of a lock: a link whose target ends with a number (Chrome "host-123", Firefox
// "127.0.1.1:+123", Emacs "user@host.123:boot"), and a file that names it in a record or in its
// first word.
var (
	linkOwner   = match.Lazy(`^(?:(?:[^@]*@)?(.+?)[-.:]\+?)?(\d{1,10})(?::\d+)?$`)
	namedOwner  = match.Lazy(`(?i)"?\bpid"?\s*[:=]\s*"?(\d{1,10})\b`)
	firstNumber = match.Lazy(`^\s*(\d{1,10})(?:\s|$)`)
)

// ownerInLink reads the target of a symbolic link.
func ownerInLink(target string) (owner, bool) {
	m := linkOwner().FindStringSubmatch(target)
	if m == nil {
		return owner{}, false
	}
	pid, err := strconv.Atoi(m[2])
	return owner{host: m[1], pid: pid}, err == nil && pid > 0
}

// ownerInText reads what a lock file holds.
func ownerInText(text string) (owner, bool) {
	m := firstNumber().FindStringSubmatch(text)
	if m == nil {
		m = namedOwner().FindStringSubmatch(text)
	}
	if m == nil {
		return owner{}, false
	}
	pid, err := strconv.Atoi(m[1])
	return owner{pid: pid}, err == nil && pid > 0
}

// readLock says who holds a lock, and when it was made.
func readLock(path string) (o owner, made time.Time, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return o, made, fmt.Errorf("cannot read lock: %w", err)
	}
	ok := false
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(path)
		if err != nil {
			return o, made, fmt.Errorf("cannot read lock: %w", err)
		}
		o, ok = ownerInLink(target)
	} else {
		f, err := fsys.OpenRegular(path)
		if err != nil {
			return o, made, err
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxLock))
		if err != nil {
			return o, made, fmt.Errorf("cannot read lock: %w", err)
		}
		o, ok = ownerInText(string(text))
	}
	if !ok {
		return o, made, fmt.Errorf("%s names no process", path)
	}
	return o, info.ModTime(), nil
}

// removeLock removes a lock whose owner is gone. A process that is younger than the lock cannot
// have made it: its number was given to another program since. One that runs the agent's own
// command counts as the owner all the same, because the clock may have jumped. A lock that names
// no process, or another host, is left alone.
func removeLock(path string, command []string) (string, error) {
	o, made, err := readLock(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if o.host != "" && !isThisHost(o.host) {
		return "", fmt.Errorf("%s belongs to process %d of host %s: only that host knows whether it runs", path, o.pid, o.host)
	}
	why := "is gone"
	if procfs.Alive(o.pid) {
		age, err := procfs.Age(o.pid)
		own := procfs.Program(command) == procfs.Program(procs.CommandLine(o.pid))
		if err != nil || own || time.Since(made) <= age+clockSlack {
			return "", fmt.Errorf("the owner of %s, %d, is alive", path, o.pid)
		}
		why = fmt.Sprintf("is another program now: it started %s after the lock was made", (time.Since(made) - age).Round(time.Second))
	}
	if err := os.Remove(path); err != nil {
		return "", fmt.Errorf("cannot remove lock: %w", err)
	}
	return fmt.Sprintf("removed the lock of process %d, which %s", o.pid, why), nil
}

// isThisHost reports that a name, or an address, is ours.
func isThisHost(name string) bool {
	if own, err := os.Hostname(); err == nil && (strings.EqualFold(name, own) || strings.EqualFold(name, strings.SplitN(own, ".", 2)[0])) {
		return true
	}
	ip := net.ParseIP(name)
	if ip == nil {
		return name == "localhost"
	}
	if ip.IsLoopback() {
		return true
	}
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return true
		}
	}
	return false
}
