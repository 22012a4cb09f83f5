// Package offline answers questions without a running sidecar: what a log or a dead run means, what
// an engine would decide anew, and which policy fits a program.
package offline
