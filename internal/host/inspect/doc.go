// Package inspect tells what this host allows the sidecar to do, and what a running process is.
package inspect
