package forecast

import "math"

const (
	// fallShare of the range of some points, lost within one of them, is a collection.
	fallShare = 0.4
	// jumpShare of the range of some points, won within one of them, is a jump; mostJumps of them
	// that make up jumpsShare of the range are something that was loaded, and no trend.
	jumpShare, jumpsShare, mostJumps = 0.2, 0.6, 3
	// spare is how much further than its course says a rise that slows down may go.
	spare = 1.5
	// fallLevel is how much of the limit must have been given back for a height to be one that
	// was survived.
	fallLevel = 0.1
)

// collected reports that the points fell by themselves on the way and were no higher at their
// lowest afterwards than before: what is given back is no leak.
func collected(points []point, growth float64) bool {
	high := points[0].level
	for _, p := range points {
		high = max(high, p.level)
	}
	span, at := high-lowest(points), 0
	for i := 1; i < len(points); i++ {
		// over two bins: one of them holds the mean of both sides
		if points[max(i-2, 0)].level-points[i].level >= fallShare*span {
			at = i
		}
	}
	return at > 0 && lowest(points[at:])-lowest(points[:at]) < growth/2
}

// jumped reports that the points rose in a few jumps and hardly between them.
func jumped(points []point) bool {
	low := lowest(points)
	span, won, jumps := 0.0, 0.0, 0
	for _, p := range points {
		span = max(span, p.level-low)
	}
	for i := 1; i < len(points); i++ {
		// over two bins: one of them holds the mean of both sides
		if rise := points[min(i+1, len(points)-1)].level - points[i-1].level; rise >= jumpShare*span {
			won, jumps = won+rise, jumps+1
			i += 2
		}
	}
	return jumps > 0 && jumps <= mostJumps && won >= jumpsShare*span
}

// levelsOff reports that a rise slows down so much that it ends below the limit: its slopes
// shrink from third to third by a ratio that goes on.
func levelsOff(points []point, now float64) bool {
	n := len(points) / 3
	if n < 3 {
		return false
	}
	first, late := trendOf(points[:n]).slope, trendOf(points[len(points)-n:]).slope
	if first <= 0 || late <= 0 || late >= first {
		return false
	}
	ratio := math.Sqrt(late / first)
	rest := late * (points[len(points)-1].at - points[len(points)-n].at + 1) * ratio / (1 - ratio)
	return now+spare*rest < 1
}

// swings remembers the height from which something fell back by itself to where it was an hour
// ago: what a collection gives back was survived.
type swings struct {
	begun, falling bool
	top            float64
	bottom         point
	// bottoms are the lowest points of the last hour, the first one that of the beginning.
	bottoms  []point
	survived float64
}

const (
	// riseLevel is how much of the limit must be taken again for a fall to be over.
	riseLevel = 0.05
	// bottomsFor is how long a lowest point is remembered, in bins of the fast scale, and
	// mostBottoms how many are.
	bottomsFor, mostBottoms = 360, 100
)

func (w *swings) add(p point) {
	switch {
	case !w.begun:
		w.begun, w.top, w.bottoms = true, p.level, []point{p}
	case !w.falling && p.level < w.top-fallLevel:
		w.falling, w.bottom = true, p
	case !w.falling:
		w.top = max(w.top, p.level)
	case p.level > w.bottom.level+riseLevel:
		w.turned()
		w.falling, w.top = false, p.level
	case p.level < w.bottom.level:
		w.bottom = p
	}
}

// turned: a fall is over.
func (w *swings) turned() {
	for len(w.bottoms) > 1 && w.bottom.at-w.bottoms[0].at > bottomsFor || len(w.bottoms) >= mostBottoms {
		w.bottoms = w.bottoms[1:]
	}
	if w.survived = 0; w.bottom.level <= w.bottoms[0].level+plateauMargin {
		w.survived = w.top
	}
	w.bottoms = append(w.bottoms, w.bottom)
}
