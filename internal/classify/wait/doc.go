// Package wait reads out of text how long the one who wrote it asks to wait.
//
// It is a small grammar, not a list of wordings. A text is cut into tokens. A cue says that a
// time to wait follows: a key ("retry-after", "resetsAt", "quotaResetDelay") or prose ("try again",
// "resets", "blocked until"). Behind a cue one time is read, in any of the forms that people and
// protocols use:
//
//	time     = duration | moment | epoch
//	duration = ["about"] quantity { [","] ["and"] quantity } | hh:mm:ss | "PT" quantities
//	quantity = number unit | article unit
//	moment   = [date ["at" | "T"]] clock [zone] | clock [zone] [date] | date | "noon" | "midnight"
//	date     = yyyy-mm-dd | [weekday] month day [year] | [weekday] day month [year] | weekday | "today" | "tomorrow"
//	clock    = hour [":" minute [":" second]] ["am" | "pm"]
//	zone     = "Z" | "UTC" | offset | abbreviation | IANA name
//	epoch    = seconds, milliseconds or microseconds since 1970
//
// Several times in one text are ranked: what a server asks for comes before what a client plans by
// itself. The package is pure: the current time is an argument, and the rules of the time zones are
// in the program, so that a replay reads what the first run read.
package wait
