//go:build !linux

package cgroup

import (
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
)

// Limiter cannot limit anything here.
type Limiter struct{}

// NewLimiter returns a limiter whose Apply always fails.
func NewLimiter(string, interface{ Scan() []procfs.Identity }, *Group, *RunTasks) *Limiter {
	return &Limiter{}
}

// Apply is not available here.
func (l *Limiter) Apply(Limits) (string, error) { return "", kernel.ErrUnsupported }

// OOMKills counts none.
func (l *Limiter) OOMKills() int { return 0 }

// Remove has nothing to lift.
func (l *Limiter) Remove() error { return nil }

// UnifiedCgroups is never so here.
func UnifiedCgroups() bool { return false }

// MakeRoom has nothing to do here.
func MakeRoom() error { return nil }

// RemoveLimits has nothing to remove here.
func RemoveLimits(string) {}
