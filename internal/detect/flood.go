package detect

import (
	"time"
)

const (
	// floodBytes within floodSpan make a flood: then the agent pays for each of our
	// watches at each write, and we look by ourselves instead.
	floodBytes, floodSpan = 8 << 20, 500 * time.Millisecond
	// lookEvery is how often, also at what was too fast to be read; calmAfter without a flood brings the watch back.
	lookEvery, calmAfter = 20 * time.Millisecond, 2 * time.Second
)

// floodDetector decides whether the output files of an agent are watched or looked at.
type floodDetector struct {
	// bytes were read since `since`, flooded is when there was a flood last; zero for none
	// going on.
	bytes   int
	since   time.Time
	flooded time.Time
}

// read takes a block into account and reports that a flood begins.
func (c *floodDetector) read(n int, now time.Time) bool {
	if now.Sub(c.since) > floodSpan {
		c.bytes, c.since = 0, now
	}
	c.bytes += n
	if c.bytes < floodBytes {
		return false
	}
	begins := c.flooded.IsZero()
	c.flooded = now
	return begins
}

// over reports that a flood has ended.
func (c *floodDetector) over(now time.Time) bool {
	if c.flooded.IsZero() || now.Sub(c.flooded) < calmAfter {
		return false
	}
	c.flooded = time.Time{}
	return true
}

func (c *floodDetector) flooding() bool { return !c.flooded.IsZero() }

// lookOn reads on by itself where nobody tells when there is more.
func (a *Agent) lookOn() {
	a.read(followed.Read)
	if a.watcher != nil && a.calm.over(time.Now()) {
		a.watcher.Resume(a.outputs)
		a.read(followed.Read) // what came before the watch was back
	}
}

// flood stops the watch of the agent's own output.
func (a *Agent) flood(n int) {
	if a.watcher != nil && a.calm.read(n, time.Now()) {
		a.watcher.Rest(a.outputs)
	}
}
