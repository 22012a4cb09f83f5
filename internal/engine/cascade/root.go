// Package cascade finds the failure from which others come. It is pure.
package cascade

import (
	"math"
	"time"
)

// Graph says for each node what it needs, with how many hops that counts for: one for
// what is declared, more for what was only learned.
type Graph map[string]map[string]float64

// Alert is a node that fails.
type Alert struct {
	Node string
	At   time.Duration
	// Blames are nodes that its message names.
	Blames []string
}

// Root is the node whose failure explains the others best, and how sure that is.
type Root struct {
	Node string
	Sure float64
}

// Constants of the posterior (ENGINE.md 2.12).
const (
	// loud is the chance that a root itself is seen to fail, hop that a failure is passed
	// on over one hop, stray that a node fails for another reason.
	loud, hop, stray = 0.9, 0.75, 0.03
	// early is how much before its cause a failure may be seen at no cost, tooEarly the
	// price beyond, blame what a message counts that names the culprit.
	early           = 6 * time.Second
	tooEarly, blame = 0.7, 1.5
)

// LearnedHops is the length of an edge that was only learned: it passes failures on half
// as surely as one that is declared.
var LearnedHops = 1 + math.Log(0.5)/math.Log(hop)

// Find weighs every node as the root of the alerts.
func Find(nodes []string, g Graph, alerts []Alert) Root {
	at := map[string]time.Duration{}
	for _, a := range alerts {
		at[a.Node] = a.At
	}
	scores, most := make([]float64, len(nodes)), math.Inf(-1)
	below := g.inverse()
	for i, r := range nodes {
		scores[i] = score(r, nodes, below.distances(r), at, alerts)
		most = max(most, scores[i])
	}
	sum, best := 0.0, Root{}
	for i, s := range scores {
		p := math.Exp(s - most)
		sum += p
		if best.Node == "" || p > best.Sure {
			best = Root{nodes[i], p}
		}
	}
	best.Sure /= max(sum, 1e-300)
	return best
}

// score is the log-likelihood of what is seen if r is the root.
func score(r string, nodes []string, far map[string]float64, at map[string]time.Duration, alerts []Alert) float64 {
	began, alerting := at[r]
	s := math.Log(1 - loud)
	if alerting {
		s = math.Log(loud)
	}
	for _, y := range nodes {
		if y == r {
			continue
		}
		p := stray
		hops, depends := far[y]
		if depends {
			p = max(stray, math.Pow(hop, hops))
		}
		when, fails := at[y]
		switch {
		case !fails:
			s += math.Log(1 - p)
			continue
		case alerting && depends && when < began-early:
			s -= tooEarly
		}
		s += math.Log(p)
	}
	for _, a := range alerts {
		for _, x := range a.Blames {
			if x == r {
				s += blame
			}
			if a.Node == r {
				s -= blame
			}
		}
	}
	return s
}

// inverse says for each node who needs it.
func (g Graph) inverse() Graph {
	inv := Graph{}
	for node, needs := range g {
		for need, hops := range needs {
			if inv[need] == nil {
				inv[need] = map[string]float64{}
			}
			inv[need][node] = hops
		}
	}
	return inv
}

// distances are the hops from a node to all that it leads to, itself left out.
func (g Graph) distances(from string) map[string]float64 {
	far := map[string]float64{from: 0}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for next, hops := range g[queue[0]] {
			if d, known := far[next]; !known || far[queue[0]]+hops < d {
				far[next] = far[queue[0]] + hops
				queue = append(queue, next)
			}
		}
	}
	delete(far, from)
	return far
}
