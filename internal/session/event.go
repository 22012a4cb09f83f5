package session

import "time"

// Kind is what a record says has happened.
type Kind string

// The kinds of event.
const (
	// Prompt: somebody asks the agent for something; a turn begins.
	Prompt Kind = "prompt"
	// Progress: the turn goes on.
	Progress Kind = "progress"
	// Message: the model said something, and the runtime does not tell whether that was all of the turn.
	Message Kind = "message"
	// Call: the model wants a tool to run. Result: it has run.
	Call   Kind = "tool_call"
	Result Kind = "tool_result"
	// TurnEnd: the answer is complete.
	TurnEnd Kind = "turn_end"
	// Aborted: a person or a program interrupted the turn.
	Aborted Kind = "aborted"
	// Failure: the runtime gave the turn up with an error.
	Failure Kind = "error"
	// Limit: a limit was reached, over at Until; the turn may go on.
	Limit Kind = "limit"
	// Retrying: the runtime met an error and tries again by itself.
	Retrying Kind = "retrying"
	// Refusal: the model, or a guard before it, refuses the request.
	Refusal Kind = "refusal"
	// Asking: a person has to approve or answer something.
	Asking Kind = "waiting_for_person"
	// Answered: the person did.
	Answered Kind = "answered"
	// Compacted: the conversation was shortened to fit.
	Compacted Kind = "compacted"
	// Sleeping: the agent wants to be woken at Until.
	Sleeping Kind = "sleeping"
	// Closed: the session is over.
	Closed Kind = "ended"
	// Ignored: the record is known and says nothing of a turn.
	Ignored Kind = "ignored"
)

// Kinds lists all kinds.
var Kinds = []Kind{
	Prompt, Progress, Message, Call, Result, TurnEnd, Aborted, Failure, Limit, Retrying, Refusal, Asking, Answered, Compacted,
	Sleeping, Closed, Ignored,
}

// Event is what one record, or a part of it, says.
type Event struct {
	Kind Kind
	// At is the time that the record names; zero where it names none.
	At time.Time
	// ID tells calls of tools apart, Tool and Input say what was called, Output what came of it.
	ID, Tool, Input, Output string
	// Failed says that the tool did not succeed.
	Failed bool
	// Text is the message or error, Status and Detail the number and the word of the error.
	Text, Status, Detail string
	// Until is when a limit is over, or a sleep.
	Until time.Time
	// Folder is where the session works.
	Folder string
}
