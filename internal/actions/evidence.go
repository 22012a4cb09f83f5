package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
)

const (
	// maxTail bounds what is copied of each output file and of what a stack command prints,
	// maxProc what is read of one file of /proc, maxBundles how many bundles are kept.
	maxTail, maxProc, maxBundles = 256 << 10, 16 << 10, 20
	// maxProcesses bounds how many processes are described, maxStacks of how many the stack
	// is asked for, maxFiles how many descriptors and sockets of each are listed.
	maxProcesses, maxStacks, maxFiles = 100, 8, 256
	// evidenceWithin bounds how long is spent on it; a process may not let itself be read.
	evidenceWithin = 5 * time.Second
)

// bundle is the evidence of one isolated agent.
type bundle struct {
	Attempt   heal.Attempt       `json:"attempt"`
	Process   heal.ProcessStatus `json:"process"`
	Processes []processEvidence  `json:"processes"`
	// CorePattern is where the kernel puts core dumps.
	CorePattern string `json:"core_pattern"`
}

type processEvidence struct {
	procfs.Identity
	Command string `json:"command"`
	Status  string `json:"status"`
	Limits  string `json:"limits"`
	// Files are what its descriptors lead to, Sockets where its connections lead.
	Files   []string `json:"files"`
	Sockets []string `json:"sockets"`
	Stack   string   `json:"stack,omitempty"`
}

// collect writes what is known about a held agent into a folder of its own, for our eyes
// only, without secrets that can be told from text. Environments are left out.
func (r *Runner) collect(ctx context.Context, a heal.Attempt) (string, error) {
	if err := fsys.PrivateDir(r.Evidence); err != nil {
		return "", err
	}
	dir := filepath.Join(r.Evidence, a.ID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("cannot keep evidence: %w", err)
	}
	var err error
	for _, path := range r.Outputs(a.Agent) {
		err = errors.Join(err, r.copyTail(path, filepath.Join(dir, filepath.Base(path))))
	}
	b := bundle{Attempt: a, Process: r.Units.Status(a.Agent), CorePattern: head("/proc/sys/kernel/core_pattern")}
	b.Processes = r.describe(ctx, a.Agent)
	text, failed := json.MarshalIndent(b, "", "  ")
	if failed == nil {
		failed = os.WriteFile(filepath.Join(dir, "bundle.json"), text, 0o600)
	}
	r.dropOld()
	return dir, errors.Join(err, failed)
}

// describe looks at every process, as far as the time allows.
func (r *Runner) describe(ctx context.Context, agent string) []processEvidence {
	policy, _ := r.Agent(agent)
	members := r.Units.Members()[agent]
	found := make(chan processEvidence, len(members))
	ctx, cancel := context.WithTimeout(ctx, evidenceWithin+policy.Isolate.Timeout)
	defer cancel()
	go func() {
		defer close(found)
		for i, id := range members[:min(len(members), maxProcesses)] {
			if ctx.Err() == nil {
				found <- r.inspect(ctx, id, policy.Isolate, i < maxStacks)
			}
		}
	}()
	var all []processEvidence
	for {
		select {
		case p, more := <-found:
			if !more {
				return all
			}
			all = append(all, p)
		case <-ctx.Done():
			return all
		}
	}
}

func (r *Runner) inspect(ctx context.Context, id procfs.Identity, how config.Isolate, stack bool) processEvidence {
	proc := "/proc/" + strconv.Itoa(id.PID) + "/"
	p := processEvidence{
		Identity: id, Command: r.Redact(strings.ReplaceAll(strings.TrimRight(head(proc+"cmdline"), "\x00"), "\x00", " ")),
		Status: head(proc + "status"), Limits: head(proc + "limits"), Files: openFiles(proc + "fd"), Sockets: sampling.Sockets(id.PID, maxFiles),
	}
	if !stack || len(how.Stack) == 0 {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, how.Timeout)
	defer cancel()
	argv := slices.Clone(how.Stack)
	for i := range argv {
		argv[i] = strings.ReplaceAll(argv[i], "{pid}", strconv.Itoa(id.PID))
	}
	env := append(kernel.InheritedEnv(), "HEALER_PID="+strconv.Itoa(id.PID))
	out, err := r.Reaper.ToolOutput(ctx, procs.Command{Argv: argv, Env: env}, maxTail)
	if p.Stack = r.Redact(string(out)); err != nil {
		p.Stack = err.Error()
	}
	return p
}

func openFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var all []string
	for _, e := range entries[:min(len(entries), maxFiles)] {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
			all = append(all, e.Name()+" "+to)
		}
	}
	return all
}

func head(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, maxProc))
	return string(b)
}

func (r *Runner) copyTail(from, to string) error {
	in, err := fsys.OpenRegular(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", from, err)
	}
	b, err := io.ReadAll(io.NewSectionReader(in, max(info.Size()-maxTail, 0), maxTail))
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", from, err)
	}
	if err := os.WriteFile(to, []byte(r.Redact(string(b))), 0o600); err != nil {
		return fmt.Errorf("cannot keep evidence: %w", err)
	}
	return nil
}

// dropOld keeps the newest bundles.
func (r *Runner) dropOld() {
	entries, err := os.ReadDir(r.Evidence)
	if err != nil || len(entries) <= maxBundles {
		return
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int {
		x, errX := a.Info()
		y, errY := b.Info()
		if errX != nil || errY != nil {
			return 0
		}
		return x.ModTime().Compare(y.ModTime())
	})
	for _, e := range entries[:len(entries)-maxBundles] {
		_ = os.RemoveAll(filepath.Join(r.Evidence, e.Name()))
	}
}
