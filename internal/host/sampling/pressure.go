package sampling

import (
	"bytes"
	"os"
	"strconv"
)

// Pressure is the percentage of the last ten seconds in which some process of this host
// waited for a resource; nil where the kernel does not say.
type Pressure struct{ CPU, Memory, IO *float64 }

// ReadPressure asks the kernel.
func ReadPressure() Pressure {
	return Pressure{pressureOf("cpu"), pressureOf("memory"), pressureOf("io")}
}

// CPUPressure is the share of the last ten seconds in which some process of this host
// waited for a processor; 0 where the kernel does not say.
func CPUPressure() float64 {
	if p := pressureOf("cpu"); p != nil {
		return min(max(*p/100, 0), 1)
	}
	return 0
}

func pressureOf(resource string) *float64 {
	b, err := os.ReadFile("/proc/pressure/" + resource)
	if err != nil {
		return nil
	}
	_, rest, ok := bytes.Cut(b, []byte("avg10="))
	value, _, _ := bytes.Cut(rest, []byte(" "))
	percent, err := strconv.ParseFloat(string(value), 64)
	if !ok || err != nil {
		return nil
	}
	return &percent
}
