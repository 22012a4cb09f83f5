// Package control is the sidecar's door: HTTP with JSON over a unix socket that
// only its owner and root may use, proven by the kernel's peer credentials. The
// server asks a Backend; the client is what the verbs use.
package control
