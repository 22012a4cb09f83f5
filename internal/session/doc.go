// Package session follows conversations of an agent with its model, as transcripts show them.
//
// A transcript is a file of JSON records. An Adapter, which is data, says what the records of one runtime
// mean: it turns each into events. A Session is a state machine over these events, and Judge says what is
// wrong with it. The formats are not contracts: a record that no rule knows is counted and changes nothing,
// and a session of which too little is understood is NotUnderstood, which is never a failure.
//
// The package is pure: the time is an argument.
package session
