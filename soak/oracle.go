package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"healer-sidecar/testlab"
)

// journal remembers the records that were seen on the disk: none of them may change or go
// while its segment is kept.
type journal map[string]map[int]string

// look reads all segments and reports what was there once and is not the same now.
func (j journal) look(dir string) error {
	paths, _ := filepath.Glob(filepath.Join(dir, "journal-*.jsonl"))
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it was given up between the two
		}
		seen := j[path]
		if seen == nil {
			seen = map[int]string{}
			j[path] = seen
		}
		lines := bytes.SplitAfter(b, []byte("\n"))
		for i, line := range lines[:len(lines)-1] {
			sum := string(line[:min(len(line), 40)]) // it begins with the checksum of the record
			if was, ok := seen[i]; ok && was != sum {
				return fmt.Errorf("record %d of %s was %s and is %s", i, filepath.Base(path), was, sum)
			}
			seen[i] = sum
		}
		if len(seen) > len(lines)-1 {
			return fmt.Errorf("%s had %d records and has %d", filepath.Base(path), len(seen), len(lines)-1)
		}
	}
	return nil
}

// sample is what the sidecar holds at a time.
type sample struct {
	at                        time.Time
	rss, descriptors, threads float64
	goroutines                float64
	// heap is the size at which the next collection begins, in MiB: what is alive, and half as
	// much again.
	heap float64
}

func (g *ground) sample() sample {
	pid := g.lab.PID()
	tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	return sample{
		at: time.Now(), rss: float64(testlab.Resident(pid)) / 1024, descriptors: float64(testlab.Descriptors(pid)),
		threads: float64(len(tasks)), goroutines: gauge(g.metrics, "go_goroutines"),
		heap: gauge(g.metrics, "go_memstats_next_gc_bytes") / (1 << 20),
	}
}

// gauge reads one value of the metrics; 0 when they do not answer.
func gauge(address, name string) float64 {
	resp, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			v, _ := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			return v
		}
	}
	return 0
}

// floorParts is how many parts of the time have a least value of their own.
const floorParts = 12

// floors are the least samples of each part of the time. A heap that is collected goes up and
// down; what leaks raises the floor.
func floors(samples []sample, of func(sample) float64) []sample {
	var least []sample
	size := max(1, len(samples)/floorParts)
	for part := range slices.Chunk(samples, size) {
		least = append(least, slices.MinFunc(part, func(a, b sample) int { return cmp.Compare(of(a), of(b)) }))
	}
	return least
}

// slope is the median of the slopes between all pairs (Theil and Sen), per hour.
func slope(samples []sample, of func(sample) float64) float64 {
	var all []float64
	for i, a := range samples {
		for _, b := range samples[i+1:] {
			all = append(all, (of(b)-of(a))/b.at.Sub(a.at).Hours())
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}
