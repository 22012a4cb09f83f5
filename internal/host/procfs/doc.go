// Package procfs identifies processes and reads what the kernel says of them: state, children,
// signals, what they wait for, who holds a port.
package procfs
