// Package present turns what happened and how agents are into words. The command line, the page, the
// live view, notices and assistants show these words, so that all of them say the same.
//
// The package is pure: it takes the time as an argument. States is the table of health states, Note
// folds events into the summary of an incident, CardOf says what a person must know of an agent,
// Gist is an event in a line.
package present
