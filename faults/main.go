// Command faults breaks the built sidecar on purpose and prints what came of it: one
// row for each fault with its result, a figure, and the reason where it was skipped.
// Every case has an oracle of its own that does not ask the sidecar.
//
//	go run ./faults [-bin PATH] [-only P04,P21] [-quick] [-seed N]
package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healer-sidecar/testlab"
)

// fault is one case. It returns a figure, or why it failed.
type fault struct {
	id, name string
	// quick cases take seconds and run with every change.
	quick bool
	run   func(*testlab.Lab) (string, error)
}

// skipped is the reason for which a case could not be run here.
type skipped struct{ reason string }

func (s skipped) Error() string { return s.reason }

// quick says that the cases should be short.
var quick bool

var seed uint64

// random chooses sizes and places of attack. Each case begins with the seed of the run, so
// that one case alone repeats what it did among all.
var random *rand.Rand

// faults in the order of the table.
var faults = []fault{
	{"P01", "restart storm", false, restartStorm},
	{"P02", "crash loop under the defaults", false, crashLoop},
	{"P03", "the budget survives us", true, budgetSurvives},
	{"P04", "kill -9 of the sidecar at random points", false, killAtRandom},
	{"P05", "kill at the n-th durable write", true, killAtWrite},
	{"P06", "our death and the agent's output", false, outputSurvives},
	{"P07", "a sidecar that is stopped", false, stoppedSidecar},
	{"P08", "a gigabyte without a line end", false, giantLine},
	{"P09", "a flood and one telling line", false, flood},
	{"P10", "a folder of 10,000 logs", true, crowd},
	{"P11", "output that is no text", false, binaryNoise},
	{"P12", "terminal escapes", true, escapes},
	{"P13", "a log that is begun anew", false, rotation},
	{"P15", "targets that are no logs (and P14)", true, oddTargets},
	{"P16", "a pid that is used again", true, pidReused},
	{"P17", "hostile pid files", true, hostilePIDs},
	{"P18", "a reboot", true, rebooted},
	{"P19", "clock steps", true, clockSteps},
	{"P20", "a name that imitates a status", true, spoofedName},
	{"P21", "an agent that daemonises itself", true, daemonises},
	{"P22", "a fork bomb", false, forkBomb},
	{"P23", "TERM ignored, and a handler that forks", true, deafToTerm},
	{"P24", "an agent that is stopped", true, stoppedAgent},
	{"P25", "an agent in uninterruptible sleep", false, blockedAgent},
	{"P26", "a full disk", true, fullDisk},
	{"P27", "a sync that fails", true, failingSync},
	{"P28", "a torn journal", true, tornTail},
	{"P29", "flipped bits in the journal", false, bitFlips},
	{"P30", "two sidecars on one state", true, twoSidecars},
	{"P31", "hostile policies (P31 to P33)", true, hostilePolicy},
	{"P34", "reloads that race", true, reloadRaces},
	{"P35", "text into hooks", true, wordsIntoHooks},
	{"P36", "bad hooks", true, badHooks},
	{"P37", "the wrong user on the socket", true, wrongUser},
	{"P38", "games with the path of the socket", true, socketGames},
	{"P39", "hostile requests to the page (and P40)", true, hostilePage},
	{"P41", "hostile words in the page", true, hostileWords},
	{"P42", "secrets", true, secretsLeak},
	{"P44", "a hostile workspace", true, hostileWorkspace},
	{"P43", "bad receivers of notices", true, badReceivers},
	{"P45", "out of memory", true, outOfMemory},
	{"P46", "unit files", true, unitFiles},
	{"P47", "commands from eight sides", true, manyCommands},
	{"H01", "kill at the n-th write of each remedy", true, killInRemedies},
	{"H02", "kill before a start is written down", true, unwrittenStart},
	{"H03", "forks without end under a limit that is ours too", true, sharedBomb},
	{"H04", "policies that pile up signs", true, costlyPolicies},
	{"H05", "a process of another user is started again", true, startedAgain},
	{"H06", "reports that an agent quotes", true, printedReports},
	{"H07", "a crowd of connections of another user", true, crowdAtTheDoor},
	{"H08", "a disk of the state that hangs", true, hangingDisk},
	{"H09", "a state that cannot be used", true, spoiltState},
	{"H10", "a state that is deleted while it is used", true, vanishedState},
	{"H11", "what was written down is lost", true, lostState},
	{"H12", "an agent that the policy does not name", true, unnamedAgent},
	{"P48", "idle cost and leaks", false, leaks},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == agentMode {
		agent(os.Args[2:])
		return
	}
	if len(os.Args) > 1 && os.Args[1] == bystanderMode {
		bystander(os.Args[2])
		return
	}
	bin := flag.String("bin", "bin/healer-sidecar", "the sidecar to break")
	only := flag.String("only", "", "ids of the cases, by comma; all by default")
	flag.BoolVar(&quick, "quick", false, "only what takes seconds, and less of it")
	flag.Uint64Var(&seed, "seed", uint64(time.Now().UnixNano()), "chooses the sizes and places of attack")
	flag.Parse()
	full, err := filepath.Abs(*bin)
	if err == nil {
		_, err = os.Stat(full)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "faults: cannot find the sidecar: %v; run make build\n", err)
		os.Exit(1)
	}
	if !table(full, *only) {
		os.Exit(1)
	}
}

// table runs the cases and reports whether none failed.
func table(bin, only string) bool {
	passed, failed, left := 0, 0, 0
	fmt.Printf("seed %d\n", seed)
	fmt.Printf("%-4s  %-50s  %-7s  %7s  %s\n", "ID", "FAULT", "RESULT", "TIME", "FIGURE")
	for _, f := range faults {
		if only != "" && !slices.Contains(strings.Split(only, ","), f.id) || quick && !f.quick {
			continue
		}
		random = rand.New(rand.NewPCG(seed, 0))
		begun := time.Now()
		result, figure := attempt(bin, f)
		fmt.Printf("%-4s  %-50s  %-7s  %6.1fs  %s\n", f.id, f.name, result, time.Since(begun).Seconds(), figure)
		switch result {
		case "pass":
			passed++
		case "skip":
			left++
		default:
			failed++
		}
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", passed, failed, left)
	return failed == 0
}

// attempt runs one case in a folder of its own and leaves nothing behind.
func attempt(bin string, f fault) (result, figure string) {
	dir, err := os.MkdirTemp("", "hf")
	if err != nil {
		return "FAIL", err.Error()
	}
	l := &testlab.Lab{Bin: bin, Dir: dir}
	figure, err = f.run(l)
	if l.Cmd != nil && l.Cmd.ProcessState == nil {
		l.Kill()
	}
	if n := sweep(dir); n > 0 && err == nil && os.Getenv("HF_KEEP") != "" {
		figure += fmt.Sprintf("; %d processes swept", n)
	}
	tidy(l) // while the journal that names the cgroups is still there
	var skip skipped
	switch {
	case errors.As(err, &skip):
		result, figure = "skip", skip.reason
	case err != nil:
		result, figure = "FAIL", strings.ReplaceAll(err.Error(), "\n", " ")
	default:
		result = "pass"
	}
	if result != "FAIL" && os.Getenv("HF_KEEP") == "" {
		os.RemoveAll(dir)
	} else {
		figure += " (kept in " + dir + ")"
	}
	return result, figure
}
