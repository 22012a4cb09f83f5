package fleet

import (
	"math"
	"time"
)

// pace turns counters into times. Time is cut into windows, each with a counter of its own; who
// draws number n of a window starts at the n-th of its places. A draw is always for a window
// that has not begun, so no place is given away late, and no window has more starts than places.
type pace struct {
	// window is the length of one, places how many starts it has.
	window time.Duration
	places int
	// ramp is the first window with one place; each next one has twice as many, up to places. 0
	// for none.
	ramp int64
}

const (
	// mostDraws bounds the draws for one start, mostTurn how far ahead it may lie.
	mostDraws = 12
	mostTurn  = 15 * time.Minute
)

// paceOf is the pace of so many starts per second.
func paceOf(perSecond float64) pace {
	if perSecond >= 1 {
		return pace{window: time.Second, places: int(perSecond)}
	}
	return pace{window: time.Duration(math.Ceil(1/perSecond)) * time.Second, places: 1}
}

// since lets the pace begin slowly: waves of 1, 2, 4, ... starts.
func (p pace) since(proven time.Time) pace {
	p.ramp = p.at(proven)
	return p
}

// at is the window of a moment.
func (p pace) at(t time.Time) int64 { return t.UnixNano() / int64(p.window) }

// room is how many places a window has.
func (p pace) room(window int64) int {
	if age := window - p.ramp; p.ramp > 0 && age >= 0 && age < 16 {
		return min(p.places, 1<<age)
	}
	return p.places
}

// start is when the n-th of a window begins; false for a number past its places.
func (p pace) start(window int64, n int) (time.Time, bool) {
	room := p.room(window)
	if n > room {
		return time.Time{}, false
	}
	begin := time.Unix(0, window*int64(p.window))
	return begin.Add(time.Duration(n-1) * p.window / time.Duration(room)), true
}

// later is the window to draw in next, after number n of a window was past its places: those
// before n in the queue fill the windows between.
func (p pace) later(window int64, n int) int64 {
	n -= p.room(window)
	for window++; n > p.room(window); window++ {
		n -= p.room(window)
	}
	return window
}

// counters are the counters of the windows: take draws the next number of one, peek only looks.
type counters interface {
	take(window int64) (int, error)
	peek(window int64) (int, error)
}

// draw finds a start. It reports false where the queue is too long: then the time is when to draw
// again.
func (p pace) draw(now time.Time, c counters) (at time.Time, ok bool, err error) {
	window := p.at(now) + 1
	for range mostDraws {
		n, err := c.take(window)
		if err != nil {
			return at, false, err
		}
		if at, ok := p.start(window, n); ok {
			return at, true, nil
		}
		if window, err = p.free(p.later(window, n), c); err != nil {
			return at, false, err
		}
		if time.Unix(0, window*int64(p.window)).Sub(now) > mostTurn {
			break
		}
	}
	return now.Add(min(time.Unix(0, window*int64(p.window)).Sub(now), mostTurn) / 2), false, nil
}

// free is the first window from one on that has places left: those of a queue lie side by side, so
// its end is found by steps that double, and back by halves.
func (p pace) free(window int64, c counters) (int64, error) {
	full := func(w int64) (bool, error) {
		n, err := c.peek(w)
		return n >= p.room(w), err
	}
	low, high := window-1, window // low is full, high may be
	for far := int64(1); ; far *= 2 {
		is, err := full(high)
		if err != nil {
			return 0, err
		}
		if !is || time.Duration(high-window)*p.window > mostTurn {
			break
		}
		low, high = high, high+far
	}
	for high-low > 1 {
		middle := low + (high-low)/2
		is, err := full(middle)
		if err != nil {
			return 0, err
		}
		if is {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

// alone is how long a host waits that cannot ask: a random share of the time in which all hosts
// of its group would start at the agreed rate. chance lies in [0,1).
func alone(hosts int, perSecond, chance float64) time.Duration {
	span := min(time.Duration(float64(hosts)/perSecond*float64(time.Second)), proofWithin)
	return max(time.Duration(chance*float64(span)), leastAlone)
}

// leastAlone keeps a host that cannot ask from starting at once.
const leastAlone = 50 * time.Millisecond
