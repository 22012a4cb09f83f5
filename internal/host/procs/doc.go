// Package procs starts, follows, freezes and ends processes and the trees below them.
package procs
