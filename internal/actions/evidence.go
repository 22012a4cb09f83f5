package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
)

const (
	// maxTail bounds what is copied of each output file, maxProc what is read of
	// one file of /proc, maxBundles how many bundles are kept.
	maxTail, maxProc, maxBundles = 256 << 10, 16 << 10, 20
)

// bundle is the evidence of one isolated agent.
type bundle struct {
	Attempt   heal.Attempt       `json:"attempt"`
	Process   heal.ProcessStatus `json:"process"`
	Processes []processEvidence  `json:"processes"`
}

type processEvidence struct {
	host.Identity
	Command string `json:"command"`
	Status  string `json:"status"`
	Limits  string `json:"limits"`
	// Files are what its descriptors lead to.
	Files []string `json:"files"`
}

// collect writes what is known about a frozen agent into a folder of its own, for
// our eyes only. Environments are left out: they hold secrets.
func (r *Runner) collect(a heal.Attempt) (string, error) {
	if err := host.PrivateDir(r.Evidence); err != nil {
		return "", err
	}
	dir := filepath.Join(r.Evidence, a.ID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("cannot keep evidence: %w", err)
	}
	b := bundle{Attempt: a, Process: r.Units.Status(a.Agent)}
	for _, id := range r.Units.Members()[a.Agent] {
		proc := "/proc/" + strconv.Itoa(id.PID) + "/"
		b.Processes = append(b.Processes, processEvidence{id, head(proc + "cmdline"), head(proc + "status"), head(proc + "limits"), openFiles(proc + "fd")})
	}
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return "", fmt.Errorf("cannot keep evidence: %w", err)
	}
	err = os.WriteFile(filepath.Join(dir, "bundle.json"), text, 0o600)
	for _, path := range r.Outputs(a.Agent) {
		err = errors.Join(err, copyTail(path, filepath.Join(dir, filepath.Base(path))))
	}
	r.dropOld()
	return dir, err
}

// maxFiles bounds how many descriptors of a process are listed.
const maxFiles = 256

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

func copyTail(from, to string) error {
	in, err := host.OpenRegular(from)
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
	if err := os.WriteFile(to, b, 0o600); err != nil {
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
