package procfs

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// readsMost bounds how many threads are looked at.
const readsMost = 256

// waitsOn are the system calls by which programs wait for several things, and which of their
// arguments is a descriptor that tells of them, or how many there are.
var waitsOn = map[int]string{
	unix.SYS_EPOLL_PWAIT: "epoll", unix.SYS_PPOLL: "poll", unix.SYS_PSELECT6: "select",
}

// Reads reports whether a thread of some processes waits to read standard input or a terminal, at
// which nobody of us sits. What may not be seen is no such thread.
func Reads(pids []int) Asked {
	most, looked := ReadsNothing, 0
	for _, pid := range pids {
		dir := "/proc/" + strconv.Itoa(pid)
		tasks, err := os.ReadDir(dir + "/task")
		if err != nil {
			continue
		}
		for _, task := range tasks {
			if looked++; looked > readsMost {
				return most
			}
			most = max(most, readsOf(dir, dir+"/task/"+task.Name()))
		}
	}
	return most
}

// readsOf looks at one thread.
func readsOf(process, task string) Asked {
	var buf [256]byte
	n, err := ReadSmall(task+"/syscall", buf[:])
	if err != nil {
		return ReadsNothing
	}
	fields := strings.Fields(string(buf[:n]))
	if len(fields) < 3 { // it runs, or was not asked by a program
		return ReadsNothing
	}
	call, err := strconv.Atoi(fields[0])
	if err != nil {
		return ReadsNothing
	}
	first, second := argument(fields[1]), argument(fields[2])
	switch kind := waitsOn[call] + legacyWaits[call]; {
	case call == unix.SYS_READ || call == unix.SYS_READV:
		if forPeople(process, int(first)) {
			return ReadsNow
		}
	case kind == "epoll" && epollsInput(process, int(first)),
		kind == "poll" && second == 1 && forPeople(process, 0),
		kind == "select" && first == 1 && forPeople(process, 0):
		return ReadsAmongOthers
	}
	return ReadsNothing
}

func argument(text string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimPrefix(text, "0x"), 16, 64)
	return n
}

// forPeople reports that a descriptor is a terminal, or standard input that somebody could write
// to. Where it is our own terminal, a person sits there and sees the question.
func forPeople(process string, fd int) bool {
	to, err := os.Readlink(process + "/fd/" + strconv.Itoa(fd))
	if err != nil {
		return false
	}
	terminal := strings.HasPrefix(to, "/dev/pts/") || strings.HasPrefix(to, "/dev/tty")
	if !terminal && (fd != 0 || !strings.HasPrefix(to, "pipe:") && !strings.HasPrefix(to, "socket:")) {
		return false
	}
	own, err := os.Readlink("/proc/self/fd/0")
	return err != nil || own != to
}

// epollsInput reports that an epoll descriptor waits for input of that kind.
func epollsInput(process string, fd int) bool {
	b, err := os.ReadFile(process + "/fdinfo/" + strconv.Itoa(fd))
	if err != nil {
		return false
	}
	for line := range bytes.Lines(b) {
		fields := bytes.Fields(line)
		if len(fields) < 2 || string(fields[0]) != "tfd:" {
			continue
		}
		if n, err := strconv.Atoi(string(fields[1])); err == nil && forPeople(process, n) {
			return true
		}
	}
	return false
}
