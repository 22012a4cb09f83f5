// Package engine decides. Its core is one pure function:
//
//	Step(now, Message) []Effect
//
// It reads no clock, starts no goroutine and does no I/O, so live operation,
// replay, dry run and crash recovery are the same code. loop.go is the only
// impure file: it owns the channel, the timers, the journal and the executor,
// and performs effects in order.
//
// Order law: the record of an intent is durable before the act, the outcome is
// recorded after it. Step returns Record before the Act it records, and the loop
// keeps that order.
//
// The life of an incident is a phase machine (phase.go): it is opened by a
// signal, diagnosed from all evidence (package diagnose), planned (package
// plan), judged (package gate), acted upon, and verified; what verification
// found is booked in the ledger (package ledger) and decides between closing it
// and the next rung of the ladder.
package engine
