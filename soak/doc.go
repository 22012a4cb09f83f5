// Command soak lets ten agents fail in front of one sidecar for half an hour, by a seeded mix
// of faults, orders, reloads and deaths of the sidecar itself, and demands that nothing is
// started twice, nothing that was recorded is lost, no stranger is signalled, and nothing
// grows. The sidecar should be built with the race detector: make soak does.
//
//	go run ./soak [-bin PATH] [-for 30m] [-seed N]
package main
