package cgroup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/cgroups/v3/cgroup2"
	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// drive is the number of a whole block device.
type drive struct{ major, minor int64 }

// disks are those of this host that keep data: no loops, no memory.
func disks() []drive {
	var all []drive
	paths, _ := filepath.Glob("/sys/block/*")
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasPrefix(name, "loop") || strings.HasPrefix(name, "ram") || strings.HasPrefix(name, "zram") {
			continue
		}
		var d drive
		b, _ := os.ReadFile(filepath.Join(path, "dev"))
		if n, _ := fmt.Sscanf(string(b), "%d:%d", &d.major, &d.minor); n == 2 {
			all = append(all, d)
		}
	}
	return all
}

// throttled is a limit for reading and writing each disk, for v1.
func throttled(rate uint64) *specs.LinuxBlockIO {
	io := &specs.LinuxBlockIO{}
	for _, d := range disks() {
		t := specs.LinuxThrottleDevice{Rate: rate}
		t.Major, t.Minor = d.major, d.minor
		io.ThrottleReadBpsDevice = append(io.ThrottleReadBpsDevice, t)
		io.ThrottleWriteBpsDevice = append(io.ThrottleWriteBpsDevice, t)
	}
	return io
}

// readIOV1 is the rate that the kernel holds for the first disk; 0 for none.
func (l *Limiter) readIOV1() uint64 {
	var d drive
	var rate uint64
	_, _ = fmt.Sscanf(l.textV1("blkio", "blkio.throttle.read_bps_device"), "%d:%d %d", &d.major, &d.minor, &rate)
	return rate
}

// throttledV2 is the same for v2.
func throttledV2(rate uint64) *cgroup2.IO {
	io := &cgroup2.IO{}
	for _, d := range disks() {
		for _, kind := range []cgroup2.IOType{cgroup2.ReadBPS, cgroup2.WriteBPS} {
			io.Max = append(io.Max, cgroup2.Entry{Type: kind, Major: d.major, Minor: d.minor, Rate: rate})
		}
	}
	return io
}

// readIO is the rate that the kernel holds for the first disk; 0 for none.
func (c *Group) readIO() (rate uint64) {
	b, err := os.ReadFile(filepath.Join(c.dir, "io.max"))
	if err != nil {
		return 0
	}
	for _, word := range strings.Fields(string(b)) {
		if n, _ := fmt.Sscanf(word, "rbps=%d", &rate); n == 1 {
			return rate
		}
	}
	return 0
}

// liftIO takes the limits of all disks back.
func (c *Group) liftIO() {
	for _, d := range disks() {
		_ = c.write("io.max", fmt.Sprintf("%d:%d rbps=max wbps=max", d.major, d.minor))
	}
}
