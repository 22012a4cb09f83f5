// Package inbox takes what agents say about themselves: in the words of sd_notify on
// a datagram socket, as JSON lines on a stream socket, or within their output.
package inbox
