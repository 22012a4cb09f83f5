// Package linear scores what a program printed with a linear model over hashed features: words, pairs
// of words, and all pieces of three to five bytes, beside how it ended. Ten columns say how much that
// speaks for each error type; one more tells the report of a failure from harmless output.
//
// The model is trained by `go run ./corpus/train` from the corpora of this repository, and gives the
// same bytes on every machine: training uses only sums, products and quotients, each rounded by
// itself. It is asked only for lines that a rule has found suspicious, and for ends. The package is
// pure.
package linear
