// Package schema says what a fleet keeps in NATS: the names of streams, buckets and
// subjects, how they are configured, and what a key may do with them. Hosts and hub
// share it; it opens no connection.
package schema
