package procs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Persona is what a process may do, and within which limits: who it is, not what it runs.
type Persona struct {
	UID, GID int
	Groups   []int
	// Bounding, Inheritable and Ambient are sets of capabilities.
	Bounding, Inheritable, Ambient uint64
	NoNewPrivileges                bool
	Umask                          int
	// Limits by the number of the resource.
	Limits []unix.Rlimit
}

// starting is what the program that starts another one is told.
type starting struct {
	Persona Persona
	Path    string
	Argv    []string
	Env     []string
	Dir     string
}

// lastCapability bounds what the kernel is asked about; it refuses the first that it lacks.
const lastCapability = 63

// resources is how many limits a process has, limitsAt the column in which they begin.
const resources, limitsAt = 16, 26

// namespaces hold what a process sees; one that sees something else than we do cannot be
// started again by us.
var namespaces = []string{"mnt", "user", "pid", "net", "ipc", "uts"}

// personaOf takes down what a process is. A process that is confined by means that cannot be
// copied is an error.
func personaOf(pid int) (*Persona, error) {
	proc := "/proc/" + strconv.Itoa(pid) + "/"
	for _, ns := range namespaces {
		its, err := os.Readlink(proc + "ns/" + ns)
		ours, _ := os.Readlink("/proc/self/ns/" + ns)
		if err != nil || its != ours {
			return nil, fmt.Errorf("it is in another %s namespace, or that cannot be seen", ns)
		}
	}
	if root, err := os.Readlink(proc + "root"); err != nil || root != "/" {
		return nil, errors.New("it has another root directory, or that cannot be seen")
	}
	its, err := statusOf(pid)
	if err != nil {
		return nil, err
	}
	ours, err := statusOf(os.Getpid())
	if err != nil {
		return nil, err
	}
	if its["Seccomp"] != ours["Seccomp"] || its["Seccomp_filters"] != ours["Seccomp_filters"] {
		return nil, errors.New("its system calls are filtered, which cannot be copied")
	}
	p, err := parsePersona(its)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(proc + "limits")
	if err == nil {
		p.Limits, err = parseLimits(string(b))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read its limits: %w", err)
	}
	return p, nil
}

// parseLimits reads /proc/PID/limits, which lists them in the order of their numbers; prlimit
// shows those of another user only to who may change them.
func parseLimits(text string) ([]unix.Rlimit, error) {
	var all []unix.Rlimit
	_, text, _ = strings.Cut(text, "\n") // the head of the table
	for line := range strings.Lines(text) {
		fields := strings.Fields(line[min(limitsAt, len(line)):])
		if len(fields) < 2 {
			return nil, fmt.Errorf("%q is no limit", line)
		}
		var limit unix.Rlimit
		for i, into := range []*uint64{&limit.Cur, &limit.Max} {
			if *into = unix.RLIM_INFINITY; fields[i] == "unlimited" {
				continue
			}
			n, err := strconv.ParseUint(fields[i], 10, 64)
			if err != nil {
				return nil, err
			}
			*into = n
		}
		all = append(all, limit)
	}
	if len(all) < resources {
		return nil, fmt.Errorf("%d limits, not %d", len(all), resources)
	}
	return all[:resources], nil
}

// statusOf reads /proc/PID/status.
func statusOf(pid int) (map[string]string, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return nil, fmt.Errorf("cannot read what it may do: %w", err)
	}
	all := map[string]string{}
	for line := range bytes.Lines(b) {
		if name, value, ok := strings.Cut(string(line), ":"); ok {
			all[name] = strings.TrimSpace(value)
		}
	}
	return all, nil
}

// parsePersona reads the lines of a status. The real user counts: a program that changes to
// another one will do so again.
func parsePersona(status map[string]string) (*Persona, error) {
	p := &Persona{NoNewPrivileges: status["NoNewPrivs"] == "1"}
	var failed error
	number := func(field, text string, base int) uint64 {
		n, err := strconv.ParseUint(text, base, 64)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("cannot read %s of its status: %w", field, err))
		}
		return n
	}
	first := func(field string) int {
		word, _, _ := strings.Cut(status[field], "\t")
		return int(number(field, word, 10))
	}
	p.UID, p.GID = first("Uid"), first("Gid")
	for field := range strings.FieldsSeq(status["Groups"]) {
		p.Groups = append(p.Groups, int(number("Groups", field, 10)))
	}
	p.Umask = int(number("Umask", status["Umask"], 8))
	for field, into := range map[string]*uint64{"CapBnd": &p.Bounding, "CapInh": &p.Inheritable, "CapAmb": &p.Ambient} {
		*into = number(field, status[field], 16)
	}
	return p, failed
}

// startAs is the file from which the started program reads who to become.
func startAs(s starting) (*os.File, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("cannot say how to start it: %w", err)
	}
	fd, err := unix.MemfdCreate("start-as", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot say how to start it: %w", err)
	}
	f := os.NewFile(uintptr(fd), "start-as")
	if _, err = f.Write(text); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot say how to start it: %w", err)
	}
	return f, nil
}

