// Package heal holds the values that travel through the sidecar, one per hop:
//
//	Signal -> Incident -> Diagnosis -> Plan -> Verdict -> Attempt -> Outcome -> Lesson
//
// The package imports the standard library only, reads no clock and starts no
// goroutine. Every other package may import it; it imports none of them.
package heal
