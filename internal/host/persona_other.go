//go:build !linux

package host

import "os"

// Persona is never taken down here.
type Persona struct{}

// StartAs needs Linux.
func StartAs() error { return ErrUnsupported }

type starting struct {
	Persona   Persona
	Path      string
	Argv, Env []string
	Dir       string
}

func startAs(starting) (*os.File, error) { return nil, ErrUnsupported }
