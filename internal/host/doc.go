// Package host holds every power the sidecar has over the machine, so that they
// can be read as an inventory: spawning and reaping, signals, process trees,
// cgroups, freezing, throttling, sampling, locks, clocks and peer credentials.
//
// Linux is the full platform. The files ending in _other.go keep the sidecar
// usable for development elsewhere and say plainly what they cannot do.
package host
