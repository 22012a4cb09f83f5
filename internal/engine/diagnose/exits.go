package diagnose

import (
	"fmt"
	"slices"

	"healer-sidecar/internal/heal"
)

func vote(t heal.ErrorType, weight float64, why string) heal.Vote {
	return heal.Vote{Type: t, Weight: weight, Why: why}
}

// signalVotes says what the death by a signal means on its own. Signals that
// anybody can send carry no cause: SIGKILL alone is no proof of an OOM kill.
var signalVotes = map[string]heal.Vote{
	"SIGSEGV": vote(heal.ExecutionFailure, 0.8, "killed by SIGSEGV"),
	"SIGABRT": vote(heal.ExecutionFailure, 0.65, "killed by SIGABRT"),
	"SIGBUS":  vote(heal.ExecutionFailure, 0.8, "killed by SIGBUS"),
	"SIGFPE":  vote(heal.ExecutionFailure, 0.8, "killed by SIGFPE"),
	"SIGILL":  vote(heal.ExecutionFailure, 0.8, "killed by SIGILL"),
	"SIGTRAP": vote(heal.ExecutionFailure, 0.7, "killed by SIGTRAP"),
	"SIGSYS":  vote(heal.SafetyViolation, 0.97, "killed by SIGSYS: a system call that the sandbox forbids"),
	"SIGXCPU": vote(heal.ResourceExhaustion, 0.95, "killed by SIGXCPU: the CPU time limit"),
	"SIGXFSZ": vote(heal.ResourceExhaustion, 0.95, "killed by SIGXFSZ: the file size limit"),
	"SIGPIPE": vote(heal.CommunicationError, 0.8, "killed by SIGPIPE: nobody reads any more"),
}

// codeVotes are exit codes with a meaning that many programs share: sysexits.h
// and the shell's 126, 127 and 128+n.
var codeVotes = map[int]heal.Vote{
	64:  vote(heal.ConfigurationError, 0.45, "exit code 64 (usage)"),
	69:  vote(heal.DependencyFailure, 0.45, "exit code 69 (service unavailable)"),
	78:  vote(heal.ConfigurationError, 0.6, "exit code 78 (configuration)"),
	126: vote(heal.ConfigurationError, 0.6, "exit code 126 (cannot execute)"),
	127: vote(heal.ConfigurationError, 0.6, "exit code 127 (command not found)"),
	134: vote(heal.ExecutionFailure, 0.6, "exit code 134 (aborted)"),
	139: vote(heal.ExecutionFailure, 0.75, "exit code 139 (segmentation fault)"),
	159: vote(heal.SafetyViolation, 0.9, "exit code 159 (SIGSYS)"),
}

// errnoVotes say what a failed exec means; the others are configuration too.
var errnoVotes = map[string]heal.ErrorType{
	"ENOMEM": heal.ResourceExhaustion, "EAGAIN": heal.ResourceExhaustion,
	"EMFILE": heal.ResourceExhaustion, "ENFILE": heal.ResourceExhaustion, "EIO": heal.DependencyFailure,
	"ENOSPC": heal.ResourceExhaustion, "EDQUOT": heal.ResourceExhaustion, "EBUSY": heal.GoalConflict,
}

// ambiguousCodes mean what they say only for a program that prints nothing: many use 64 for errors
// of their own, and a shell ends with the 127 of the last command that it could not find.
var ambiguousCodes = []int{64, 127}

// endVotes judges how a process ended, beside what it printed.
func endVotes(e heal.Evidence) []heal.Vote {
	if x := e.Exit; x != nil && x.Mapped == "" && x.Signal == "" && x.Errno == "" && e.Output.Template != "" && slices.Contains(ambiguousCodes, x.Code) {
		return nil
	}
	return exitVotes(e.Exit)
}

// causeBeside is the least weight of a line that names a cause for an abort, abortBeside what the
// abort then weighs beside it: programs abort themselves after they said why.
const causeBeside, abortBeside = 0.4, 0.6

// aborted lets an abort yield to the cause that the output names.
func aborted(end []heal.Vote, e *heal.Exit, said []heal.Vote) []heal.Vote {
	if e == nil || e.Mapped != "" || e.Signal != "SIGABRT" && (e.Signal != "" || e.Code != 134) {
		return end
	}
	cause := 0.0
	for _, v := range said {
		if !v.Guess && v.Type != heal.Unknown && v.Type != heal.ExecutionFailure {
			cause = max(cause, v.Weight)
		}
	}
	if cause < causeBeside {
		return end
	}
	for i := range end {
		end[i].Weight = min(end[i].Weight, cause*abortBeside)
	}
	return end
}

// exitVotes judges how a process ended.
func exitVotes(e *heal.Exit) []heal.Vote {
	var votes []heal.Vote
	if e == nil {
		return nil
	}
	if e.Mapped != "" {
		votes = append(votes, vote(e.Mapped, 1.5, fmt.Sprintf("%s is mapped to %s by the policy", describeExit(e), e.Mapped)))
	}
	if e.Errno != "" {
		typ, ok := errnoVotes[e.Errno]
		if !ok {
			typ = heal.ConfigurationError
		}
		return append(votes, vote(typ, 0.98, "it could not be started: "+e.Errno))
	}
	if e.OOM {
		votes = append(votes, vote(heal.ResourceExhaustion, 1.2, "the kernel killed it for memory (proven)"))
	}
	if v, ok := signalVotes[e.Signal]; ok {
		votes = append(votes, v)
	}
	if v, ok := codeVotes[e.Code]; ok && e.Signal == "" {
		votes = append(votes, v)
	}
	return votes
}

// wellEnded reports that the program itself says it finished its work. What it
// printed before is then history, unless the operator expected it to go on.
func wellEnded(e *heal.Exit) bool { return e != nil && !e.Failed() }

// describeExit names an exit in words that are equal for equal exits.
func describeExit(e *heal.Exit) string {
	switch {
	case e == nil:
		return "running"
	case e.Errno != "":
		return "exec failed: " + e.Errno
	case e.Unknown:
		return "an end that nobody saw"
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

// crashed reports an end by a signal that a fault of the program raises, or by a code that stands for
// one.
func crashed(e *heal.Exit) bool {
	if e == nil || e.Errno != "" {
		return false
	}
	if e.Signal != "" {
		_, told := signalVotes[e.Signal]
		return told
	}
	_, told := codeVotes[e.Code]
	return told
}
