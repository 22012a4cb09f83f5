package inspect

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/fsys"
)

// examinations are what a sidecar can use of a host, each tried and undone.
var examinations = []examination{
	{"own cgroup for each run", "every descendant is found, frozen and ended by the kernel", seesCages},
	{"limits", "memory, cpu, processes and disks are held by the kernel", seesLimits},
	{"freeze", "a tree stops, and cannot be continued from outside", seesFreeze},
	{"network cut", "an isolated agent is cut off (isolate { network = true })", seesCut},
	{"pidfd", "no signal ever reaches a number that was reused", seesPidfd},
	{"exit code of attached processes", "how a process ended that is not our child is known", seesExits},
	{"pressure triggers", "the kernel tells at once when processes wait", seesTriggers},
	{"kernel log", "an OOM kill by the whole host is proven", seesLog},
	{"priorities", "a throttle without cgroups lowers the priority too, and agents die before us", seesPriority},
	{"inotify", "logs are read as they are written", seesInotify},
	{"reflink", "good generations share the disk with what they are taken from", seesReflink},
	{"service manager", "systemd knows when we are ready and alive", seesManager},
}

func seesCages() (Enforced, string, string) {
	c := cgroup.Open("doctor")
	if c.Dir == "" {
		return Weaker, c.Why + "; trees are found by parents, session and a mark", "mount cgroup2, and as a user let systemd delegate: Delegate=yes in the unit, or systemd-run --user --scope -p Delegate=yes"
	}
	defer c.Close()
	return Enforces, c.Why + " in " + c.Dir, ""
}

func seesLimits() (Enforced, string, string) {
	if !cgroup.UnifiedCgroups() {
		if os.Geteuid() != 0 {
			return Weaker, "cgroup v1 and no root: a measured duty cycle holds the processor, nothing holds memory", "run as root, or boot with systemd.unified_cgroup_hierarchy=1"
		}
		return Enforces, "cgroup v1; a memory limit kills, and what is written through the page cache escapes limits.io", ""
	}
	own, err := cgroup.OwnCgroup("")
	if err != nil {
		return Missing, err.Error(), ""
	}
	b, _ := os.ReadFile(filepath.Join(cgroup.MountOf("cgroup2", ""), own, "cgroup.controllers"))
	var lacking []string
	for _, c := range []string{"cpu", "memory", "pids", "io"} {
		if !strings.Contains(" "+strings.TrimSpace(string(b))+" ", " "+c+" ") {
			lacking = append(lacking, c)
		}
	}
	if len(lacking) > 0 {
		return Weaker, "cgroup v2 without the controllers " + strings.Join(lacking, ", "), "let systemd delegate them: Delegate=" + strings.Join(lacking, " ") + " in the unit"
	}
	return Enforces, "cgroup v2 with cpu, memory, pids and io", ""
}

func seesFreeze() (Enforced, string, string) {
	c := cgroup.Open("doctor")
	if c.Dir == "" {
		return Weaker, "by SIGSTOP to every process", "see own cgroup for each run"
	}
	defer c.Close()
	cage, err := c.New("freeze")
	if err != nil {
		return Weaker, err.Error(), "see own cgroup for each run"
	}
	defer cage.Remove()
	if err := cage.Freeze(); err != nil {
		return Weaker, "by SIGSTOP: " + err.Error(), "a kernel of 5.2 or newer"
	}
	return Enforces, "cgroup.freeze", ""
}

func seesCut() (Enforced, string, string) {
	conn, err := nftables.New()
	if err == nil {
		_, err = conn.ListTablesOfFamily(nftables.TableFamilyINet)
	}
	if err != nil {
		return Missing, err.Error(), "run as root, or give CAP_NET_ADMIN, with nf_tables in the kernel"
	}
	if c := cgroup.Open("doctor"); c.Dir == "" {
		return Missing, "nftables, but no cgroup of the run's own", "see own cgroup for each run"
	} else {
		c.Close()
	}
	return Enforces, "nftables by cgroup", ""
}

func seesPidfd() (Enforced, string, string) {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return Weaker, err.Error(), "a kernel of 5.3 or newer, and a seccomp filter that lets pidfd_open through"
	}
	unix.Close(fd)
	return Enforces, "pidfd_open and pidfd_send_signal", ""
}

func seesExits() (Enforced, string, string) {
	release := kernelRelease()
	major, minor := 0, 0
	_, _ = fmt.Sscanf(release, "%d.%d", &major, &minor)
	if major < 6 || major == 6 && minor < 15 {
		return Missing, "kernel " + release + " does not tell", "a kernel of 6.15 or newer"
	}
	return Enforces, "PIDFD_GET_INFO, kernel " + release, ""
}

func kernelRelease() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(u.Release[:])
}

func seesTriggers() (Enforced, string, string) {
	fd, err := unix.Open("/proc/pressure/memory", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return Missing, err.Error(), "a kernel with CONFIG_PSI, booted with psi=1"
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, []byte("some 150000 1000000\x00")); err != nil {
		return Weaker, "windows of two seconds only, or polling: " + err.Error(), "CAP_SYS_RESOURCE"
	}
	return Enforces, "any window", ""
}

func seesLog() (Enforced, string, string) {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return Weaker, "only kills inside a run's own cgroup are proven: " + err.Error(), "CAP_SYSLOG, or kernel.dmesg_restrict=0"
	}
	unix.Close(fd)
	return Enforces, "/dev/kmsg", ""
}

func seesPriority() (Enforced, string, string) {
	if os.Geteuid() != 0 {
		return Weaker, "not lowered: without root it could not be raised again", "run as root, or give CAP_SYS_NICE"
	}
	return Enforces, "nice, ioprio and oom_score_adj", ""
}

func seesInotify() (Enforced, string, string) {
	b, err := os.ReadFile("/proc/sys/fs/inotify/max_user_watches")
	if err != nil {
		return Missing, err.Error(), "a kernel with inotify"
	}
	most := strings.TrimSpace(string(b))
	if len(most) < 5 {
		return Weaker, "only " + most + " watches for a user", "sysctl fs.inotify.max_user_watches=524288"
	}
	return Enforces, most + " watches for a user", ""
}

func seesReflink() (Enforced, string, string) {
	dir, err := os.MkdirTemp(".", ".healer-doctor-")
	if err != nil {
		return Weaker, "cannot try here: " + err.Error(), ""
	}
	defer os.RemoveAll(dir)
	one, err := os.Create(filepath.Join(dir, "one"))
	if err != nil {
		return Weaker, "cannot try here: " + err.Error(), ""
	}
	defer one.Close()
	other, err := os.Create(filepath.Join(dir, "other"))
	if err != nil {
		return Weaker, "cannot try here: " + err.Error(), ""
	}
	defer other.Close()
	_, _ = one.WriteString("x")
	if err := fsys.Clone(other, one); err != nil {
		return Weaker, "the file system of this folder copies", "keep the state on btrfs, or xfs with reflink"
	}
	return Enforces, "the file system of this folder", ""
}

func seesManager() (Enforced, string, string) {
	if _, err := os.Stat("/run/systemd/system"); errors.Is(err, os.ErrNotExist) {
		return Missing, "systemd does not run here", ""
	}
	if _, err := exec.LookPath("systemctl"); err != nil {
		return Missing, err.Error(), ""
	}
	return Enforces, "systemd", ""
}
