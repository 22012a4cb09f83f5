package cgroup

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"healer-sidecar/internal/host/procfs"
)

// Groups makes one v2 cgroup for each run. Membership in it cannot be left
// without privilege, so it finds every descendant, freezes and kills them all.
type Groups struct {
	// Dir is our folder in the v2 hierarchy; empty where there is none for us.
	Dir string
	// Why says what is in force, or what stands in the way.
	Why string

	tasks Tasks
}

// CagesPrefix begins the names of the folders of our cgroups.
const CagesPrefix = "healer-sidecar-"

// OurCgroup is in the path of every cgroup that we made.
const OurCgroup = "/healer-"

// leaf is the cgroup of the sidecar itself beside those of its runs.
const leaf = "supervisor"

// Group is the cgroup of one run.
type Group struct {
	dir, list string
	fd        *os.File
}

// Open finds the v2 hierarchy and checks that we may make cgroups in it.
// name separates sidecars that share a parent cgroup.
func Open(name string) *Groups {
	mount := MountOf("cgroup2", "")
	if mount == "" {
		return &Groups{Why: "best effort: no cgroup v2 hierarchy is mounted"}
	}
	own, err := OwnCgroup("")
	if err != nil {
		return &Groups{Why: "best effort: " + err.Error()}
	}
	if filepath.Base(own) == leaf { // where we moved, or were put, to make room for the runs
		own = filepath.Dir(own)
	}
	dir := filepath.Join(mount, own, CagesPrefix+name)
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return &Groups{Why: fmt.Sprintf("best effort: no right to make cgroups: %v", err)}
	}
	c := &Groups{Dir: dir, Why: "cgroup v2"}
	if err := c.bear(); err != nil {
		_ = os.Remove(dir)
		return &Groups{Why: fmt.Sprintf("best effort: no program can be started in a cgroup: %v", err)}
	}
	return c
}

// bear tries whether a process can be born in the cgroup of a run: Linux before 5.7 cannot do
// it, and some containers forbid it. The program is one that is not there, so that none is run.
// Our own cgroup would refuse where it hands controllers down to runs that live on.
func (c *Groups) bear() error {
	cage, err := c.New(fmt.Sprintf("try-%d", os.Getpid()))
	if err != nil {
		return err
	}
	defer cage.Remove()
	nothing := filepath.Join(cage.dir, "nothing")
	attr := &syscall.ProcAttr{Sys: &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: cage.FD()}}
	if _, err = syscall.ForkExec(nothing, []string{nothing}, attr); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Sweep removes what is empty: the cgroups of runs that ended while no sidecar lived.
func (c *Groups) Sweep() {
	for _, dir := range c.homes() {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if e.IsDir() {
				_ = os.Remove(filepath.Join(dir, e.Name()))
			}
		}
	}
}

