// Package logging writes the log of the sidecar, for a service manager and beside a wrapped command.
package logging
