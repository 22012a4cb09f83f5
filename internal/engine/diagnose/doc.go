// Package diagnose judges the evidence of one failure: the exit, the signal, the readings and
// what the output says together name one error type, its cause and a fingerprint. It sees values
// only, never text of a log, and is pure: it reads no clock, no file and no environment.
package diagnose
