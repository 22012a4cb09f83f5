package host

import (
	"bytes"
	"os"
	"strconv"
)

// CPUPressure is the share of the last ten seconds in which some process of this host
// waited for a processor; 0 where the kernel does not say.
func CPUPressure() float64 {
	b, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0
	}
	_, rest, ok := bytes.Cut(b, []byte("avg10="))
	value, _, _ := bytes.Cut(rest, []byte(" "))
	percent, err := strconv.ParseFloat(string(value), 64)
	if !ok || err != nil {
		return 0
	}
	return min(max(percent/100, 0), 1)
}
