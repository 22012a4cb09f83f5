// Package daemon is the running sidecar and the only package that knows all the others: it wires
// them together, puts policies in force, and ends in order.
package daemon
