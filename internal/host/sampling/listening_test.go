package sampling

import (
	"net"
	"os"
	"runtime"
	"testing"

	"healer-sidecar/internal/host/procs"
)

func TestListening(t *testing.T) {
	for network, address := range map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"} {
		l, err := net.Listen(network, address)
		if err != nil {
			t.Logf("no %s here: %v", network, err)
			continue
		}
		port := l.Addr().(*net.TCPAddr).Port
		if h := procs.HolderOf([]int{port}); runtime.GOOS == "linux" && (h == nil || h.PID != os.Getpid() || h.Port != port || h.Command == "") {
			t.Errorf("%s: %d is held by %+v, it says: want process %d", network, port, h, os.Getpid())
		}
		if !Listening(port) {
			t.Errorf("%s: nobody listens on %d, it says", network, port)
		}
		l.Close()
		if Listening(port) {
			t.Errorf("%s: somebody still listens on %d, it says", network, port)
		}
	}
}
