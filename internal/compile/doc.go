// Package compile turns a checked policy into what detectors and classifiers work with, and tells
// what differs between two policies.
package compile
