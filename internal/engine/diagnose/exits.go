package diagnose

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// vote is one piece of evidence for one type.
type vote struct {
	typ    heal.ErrorType
	weight float64
	why    string
}

// signalVotes says what the death by a signal means on its own. Signals that
// anybody can send carry no cause: SIGKILL alone is no proof of an OOM kill.
var signalVotes = map[string]vote{
	"SIGSEGV": {heal.ExecutionFailure, 0.8, "killed by SIGSEGV"},
	"SIGABRT": {heal.ExecutionFailure, 0.65, "killed by SIGABRT"},
	"SIGBUS":  {heal.ExecutionFailure, 0.8, "killed by SIGBUS"},
	"SIGFPE":  {heal.ExecutionFailure, 0.8, "killed by SIGFPE"},
	"SIGILL":  {heal.ExecutionFailure, 0.8, "killed by SIGILL"},
	"SIGTRAP": {heal.ExecutionFailure, 0.7, "killed by SIGTRAP"},
	"SIGSYS":  {heal.SafetyViolation, 0.97, "killed by SIGSYS: a system call that the sandbox forbids"},
	"SIGXCPU": {heal.ResourceExhaustion, 0.95, "killed by SIGXCPU: the CPU time limit"},
	"SIGXFSZ": {heal.ResourceExhaustion, 0.95, "killed by SIGXFSZ: the file size limit"},
	"SIGPIPE": {heal.CommunicationError, 0.8, "killed by SIGPIPE: nobody reads any more"},
}

// codeVotes are exit codes with a meaning that many programs share: sysexits.h
// and the shell's 126, 127 and 128+n.
var codeVotes = map[int]vote{
	64:  {heal.ConfigurationError, 0.45, "exit code 64 (usage)"},
	69:  {heal.DependencyFailure, 0.45, "exit code 69 (service unavailable)"},
	78:  {heal.ConfigurationError, 0.6, "exit code 78 (configuration)"},
	126: {heal.ConfigurationError, 0.6, "exit code 126 (cannot execute)"},
	127: {heal.ConfigurationError, 0.6, "exit code 127 (command not found)"},
	134: {heal.ExecutionFailure, 0.6, "exit code 134 (aborted)"},
	139: {heal.ExecutionFailure, 0.75, "exit code 139 (segmentation fault)"},
	159: {heal.SafetyViolation, 0.9, "exit code 159 (SIGSYS)"},
}

// errnoVotes say what a failed exec means; the others are configuration too.
var errnoVotes = map[string]heal.ErrorType{
	"ENOMEM": heal.ResourceExhaustion, "EAGAIN": heal.ResourceExhaustion,
	"EMFILE": heal.ResourceExhaustion, "ENFILE": heal.ResourceExhaustion, "EIO": heal.DependencyFailure,
}

// exitVotes judges how a process ended.
func exitVotes(e *heal.Exit) []vote {
	var votes []vote
	if e == nil {
		return nil
	}
	if e.Mapped != "" {
		votes = append(votes, vote{e.Mapped, 1.5, fmt.Sprintf("%s is mapped to %s by the policy", describeExit(e), e.Mapped)})
	}
	if e.Errno != "" {
		typ, ok := errnoVotes[e.Errno]
		if !ok {
			typ = heal.ConfigurationError
		}
		return append(votes, vote{typ, 0.98, "the command could not be executed: " + e.Errno})
	}
	if e.OOM {
		votes = append(votes, vote{heal.ResourceExhaustion, 1.2, "the kernel killed it for memory (proven)"})
	}
	if v, ok := signalVotes[e.Signal]; ok {
		votes = append(votes, v)
	}
	if v, ok := codeVotes[e.Code]; ok && e.Signal == "" {
		votes = append(votes, v)
	}
	return votes
}

// Failing reports whether the exit by itself says that something went wrong.
func failing(e *heal.Exit) bool {
	return e != nil && (e.Code != 0 || e.Signal != "" || e.Errno != "" || e.OOM || e.Unfinished)
}

// wellEnded reports that the program itself says it finished its work. What it
// printed before is then history, unless the operator expected it to go on.
func wellEnded(e *heal.Exit) bool { return e != nil && !failing(e) }

// describeExit names an exit in words that are equal for equal exits.
func describeExit(e *heal.Exit) string {
	switch {
	case e == nil:
		return "running"
	case e.Errno != "":
		return "exec failed: " + e.Errno
	case e.OOM:
		return "OOM kill"
	case e.Signal != "" && e.Core:
		return e.Signal + " (core dumped)"
	case e.Signal != "":
		return e.Signal
	case e.Unfinished:
		return fmt.Sprintf("exit code %d, unfinished", e.Code)
	}
	return fmt.Sprintf("exit code %d", e.Code)
}
