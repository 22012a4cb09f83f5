//go:build !linux

package procfs

import "fmt"

// Stop says what holds a process.
type Stop struct{ PID, Tracer int }

// String describes it for people.
func (s Stop) String() string { return fmt.Sprint(s.PID) }

// StopOf knows no more than the number here.
func StopOf(pid int) Stop { return Stop{PID: pid} }
