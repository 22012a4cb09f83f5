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

// scales are the units of amounts in the smallest of their kind.
var scales = map[string]float64{
	"%": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	"ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "sec": 1e9, "seconds": 1e9, "min": 60e9, "minutes": 60e9, "h": 3600e9,
}

// maxGauges bounds how many amounts of a step are looked at.
const maxGauges = 4

func gauges(text string) (all []gauge) {
	for _, m := range amounts().FindAllStringSubmatch(strings.ToLower(text[:min(len(text), maxText)]), maxGauges) {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			continue
		}
		_, size := sizes[m[2]]
		all = append(all, gauge{n * scales[m[2]], !size})
	}
	return all
}

// sizes are the units that are none of time.
var sizes = map[string]struct{}{"%": {}, "b": {}, "kb": {}, "mb": {}, "gb": {}, "tb": {}, "kib": {}, "mib": {}, "gib": {}, "tib": {}}

// course is how the gauges of some steps with the same token went.
type course struct {
	// moves says that one went one way, still that there are sizes and none changed.
	moves, still bool
}

// courseOf looks at every stride-th of some steps, from a first one on.
func courseOf(steps []taken, first, stride int) course {
	c := course{still: true}
	sized := false
	for g := range steps[first].gauges {
		up, down := 0, 0
		before := steps[first].gauges[g]
		sized = sized || !before.elapses
		for i := first + stride; i < len(steps); i += stride {
			if g >= len(steps[i].gauges) {
				return course{}
			}
			switch now := steps[i].gauges[g]; {
			case now.value > before.value:
				up++
			case now.value < before.value:
				down++
			}
			before = steps[i].gauges[g]
		}
		if up+down > 0 {
			c.still = false
		}
		if down > 0 && up == 0 || up > 0 && down == 0 && !before.elapses {
			c.moves = true
		}
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
		up, down := 0, 0
		for i := 1; i < len(all); i++ {
			if g >= len(all[i]) {
				return false
			}
			before, _ := strconv.Atoi(all[i-1][g])
			switch now, _ := strconv.Atoi(all[i][g]); {
			case now > before:
				up++
			case now < before:
				down++
			}
		}
		if up+down > 0 && (up == 0 || down == 0) {
			return true
		}
	}
	return false
}
