//go:build !linux

package sampling

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/process"
)

// read asks the library.
func (s *Sampler) read(pid int) (reading, error) {
	// The library's own constructor looks the number up and compares wall-clock start
	// times; whose this is was found out just before.
	p, ctx := &process.Process{Pid: int32(pid)}, context.Background()
	m, err := p.MemoryInfoWithContext(ctx)
	if err != nil || m == nil {
		return reading{}, fmt.Errorf("cannot read process %d: %w", pid, err)
	}
	r := reading{rss: float64(m.RSS), fds: -1, io: -1}
	if n, err := p.NumThreadsWithContext(ctx); err == nil {
		r.threads = float64(n)
	}
	if t, err := p.TimesWithContext(ctx); err == nil && t != nil {
		r.cpu = t.User + t.System
	}
	if n, err := p.NumFDsWithContext(ctx); s.FDs && err == nil {
		r.fds = float64(n)
	}
	return r, nil
}