// homes are the cgroups that hold those of the runs.
func (c *Groups) homes() (dirs []string) {
	for _, dir := range []string{c.Dir, c.tasks.dir} {
		if dir != "" {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// Close removes our folder and what is empty in it. What runs on keeps its place.
func (c *Groups) Close() {
	c.Sweep()
	for _, dir := range c.homes() {
		_ = os.Remove(dir)
	}
}

// New makes the cgroup of one run. Every run gets a fresh one: on some kernels a
// cgroup that was killed kills whatever is born into it later. Without a
// hierarchy it returns nil and no error.
func (c *Groups) New(run string) (*Group, error) {
	if c.Dir == "" {
		return nil, nil
	}
	dir := filepath.Join(c.Dir, run)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make cgroup: %w", err)
	}
	cage, err := Find(dir)
	if err != nil {
		_ = os.Remove(dir)
	}
	return cage, err
}

// Find opens the cgroup that an earlier sidecar made for a run; nil when it is
// not there any more.
func Find(dir string) (*Group, error) {
	if dir == "" {
		return nil, nil
	}
	fd, err := os.Open(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot open cgroup: %w", err)
	}
	return &Group{dir: dir, list: filepath.Join(dir, "cgroup.procs"), fd: fd}, nil
}

// Dir is where the cgroup lies; empty without a cage.
func (c *Group) Dir() string {
	if c == nil {
		return ""
	}
	return c.dir
}

// FD is for Command.Cgroup; negative without a cage.
func (c *Group) FD() int {
	if c == nil {
		return -1
	}
	return int(c.fd.Fd())
}

// Remove gives the cgroup back. It fails silently while somebody is in it.
func (c *Group) Remove() {
	if c != nil {
		c.fd.Close()
		_ = os.Remove(c.dir)
	}
}

// PIDs lists who is in the cgroup now. It is safe from any goroutine.
func (c *Group) PIDs() []int {
	// Most runs have few processes.
	var buf [1 << 10]byte
	b, err := procfs.ReadMost(c.list, buf[:])
	if err != nil {
		return nil
	}
	var pids []int
	for field := range bytes.FieldsSeq(b) {
		if pid, err := strconv.Atoi(string(field)); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

func (c *Group) event(name string) (string, bool) { return c.keyed("cgroup.events", name) }

// oomKills counts what the kernel killed for memory inside the cage.
func (c *Group) oomKills() int {
	v, _ := c.keyed("memory.events", "oom_kill")
	n, _ := strconv.Atoi(v)
	return n
}

func (c *Group) keyed(file, name string) (string, bool) {
	return keyedValue(filepath.Join(c.dir, file), name)
}

// keyedValue reads one value of a file of "name value" lines.
func keyedValue(path, name string) (string, bool) {
	var buf [1 << 10]byte
	b, err := procfs.ReadMost(path, buf[:])
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

func (c *Group) Populated() bool {
	v, ok := c.event("populated")
	return ok && v == "1"
}

func (c *Group) Kill() { _ = c.write("cgroup.kill", "1") }

// freeze stops every member and waits until the kernel reports that it is so;
// the write alone returns earlier.
func (c *Group) freeze(deadline time.Duration) error {
	if err := c.write("cgroup.freeze", "1"); err != nil {
		return err
	}
	for waited := time.Duration(0); waited < deadline; waited += time.Millisecond {
		if c.Frozen() {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("cannot freeze cgroup: not frozen after %s", deadline)
}

func (c *Group) Frozen() bool {
	v, _ := c.event("frozen")
	return v == "1"
}

func (c *Group) thaw() error { return c.write("cgroup.freeze", "0") }

func (c *Group) write(file, value string) error {
	if err := os.WriteFile(filepath.Join(c.dir, file), []byte(value), 0); err != nil {
		return fmt.Errorf("cannot write %s: %w", file, err)
	}
	return nil
}

func KeyedCount(path, name string) (float64, bool) {
	v, ok := keyedValue(path, name)
	n, err := strconv.ParseFloat(v, 64)
	return n, ok && err == nil
}

// mounts remembers where hierarchies are mounted: they stay where they are, and looking for one
// reads the whole table of mounts, several times for every start.
var mounts sync.Map

// MountOf returns where a cgroup hierarchy is mounted: type cgroup2, or type
// cgroup with the controller among its options.
func MountOf(kind, controller string) string {
	key := kind + " " + controller
	if dir, ok := mounts.Load(key); ok {
		return dir.(string)
	}
	dir := findMount(kind, controller)
	mounts.Store(key, dir)
	return dir
}

func findMount(kind, controller string) string {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		head, tail, ok := strings.Cut(line, " - ")
		fields, rest := strings.Fields(head), strings.Fields(tail)
		if !ok || len(fields) < 5 || len(rest) < 3 || rest[0] != kind {
			continue
		}
		if controller == "" || slices.Contains(strings.Split(rest[2], ","), controller) {
			return fields[4]
		}
	}
	return ""
}

// OwnCgroup returns our own path in a hierarchy; "" names the v2 one.
func OwnCgroup(controller string) (string, error) {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", fmt.Errorf("cannot read our cgroup: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) == 3 && slices.Contains(strings.Split(parts[1], ","), controller) {
			return parts[2], nil
		}
	}
	return "", fmt.Errorf("cannot find our cgroup for %q", controller)
}

// Of finds the cgroup that a sidecar made for the run that a process belongs to.
func Of(pid int) (*Group, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return nil, fmt.Errorf("cannot read its cgroup: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok && strings.Contains(path, CagesPrefix) {
			return Find(filepath.Join(MountOf("cgroup2", ""), path))
		}
	}
	return nil, errors.New("it is in no cgroup of a sidecar")
}

// freezeDeadline bounds how long a freeze may take to be in force.
const freezeDeadline = 2 * time.Second

// Freeze and Thaw hold the run where it is, and let it go on.
func (c *Group) Freeze() error { return c.freeze(freezeDeadline) }

// Thaw lets the run go on.
func (c *Group) Thaw() error { return c.thaw() }

// Join puts a process beside another, into every cgroup that a sidecar made for that one.
func Join(pid, beside int) error {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", beside))
	if err != nil {
		return fmt.Errorf("cannot read its cgroup: %w", err)
	}
	joined := 0
	for line := range strings.Lines(string(b)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 || !strings.Contains(parts[2], OurCgroup) {
			continue
		}
		first, _, _ := strings.Cut(parts[1], ",")
		mount := MountOf("cgroup", first)
		if parts[1] == "" {
			mount = MountOf("cgroup2", "")
		}
		if err := os.WriteFile(filepath.Join(mount, parts[2], "cgroup.procs"), []byte(strconv.Itoa(pid)), 0); err != nil {
			return fmt.Errorf("cannot join its cgroup: %w", err)
		}
		joined++
	}
	if joined == 0 {
		return errors.New("it is in no cgroup of a sidecar")
	}
	return nil
}
