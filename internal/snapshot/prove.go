package snapshot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"healer-sidecar/internal/config"
)

// Prove keeps a generation that is proven good: the agent has been well with it for a whole
// window. What has not changed within the window is; what has becomes the candidate, and is
// kept the next time if the agent was well ever since. So a bad version that was put there a
// moment ago is never kept as a good one. It reports the generation that was kept, if any.
func (s Store) Prove(agent string, snap config.Snapshot, now, wellSince time.Time) (Manifest, bool, error) {
	dir := filepath.Join(s.folder(agent, snap.Name), candidate)
	c, err := readManifest(dir)
	switch {
	case err != nil: // there is none, or it is damaged
		_ = drop(dir)
	case c.Taken.Before(wellSince):
		_ = drop(dir) // the agent was not well with it
	case now.Sub(c.Taken) < snap.After:
		return c, false, nil
	default:
		return s.promoteAndTake(agent, snap, now, c)
	}
	window := now.Add(-snap.After)
	return s.take(agent, snap, now, func() bool { return wellSince.Before(window) && !changedSince(snap.Paths, window) })
}

// promoteAndTake keeps the candidate and takes the next one at once: else every second look would
// keep nothing.
func (s Store) promoteAndTake(agent string, snap config.Snapshot, now time.Time, c Manifest) (Manifest, bool, error) {
	m, kept, err := s.promote(agent, snap, filepath.Join(s.folder(agent, snap.Name), candidate), c)
	if err == nil {
		_, _, err = s.take(agent, snap, now, func() bool { return false })
	}
	return m, kept, err
}

// changedSince reports that anything below the paths has changed since, or cannot be read. A
// change of a file cannot set this time back.
func changedSince(paths []string, since time.Time) bool {
	changed := errors.New("changed")
	for _, path := range paths {
		err := filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if stat, ok := info.Sys().(*syscall.Stat_t); !ok || changeTime(stat).After(since) {
				return changed
			}
			return nil
		})
		// Where it lies tells of one that was taken away or put there by a rename.
		if parent, statErr := os.Lstat(filepath.Dir(path)); err != nil || statErr != nil || parentChanged(parent, path, since) {
			return true
		}
	}
	return false
}

// parentChanged asks the folder of a path that does not exist: it may have existed.
func parentChanged(parent os.FileInfo, path string, since time.Time) bool {
	if _, err := os.Lstat(path); err == nil {
		return false
	}
	return parent.ModTime().After(since)
}
