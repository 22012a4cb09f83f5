package main

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/heal"
)

// lexiconFile is what is learned, from what of this repository.
const lexiconFile = "internal/classify/lexicon.txt"

var wordSources = []string{"corpus/wordings.jsonl", "corpus/own.jsonl"}

const (
	// leastSeen is in how many failures a feature must stand.
	leastSeen = 2
	// rounds, step, biasStep and decay are those of the descent; firstSquare bounds its first steps.
	rounds, step, biasStep, decay, firstSquare = 25, 0.3, 0.02, 1e-3, 0.01
)

// example is one failure.
type example struct {
	features []string
	typ      int
}

// examples reads the failures of the corpora.
func examples(root string) ([]example, error) {
	var all []example
	for _, path := range wordSources {
		f, err := os.Open(root + path)
		if err != nil {
			return nil, fmt.Errorf("cannot learn words: %w", err)
		}
		err = corpus.Read(f, func(r corpus.Record) error {
			if typ := slices.Index(heal.ErrorTypes, r.Expect); typ >= 0 {
				all = append(all, example{classify.Features(r.Lines), typ})
			}
			return nil
		})
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("cannot learn words of %s: %w", path, err)
		}
	}
	return all, nil
}

// often keeps the features that stand in several failures: one alone would be learned by heart.
func often(all []example) {
	seen := map[string]int{}
	for _, e := range all {
		for _, f := range e.features {
			seen[f]++
		}
	}
	for i := range all {
		all[i].features = slices.DeleteFunc(all[i].features, func(f string) bool { return seen[f] < leastSeen })
	}
}

// weight is what is learned of a feature; squares are the sums of its squared slopes.
type weight struct{ odds, squares classify.Odds }

// learner fits multinomial logistic regression by stochastic gradient descent with steps as in
// AdaGrad (Duchi et al., 2011).
type learner struct {
	weights map[string]*weight
	bias    classify.Odds
}

// learn fits the weights of all features, in the same order each time.
func learn(all []example) *learner {
	l := &learner{weights: map[string]*weight{}}
	for _, e := range all {
		for _, f := range e.features {
			l.weights[f] = &weight{}
		}
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		chance.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			if len(all[i].features) > 0 {
				l.see(all[i])
			}
		}
	}
	return l
}

// see goes one step down the slope of one failure. Products are converted, so that no machine
// fuses them with a sum and learns something else.
func (l *learner) see(e example) {
	norm := 1 / math.Sqrt(float64(len(e.features)))
	total := l.bias
	for _, f := range e.features {
		for i, w := range l.weights[f].odds {
			total[i] += float64(w * norm)
		}
	}
	shares := total.Shares()
	shares[e.typ]--
	for i, slope := range shares {
		l.bias[i] -= float64(biasStep * slope)
		for _, f := range e.features {
			w := l.weights[f]
			g := float64(slope*norm) + float64(decay*w.odds[i])
			w.squares[i] += float64(g * g)
			w.odds[i] -= float64(step * g / math.Sqrt(firstSquare+w.squares[i]))
		}
	}
}

// lexicon is the text of what was learned.
func (l *learner) lexicon() string {
	var out strings.Builder
	row(&out, classify.Bias, l.bias)
	for _, f := range slices.Sorted(maps.Keys(l.weights)) {
		row(&out, f, l.weights[f].odds)
	}
	return out.String()
}

func row(out *strings.Builder, feature string, odds classify.Odds) {
	out.WriteString(feature)
	for _, w := range odds {
		fmt.Fprintf(out, " %d", int(math.Round(10*w)))
	}
	out.WriteString("\n")
}

// learnWords is the lexicon of the corpora below root.
func learnWords(root string) (string, error) {
	all, err := examples(root)
	if err != nil {
		return "", err
	}
	often(all)
	return learn(all).lexicon(), nil
}

// writeWords writes the lexicon.
func writeWords() error {
	text, err := learnWords("")
	if err != nil {
		return err
	}
	if err := os.WriteFile(lexiconFile, []byte(text), 0o644); err != nil {
		return fmt.Errorf("cannot write the words: %w", err)
	}
	return nil
}
