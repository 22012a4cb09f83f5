// Package fleet is the sidecar's part of a fleet: it archives the journal, asks how many
// other hosts fail for the same reason, and agrees with them who tries first and at which rate
// the others follow. NATS carries this and is never the truth: whatever is not answered in
// time is decided by the host alone.
package fleet
