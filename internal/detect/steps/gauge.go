package steps

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// gauge is an amount in a step: how far a download is, or how long it will take. It is masked
// where steps are compared; where it moves one way, the step gets on all the same.
type gauge struct {
	value float64
	// elapses is a duration: one that grows tells of waiting only.
	elapses bool
}

var amounts = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(\d+(?:\.\d+)?)\s?(%|[kmgt]i?b|b|ns|us|µs|ms|s|sec|seconds|min|minutes|h)(?:\W|$)`)
})

// unit is what an amount is counted in, in the smallest of its kind.
type unit struct {
	scale   float64
	elapses bool
}

var units = map[string]unit{
	"%": {scale: 1}, "b": {scale: 1}, "kb": {scale: 1e3}, "mb": {scale: 1e6}, "gb": {scale: 1e9}, "tb": {scale: 1e12},
	"kib": {scale: 1 << 10}, "mib": {scale: 1 << 20}, "gib": {scale: 1 << 30}, "tib": {scale: 1 << 40},
	"ns": {1, true}, "us": {1e3, true}, "µs": {1e3, true}, "ms": {1e6, true}, "s": {1e9, true}, "sec": {1e9, true}, "seconds": {1e9, true},
	"min": {60e9, true}, "minutes": {60e9, true}, "h": {3600e9, true},
}

// maxGauges bounds how many amounts of a step are looked at.
const maxGauges = 4

func gauges(text string) (all []gauge) {
	for _, m := range amounts().FindAllStringSubmatch(strings.ToLower(text[:min(len(text), maxText)]), maxGauges) {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			continue
		}
		u := units[m[2]]
		all = append(all, gauge{n * u.scale, u.elapses})
	}
	return all
}

// way is where a number goes from one to the next.
type way struct {
	begun    bool
	before   float64
	up, down int
}

func (w *way) add(n float64) {
	switch {
	case !w.begun:
	case n > w.before:
		w.up++
	case n < w.before:
		w.down++
	}
	w.begun, w.before = true, n
}

// course is how the gauges of some steps with the same token went.
type course struct {
	// moves says that one went one way, still that there are sizes and none changed.
	moves, still bool
}

// courseOf looks at every stride-th of some steps, from a first one on.
func courseOf(steps []taken, first, stride int) course {
	c := course{still: true}
	sized := false
	for g, at := range steps[first].gauges {
		var w way
		sized = sized || !at.elapses
		for i := first; i < len(steps); i += stride {
			if g >= len(steps[i].gauges) {
				return course{}
			}
			at = steps[i].gauges[g]
			w.add(at.value)
		}
		c.still = c.still && w.up+w.down == 0
		c.moves = c.moves || w.down > 0 && w.up == 0 || w.up > 0 && w.down == 0 && !at.elapses
	}
	c.still = c.still && sized
	return c
}

var (
	numbers  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b\d+\b`) })
	numbered = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[\w.-]*\d[\w.-]*`) })
)

// kindOf is a failure without anything that has a digit: the same one with other ids.
func kindOf(text string) string { return numbered().ReplaceAllString(text, "<n>") }

// counts reports that a whole number in some texts goes one way: they tell of one thing after
// another, not of the same with other ids.
func counts(texts []string) bool {
	var all [][]string
	for _, t := range texts {
		all = append(all, numbers().FindAllString(t, maxGauges))
	}
	for g := range all[0] {
		var w way
		for _, found := range all {
			if g >= len(found) {
				return false
			}
			n, _ := strconv.Atoi(found[g])
			w.add(float64(n))
		}
		if w.up+w.down > 0 && (w.up == 0 || w.down == 0) {
			return true
		}
	}
	return false
}
