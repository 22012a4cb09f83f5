// Package journal is the durable memory of the sidecar: segments of JSON lines,
// one event a line, each with its checksum. Intents are on disk before the act;
// routine records are committed in groups. A torn or flipped record is set aside
// and the rest is served. People can read it with jq.
package journal
