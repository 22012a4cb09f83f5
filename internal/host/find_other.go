//go:build !linux

package host

import (
	"errors"
	"regexp"
	"strconv"
)

// ErrBadPID says that a number names no process that may be touched.
var ErrBadPID = errors.New("bad_pid")

// ErrNoProcess says that nothing is there to attach to.
var ErrNoProcess = errors.New("no process is there")

// ParsePID reads a process number.
func ParsePID(text string) (int, error) { return strconv.Atoi(text) }

// ReadPIDFile is not available here.
func ReadPIDFile(string) (int, error) { return 0, errUnsupported }

// Claim is not available here.
func Claim(int, int) (Identity, error) { return Identity{}, errUnsupported }

// Match is not available here.
func Match(*regexp.Regexp, int) (Identity, error) { return Identity{}, errUnsupported }

// Capture is not available here.
func Capture(Identity) (Command, error) { return Command{}, errUnsupported }
