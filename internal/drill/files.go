package drill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/sampling"
)

// badConfig spoils a file and ends the agent, so that the next start reads it. What healed it
// has put it back; if nothing has, undo does.
func badConfig(_ context.Context, t Target) (func(), error) {
	if t.File == "" {
		return nil, unfit("no file was named; --file names one")
	}
	before, err := os.ReadFile(t.File)
	if err != nil {
		return nil, fmt.Errorf("cannot read configuration: %w", err)
	}
	garbage := []byte("}{ this is a drill: it is no configuration\n")
	if err := fsys.Rewrite(t.File, garbage); err != nil {
		return nil, err
	}
	undo := func() {
		if now, err := os.ReadFile(t.File); err == nil && string(now) == string(garbage) {
			_ = fsys.Rewrite(t.File, before)
		}
	}
	if err := t.Leader.Signal(syscall.SIGKILL); err != nil {
		undo()
		return nil, err
	}
	return undo, nil
}

// largest is the size of a disk that a drill may fill: on a larger one others live, too.
const largest = 4 << 30

// fullDisk takes the space that is left with one file.
func fullDisk(_ context.Context, t Target) (func(), error) {
	if t.Disk == "" {
		return nil, unfit("no disk was named; --disk names a folder on it")
	}
	size, free, err := sampling.DiskSpace(t.Disk)
	switch {
	case err != nil:
		return nil, err
	case size > largest:
		return nil, unfit(fmt.Sprintf("the disk of %s is larger than 4 GiB: others live on it, too", t.Disk))
	}
	path := filepath.Join(t.Disk, ".healer-drill")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot fill the disk: %w", err)
	}
	defer f.Close()
	undo := func() { _ = os.Remove(path) }
	block := make([]byte, 1<<20)
	for written := uint64(0); written < free+uint64(len(block)); written += uint64(len(block)) {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			break
		} else if err != nil {
			undo()
			return nil, fmt.Errorf("cannot fill the disk: %w", err)
		}
	}
	return undo, nil
}
