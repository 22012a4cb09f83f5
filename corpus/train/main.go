// Command train fits the weights of internal/classify/linear to the corpora of this repository.
//
//	go run ./corpus/train          writes the weights
//	go run ./corpus/train -check   fails if the weights are not those of the corpora
//	go run ./corpus/train -cv      scores whole programs that a model has not seen
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"

	"healer-sidecar/internal/classify/linear"
	"healer-sidecar/internal/heal"
)

const weightsFile = "internal/classify/linear/weights.bin"

// verbose says that -cv also prints what was judged wrongly.
var verbose = flag.Bool("v", false, "with -cv, print what was judged wrongly")

func main() {
	check := flag.Bool("check", false, "fail if the weights are not those of the corpora, and write nothing")
	cv := flag.Bool("cv", false, "print what models score on whole programs that they have not seen, and write nothing")
	flag.Parse()
	do := write
	switch {
	case *check:
		do = verify
	case *cv:
		do = crossValidate
	}
	all, err := load("corpus")
	if err == nil {
		err = do(all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(all []*sample) error {
	table := train(all)
	if err := os.WriteFile(weightsFile, table, 0o644); err != nil {
		return fmt.Errorf("cannot write the weights: %w", err)
	}
	fmt.Printf("%s: %d bytes of %d examples, sha256 %x\n", weightsFile, len(table), len(all), sha256.Sum256(table))
	return nil
}

func verify(all []*sample) error {
	have, err := os.ReadFile(weightsFile)
	if err != nil {
		return fmt.Errorf("cannot read the weights: %w", err)
	}
	if !bytes.Equal(have, train(all)) {
		return fmt.Errorf("cannot use %s: it is not what the corpora give; run go run ./corpus/train", weightsFile)
	}
	fmt.Printf("%s is what the corpora give, sha256 %x\n", weightsFile, sha256.Sum256(have))
	return nil
}

// train fits all columns; each is fitted by itself, so that their order does not matter.
func train(all []*sample) []byte {
	var columns [linear.Columns][]float64
	var wg sync.WaitGroup
	for k := range columns {
		wg.Go(func() {
			if k == linear.Failing {
				columns[k] = fit(failingPoints(all), costFailing)
				return
			}
			columns[k] = fit(typePoints(all, heal.ErrorTypes[k]), costType)
		})
	}
	wg.Wait()
	return linear.Encode(columns)
}

// typePoints are the failures, of one type or of others. Those that may be called either way say nothing.
func typePoints(all []*sample, typ heal.ErrorType) []point {
	var points []point
	for _, s := range all {
		switch {
		case !s.failing() || s.weight == 0:
		case s.record.Expect == typ:
			points = append(points, point{s.withEnd, 1, s.weight})
		case !slices.Contains(s.record.AlsoOK, typ):
			points = append(points, point{s.withEnd, -1, s.weight})
		}
	}
	return points
}

// failingPoints are failures and harmless output, as if the program still ran.
func failingPoints(all []*sample) []point {
	var points []point
	for _, s := range all {
		switch {
		case s.living == 0:
		case s.failing():
			points = append(points, point{s.asLiving, 1, s.living})
		default:
			points = append(points, point{s.asLiving, -1, s.living})
		}
	}
	return points
}
