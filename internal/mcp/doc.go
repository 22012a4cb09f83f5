// Package mcp serves the Model Context Protocol: assistants ask a running sidecar what is wrong
// and, where that is allowed, act on it; an agent asks about its own restarts and reports.
// Everything goes through the sidecar's own sockets, so its access classes and limits apply, and
// the end of this server changes nothing. Text that an agent printed is data: it appears only in
// fields named untrusted, and is bounded.
package mcp
