package follow

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"healer-sidecar/internal/host/kernel"
)

const (
	// shareOfCPU is what filing away may take of one core: it rests this many times as
	// long as it worked. An agent that writes faster than that loses its oldest output.
	shareOfCPU = 20
	// fileAt and dropAt are how many sizes of consumed output make the oldest one be
	// filed away, and be dropped when that does not keep up.
	fileAt, dropAt = 2, 4
	// pruneEvery is how often archives are looked at for their age.
	pruneEvery = time.Minute
)

// Keep says how much output that was read stays on the disk. The agent holds its file
// open and is never disturbed: what is filed away is copied out of the file's
// beginning, and its blocks there are released.
type Keep struct {
	// Size in bytes of what at least stays in the file itself, and of one archive.
	Size int64
	// Count of archives for each stream, and their greatest age; zero for no limit of
	// age.
	Count  int
	MaxAge time.Duration
	// Compress packs archives with gzip.
	Compress bool
}

// errGivenUp says that the file grew faster than it could be filed away.
var errGivenUp = errors.New("given up")

// rotator files the consumed beginning of an output file away. All but the copying
// belongs to the goroutine of its file.
type rotator struct {
	path string
	keep Keep
	// released is how much of the beginning is not on the disk any more, dropped how
	// much of that was not filed away before.
	released, dropped int64
	job               *job
	rest, pruned      time.Time
	// fault is why the disk is not given back; empty when it is.
	fault string
}

// job copies one piece.
type job struct {
	from, to int64
	compress bool
	begun    time.Time
	giveUp   atomic.Bool
	done     chan error
}

// look files away or drops what the size asks for. upto is how far the file was read.
func (s *rotator) look(upto int64, now time.Time) {
	if s == nil {
		return
	}
	s.collect(now)
	room, size := upto-s.released, s.keep.Size
	switch {
	case room > dropAt*size && (s.job != nil || now.Before(s.rest)):
		s.stop(now)
		s.drop(upto - size)
	case s.job != nil || room < fileAt*size || now.Before(s.rest):
	case s.keep.Count == 0:
		s.release(upto - size)
	default:
		s.job = &job{from: s.released, to: s.released + size, compress: s.keep.Compress, begun: now, done: make(chan error, 1)}
		go func(j *job) { j.done <- j.run(s.path) }(s.job)
	}
	if s.keep.MaxAge > 0 && now.Sub(s.pruned) > pruneEvery {
		s.pruned = now
		prune(s.path, s.keep, now)
	}
}

// collect takes the result of a job that has ended.
func (s *rotator) collect(now time.Time) {
	if s.job == nil {
		return
	}
	select {
	case err := <-s.job.done:
		s.ended(err, now)
	default:
	}
}

func (s *rotator) ended(err error, now time.Time) {
	j := s.job
	s.job = nil
	s.rest = now.Add((shareOfCPU - 1) * now.Sub(j.begun))
	switch {
	case err == nil:
		s.release(j.to)
		prune(s.path, s.keep, now)
	case !errors.Is(err, errGivenUp): // the disk takes nothing: make room all the same
		s.fault = err.Error()
		s.drop(j.to)
	}
}

// stop gives up a job that is under way, and waits for it.
func (s *rotator) stop(now time.Time) {
	if s == nil || s.job == nil {
		return
	}
	s.job.giveUp.Store(true)
	s.ended(<-s.job.done, now)
}

// drop releases what was not filed away, and counts it.
func (s *rotator) drop(upto int64) {
	before := s.released
	if s.release(upto); s.released > before {
		s.dropped += s.released - before
	}
}

func (s *rotator) release(upto int64) {
	if upto <= s.released {
		return
	}
	w, err := os.OpenFile(s.path, os.O_WRONLY, 0)
	if err == nil {
		err = kernel.PunchHole(w, upto)
		w.Close()
	}
	if err != nil {
		s.fault = err.Error()
		return
	}
	s.fault, s.released = "", upto
}

// run copies one piece into the next archive. It runs beside everything else.
func (j *job) run(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cannot file output away: %w", err)
	}
	defer f.Close()
	j.to = lineEnd(f, j.from, j.to)
	part := path + ".part"
	if err := j.copy(f, part); err != nil {
		_ = os.Remove(part)
		return err
	}
	name := path + "." + strconv.Itoa(lastNumber(path)+1)
	if j.compress {
		name += ".gz"
	}
	if err := os.Rename(part, name); err != nil {
		return fmt.Errorf("cannot file output away: %w", err)
	}
	return nil
}

func (j *job) copy(f *os.File, part string) error {
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("cannot file output away: %w", err)
	}
	defer out.Close()
	var sink io.WriteCloser = out
	if j.compress {
		sink, _ = gzip.NewWriterLevel(out, gzip.BestSpeed)
	}
	buf := make([]byte, readSize)
	for at := j.from; at < j.to; {
		if j.giveUp.Load() {
			return errGivenUp
		}
		n, err := f.ReadAt(buf[:min(int64(len(buf)), j.to-at)], at)
		if _, werr := sink.Write(buf[:n]); werr != nil {
			return fmt.Errorf("cannot file output away: %w", werr)
		}
		if at += int64(n); err != nil {
			break
		}
	}
	if err := sink.Close(); err != nil {
		return fmt.Errorf("cannot file output away: %w", err)
	}
	return nil
}

// lineEnd moves to back behind the last line end before it, where there is one near.
func lineEnd(f *os.File, from, to int64) int64 {
	at := max(from, to-MaxLine)
	buf := make([]byte, to-at)
	n, _ := f.ReadAt(buf, at)
	if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
		return at + int64(i) + 1
	}
	return to
}

// archives are the files of output that was filed away, by their number; the highest is
// the latest.
func archives(path string) map[int]string {
	found := map[int]string{}
	names, _ := filepath.Glob(path + ".[0-9]*")
	for _, name := range names {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, path+"."), ".gz"))
		if err == nil {
			found[n] = name
		}
	}
	return found
}

func lastNumber(path string) int {
	last := 0
	for n := range archives(path) {
		last = max(last, n)
	}
	return last
}

// prune removes the archives that are too many or too old.
func prune(path string, k Keep, now time.Time) {
	all := archives(path)
	numbers := slices.Sorted(maps.Keys(all))
	for i, n := range numbers {
		info, err := os.Lstat(all[n])
		old := err == nil && k.MaxAge > 0 && now.Sub(info.ModTime()) > k.MaxAge
		if old || i < len(numbers)-k.Count {
			_ = os.Remove(all[n])
		}
	}
}

// SetAside files a whole output file away that nobody writes any more, so that a new
// one can be begun.
func SetAside(path string, k Keep) {
	_ = os.Remove(path + placeSuffix)
	_ = os.Remove(path + timesSuffix)
	_ = os.Remove(path + ".part")
	info, err := os.Lstat(path)
	if err != nil || info.Size() == 0 {
		return
	}
	_ = os.Rename(path, path+"."+strconv.Itoa(lastNumber(path)+1))
	prune(path, k, time.Now())
}
