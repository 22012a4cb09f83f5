//go:build !linux

package sampling

import "time"

// shares is not known here.
type shares struct{}

func (shares) memory(_ time.Duration, resident *float64, _ []int, _ bool) *float64 { return resident }

// zombies is not known here.
type zombies struct{}

func (zombies) count(time.Duration, []int) int { return 0 }

// MostProcesses is not known here: what is usual.
func MostProcesses() int { return 4096 }
