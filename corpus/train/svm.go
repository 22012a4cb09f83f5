package main

import (
	"math"
	"math/rand/v2"

	"healer-sidecar/internal/classify/linear"
)

const (
	// rounds is how often the descent goes through all examples.
	rounds = 12
	// costType and costFailing say how much an example on the wrong side costs. They were chosen by
	// grouped cross-validation.
	costType, costFailing = 2, 0.3
)

// point is an example as one column sees it.
type point struct {
	ids []uint16
	// sign is +1 or -1, weight how much the example counts.
	sign, weight float64
}

// fit fits a linear support vector machine with squared hinge loss by dual coordinate descent (Hsieh
// et al., 2008, "A dual coordinate descent method for large-scale linear SVM", algorithm 1). Each
// feature of an example with n of them has the value 1/sqrt(n). Products are converted before they
// are added, so that no machine fuses the two and learns something else.
func fit(points []point, cost float64) []float64 {
	w := make([]float64, linear.Buckets)
	alpha := make([]float64, len(points))
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		chance.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			alpha[i] = descend(w, points[i], alpha[i], cost)
		}
	}
	return w
}

// descend goes one step along the coordinate of a point and returns its new value.
func descend(w []float64, p point, alpha, cost float64) float64 {
	x := p.sign / math.Sqrt(float64(len(p.ids)))
	slack := 0.5 / float64(cost*p.weight)
	sum := 0.0
	for _, id := range p.ids {
		sum += w[id]
	}
	slope := float64(sum*x) - 1 + float64(alpha*slack)
	next := max(alpha-float64(slope/(1+slack)), 0)
	if next == alpha {
		return alpha
	}
	step := float64((next - alpha) * x)
	for _, id := range p.ids {
		w[id] += step
	}
	return next
}
