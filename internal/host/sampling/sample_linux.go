package sampling

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
)

// read takes everything but descriptors from one line of the kernel. The library
// reads three files for the same, which is too much for hundreds of agents a second
// (docs/design/0004-sampling.md).
func (s *Sampler) read(pid int) (reading, error) {
	st, err := procfs.ReadStat(pid)
	if err != nil {
		return reading{}, err
	}
	if st.Dead() {
		return reading{}, procfs.ErrGone
	}
	r := reading{
		rss: float64(st.Pages) * float64(os.Getpagesize()), threads: float64(st.Threads),
		cpu: float64(st.Ticks) / kernel.TicksPerSecond, fds: -1, io: -1, start: st.Start, state: st.State,
	}
	if s.IO {
		if n, err := readIO(pid); err == nil {
			r.io = n
		}
	}
	if s.FDs {
		if n, err := countFDs(pid); err == nil {
			r.fds = float64(n)
		}
	}
	return r, nil
}

// readIO sums what a process has read and written, by whatever means.
func readIO(pid int) (float64, error) {
	var buf [512]byte
	n, err := procfs.ReadSmall("/proc/"+strconv.Itoa(pid)+"/io", buf[:])
	if err != nil {
		return 0, fmt.Errorf("cannot read input and output: %w", err)
	}
	sum := 0.0
	for line := range bytes.Lines(buf[:n]) {
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(": "))
		if string(name) == "rchar" || string(name) == "wchar" {
			v, _ := strconv.ParseFloat(string(value), 64)
			sum += v
		}
	}
	return sum, nil
}

func countFDs(pid int) (int, error) {
	dir, err := os.Open("/proc/" + strconv.Itoa(pid) + "/fd")
	if err != nil {
		return 0, fmt.Errorf("cannot count descriptors: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0, fmt.Errorf("cannot count descriptors: %w", err)
	}
	return len(names), nil
}
