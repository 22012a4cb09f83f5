// Package stdio gives the runs of a wrapped command what they read and write, so that
// nobody at either end of it can tell it from the bare command.
//
// What our own descriptor is decides what a run gets. A regular file or a device: the same
// descriptor; the run then sees every error itself, and a copy is taken from the file to
// be looked at. A pipe or a socket: a pipe of its own (Server), which is copied to ours byte by
// byte. Nothing is ever dropped on that way: a reader that is slow slows the run, and one that
// is gone closes the pipe of the run. What detectors read is a second copy (recorder), which
// may lose text and counts it, and which no reader waits for.
//
// The copying begins in our own process and is handed to a small process of its own
// (keeper.go) as soon as a run has lasted a little, so that a run goes on when we do not.
package stdio
