// Package simulate runs the product's own engine, with its gate and its ledger, in virtual
// time: against a fault world that speaks JSON lines, and against the one in this package.
package simulate