// StartAs becomes what was inherited and runs its program; it returns only an error. Where one
// thing cannot be taken over nothing is run.
func StartAs() error {
	f := os.NewFile(startingFD, "start-as")
	defer f.Close()
	var s starting
	if err := json.NewDecoder(f).Decode(&s); err != nil {
		return fmt.Errorf("cannot read how to start it: %w", err)
	}
	unix.CloseOnExec(startingFD)
	runtime.LockOSThread() // capabilities belong to the thread, and this is the one that goes on
	if err := s.Persona.assume(); err != nil {
		return err
	}
	if err := os.Chdir(s.Dir); err != nil {
		return fmt.Errorf("cannot enter its directory: %w", err)
	}
	if err := unix.Access(s.Path, unix.X_OK); err != nil {
		return &ExecError{Path: s.Path, Errno: err.(syscall.Errno)}
	}
	err := syscall.Exec(s.Path, s.Argv, s.Env)
	return asExecError(s.Path, err)
}

// assume takes over everything in the order in which each step leaves the right to the next.
// The limits come last: within some of them we could not do the rest.
func (p *Persona) assume() error {
	if err := p.limit(raised); err != nil {
		return err
	}
	unix.Umask(p.Umask)
	if err := dropBounding(p.Bounding); err != nil {
		return err
	}
	if err := p.changeUser(); err != nil {
		return err
	}
	if p.NoNewPrivileges {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("cannot give up new privileges: %w", err)
		}
	}
	return p.limit(func(_, its unix.Rlimit) unix.Rlimit { return its })
}

// limit sets every limit to what is wanted in place of ours.
func (p *Persona) limit(wanted func(ours, its unix.Rlimit) unix.Rlimit) error {
	for resource, its := range p.Limits {
		var ours unix.Rlimit
		if err := unix.Prlimit(0, resource, nil, &ours); err != nil {
			return fmt.Errorf("cannot read limit %d: %w", resource, err)
		}
		limit := wanted(ours, its)
		if limit == ours {
			continue
		}
		if err := unix.Prlimit(0, resource, &limit, nil); err != nil {
			return fmt.Errorf("cannot take over limit %d: %w", resource, err)
		}
	}
	return nil
}

// raised keeps our own limit and allows at least as much as the other one.
func raised(ours, its unix.Rlimit) unix.Rlimit {
	return unix.Rlimit{Cur: ours.Cur, Max: max(ours.Max, its.Max)}
}

// dropBounding gives up the capabilities that are not in the set.
func dropBounding(keep uint64) error {
	for c := range uintptr(lastCapability + 1) {
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, c, 0, 0, 0)
		if err != nil {
			return nil // the kernel knows no more
		}
		if has == 1 && keep&(1<<c) == 0 {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil {
				return fmt.Errorf("cannot give up capability %d: %w", c, err)
			}
		}
	}
	return nil
}

// changeUser becomes the user with its groups and the capabilities that outlive the change.
func (p *Persona) changeUser() error {
	if os.Geteuid() != 0 {
		return p.unchanged()
	}
	if p.UID != 0 && p.Ambient != 0 {
		if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("cannot keep its capabilities: %w", err)
		}
	}
	if err := syscall.Setgroups(p.Groups); err != nil {
		return fmt.Errorf("cannot take over its groups: %w", err)
	}
	if err := syscall.Setresgid(p.GID, p.GID, p.GID); err != nil {
		return fmt.Errorf("cannot become group %d: %w", p.GID, err)
	}
	if err := syscall.Setresuid(p.UID, p.UID, p.UID); err != nil {
		return fmt.Errorf("cannot become user %d: %w", p.UID, err)
	}
	if p.UID == 0 {
		return nil
	}
	return p.keepAmbient()
}

// unchanged is an error where only root could become what the process was.
func (p *Persona) unchanged() error {
	groups, err := os.Getgroups()
	if err != nil {
		return fmt.Errorf("cannot read our groups: %w", err)
	}
	slices.Sort(groups)
	if os.Getuid() != p.UID || os.Getgid() != p.GID || !slices.Equal(groups, slices.Sorted(slices.Values(p.Groups))) {
		return errors.New("cannot take over its user and groups: we are not root")
	}
	return nil
}

// keepAmbient leaves a user who is not root exactly the capabilities that the process had.
func (p *Persona) keepAmbient() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	low, high := uint32(p.Ambient), uint32(p.Ambient>>32)
	sets := [2]unix.CapUserData{
		{Effective: low, Permitted: low, Inheritable: uint32(p.Inheritable) & low},
		{Effective: high, Permitted: high, Inheritable: uint32(p.Inheritable>>32) & high},
	}
	if err := unix.Capset(&header, &sets[0]); err != nil {
		return fmt.Errorf("cannot take over its capabilities: %w", err)
	}
	for c := range uintptr(lastCapability + 1) {
		if p.Ambient&(1<<c) == 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, c, 0, 0); err != nil {
			return fmt.Errorf("cannot take over capability %d: %w", c, err)
		}
	}
	return nil
}
