package heal

import "time"

// Stamp is one moment on two clocks. Mono is the time since the machine booted
// and is the only clock used for intervals, windows and budgets; Wall is for
// display and for carrying an interval over a reboot.
type Stamp struct {
	Mono time.Duration `json:"mono"`
	Wall time.Time     `json:"wall"`
}

// Sub returns the monotonic time from u to s.
func (s Stamp) Sub(u Stamp) time.Duration { return s.Mono - u.Mono }

// Add returns the moment d later on both clocks.
func (s Stamp) Add(d time.Duration) Stamp {
	return Stamp{Mono: s.Mono + d, Wall: s.Wall.Add(d)}
}

// Earlier is the earlier of two moments.
func (s Stamp) Earlier(u Stamp) Stamp {
	if u.Mono < s.Mono {
		return u
	}
	return s
}

// Later is the later of two moments.
func (s Stamp) Later(u Stamp) Stamp {
	if u.Mono > s.Mono {
		return u
	}
	return s
}

// IsZero reports whether s was never set.
func (s Stamp) IsZero() bool { return s.Mono == 0 && s.Wall.IsZero() }

// Rebase moves a stamp written under an earlier boot onto the clock of now: the
// age is taken from the wall clocks and never negative, because a wall clock
// that went back must not make an old action look like one of the future.
func (s Stamp) Rebase(now Stamp) Stamp {
	age := max(now.Wall.Sub(s.Wall), 0)
	return Stamp{Mono: now.Mono - age, Wall: s.Wall}
}
