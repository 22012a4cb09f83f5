//go:build !linux

package procs

import (
	"os"

	"healer-sidecar/internal/host/kernel"
)

// Persona is never taken down here.
type Persona struct{}

// StartAs needs Linux.
func StartAs() error { return kernel.ErrUnsupported }

type starting struct {
	Persona   Persona
	Path      string
	Argv, Env []string
	Dir       string
}

func startAs(starting) (*os.File, error) { return nil, kernel.ErrUnsupported }
