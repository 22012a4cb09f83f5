// Package app is the only package that knows all the others: it wires them
// together and answers the command line.
package app
