package forecast

import (
	"math"
	"slices"
	"time"
)

// point is the mean of one bin of time.
type point struct {
	at    float64 // in bins
	level float64 // share of the limit
}

// trend is what the last points say.
type trend struct {
	// z is the Mann-Kendall statistic: how surely there is a trend upwards.
	z float64
	// slope is the median of the slopes between all pairs (Sen), per bin.
	slope float64
}

// trendOf needs at least three points.
func trendOf(points []point) trend {
	n := len(points)
	s := 0
	slopes := make([]float64, 0, n*(n-1)/2)
	for i, a := range points {
		for _, b := range points[i+1:] {
			d := b.level - a.level
			switch {
			case d > 0:
				s++
			case d < 0:
				s--
			}
			slopes = append(slopes, d/(b.at-a.at))
		}
	}
	slices.Sort(slopes)
	variance := float64(n*(n-1)*(2*n+5)) / 18
	z := float64(s)
	switch { // the continuity correction
	case s > 0:
		z--
	case s < 0:
		z++
	}
	return trend{z / math.Sqrt(variance), slopes[len(slopes)/2]}
}

// bins gathers readings into means of equal spans of time.
type bins struct {
	size   time.Duration
	keep   int
	points []point

	begun bool
	start time.Duration
	index int64
	sum   float64
	count int
}

// add takes a reading and reports whether a bin was completed by it. A gap leaves
// bins out.
func (b *bins) add(at time.Duration, level float64) bool {
	if !b.begun {
		b.begun, b.start = true, at
	}
	index := int64((at - b.start) / b.size)
	done := false
	if index != b.index && b.count > 0 {
		b.points = append(b.points, point{float64(b.index), b.sum / float64(b.count)})
		b.points = b.points[max(len(b.points)-b.keep, 0):]
		b.sum, b.count, done = 0, 0, true
	}
	b.index = index
	b.sum += level
	b.count++
	return done
}

// level is the median of the last three points.
func (b *bins) level() float64 {
	last := make([]float64, 0, 3)
	for _, p := range b.points[max(len(b.points)-3, 0):] {
		last = append(last, p.level)
	}
	slices.Sort(last)
	return last[len(last)/2]
}

// least is the lowest level.
func (b *bins) least() float64 { return lowest(b.points) }

// lowest is the lowest level of some points.
func lowest(points []point) float64 {
	low := points[0].level
	for _, p := range points {
		low = min(low, p.level)
	}
	return low
}
