// Package hub is the fleet's server: nats-server with JetStream in one process, the streams
// of package schema, and one key for each host. It coordinates nothing itself: hosts agree
// through what it keeps, and go on alone without it.
package hub
