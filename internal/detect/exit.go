package detect

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// Exit says which ends of an agent are failures.
type Exit struct {
	// Success are the codes of an agent that ended well.
	Success []int
	// Map gives codes and signal names the type that they mean.
	Map map[string]heal.ErrorType
	// Restart are codes by which the agent asks to be run again.
	Restart []int
	// Unfinished says that the agent should never end by itself.
	Unfinished bool
	// DoneFile must exist after a clean exit that means finished.
	DoneFile string
}

func defaultExit() Exit { return Exit{Success: []int{0}} }

func decodeExit(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, []string{"success_codes", "restart_codes", "map", "clean_exit", "done_file"})
	readCodes(f, "success_codes", &s.Exit.Success)
	readCodes(f, "restart_codes", &s.Exit.Restart)
	byCode := map[string]string{}
	f.TextMap("map", &byCode)
	s.Exit.Map = map[string]heal.ErrorType{}
	for code, name := range byCode {
		t := heal.ErrorType(name)
		if !t.Valid() {
			f.Wrong("map", fmt.Sprintf("%q is no error type", name), config.Suggest(name, typeNames()))
		}
		if n, err := strconv.Atoi(code); (err != nil || n < 0 || n > 255) && !isSignal(code) {
			f.Wrong("map", fmt.Sprintf("%q is neither an exit code nor a signal", code), `write it as in map = { "75" = "dependency_failure", "SIGABRT" = "execution_failure" }`)
		}
		s.Exit.Map[code] = t
	}
	clean := "finished"
	f.Choice("clean_exit", []string{"finished", "unfinished"}, &clean)
	s.Exit.Unfinished = clean == "unfinished"
	f.Text("done_file", &s.Exit.DoneFile)
	s.Exit.DoneFile = config.Under(a.Dir, s.Exit.DoneFile)
	return f.Diags
}

func readCodes(f *config.Fields, name string, into *[]int) {
	if !f.Has(name) {
		return
	}
	var codes []string
	f.Texts(name, &codes)
	*into = nil
	for _, c := range codes {
		n, err := strconv.Atoi(c)
		if err != nil || n < 0 || n > 255 {
			f.Wrong(name, fmt.Sprintf("%q is no exit code", c), fmt.Sprintf("write numbers from 0 to 255, as in %s = [0, 3]", name))
			continue
		}
		*into = append(*into, n)
	}
}

func typeNames() []string {
	var names []string
	for _, t := range heal.ErrorTypes {
		names = append(names, string(t))
	}
	return names
}

// judge says whether an end was a failure, and completes what is known of it.
// done reports whether the done file is there.
func (x Exit) judge(e heal.Exit, done bool) (heal.Exit, bool) {
	key := e.Signal
	if key == "" {
		key = strconv.Itoa(e.Code)
	}
	if e.Planned = e.Planned || e.Signal == "" && e.Errno == "" && !e.Unknown && slices.Contains(x.Restart, e.Code); e.Planned {
		return e, false
	}
	if e.Unknown {
		return e, x.DoneFile == "" || !done
	}
	if t, ok := x.Map[key]; ok && e.Errno == "" {
		e.Mapped = t
		return e, true
	}
	if e.Signal != "" || e.Errno != "" || !slices.Contains(x.Success, e.Code) {
		return e, true
	}
	e.Unfinished = x.Unfinished || x.DoneFile != "" && !done
	return e, e.Unfinished
}
