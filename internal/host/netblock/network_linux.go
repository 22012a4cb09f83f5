package netblock

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Within does something, such as a fork, in a network namespace; empty for that of the host.
// Only the thread that does it goes there. A thread that cannot come back ends with its
// goroutine, so that nothing else is ever done in there.
func Within(namespace string, do func()) error {
	if namespace == "" {
		do()
		return nil
	}
	if err := foreign(namespace); err != nil {
		return err
	}
	there, err := os.Open(namespace)
	if err != nil {
		return fmt.Errorf("cannot enter the network namespace: %w", err)
	}
	defer there.Close()
	here, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return fmt.Errorf("cannot enter the network namespace: %w", err)
	}
	defer here.Close()
	entered := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
			runtime.UnlockOSThread()
			entered <- fmt.Errorf("cannot enter the network namespace %s: %w", namespace, err)
			return
		}
		do()
		if unix.Setns(int(here.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		entered <- nil
	}()
	return <-entered
}
