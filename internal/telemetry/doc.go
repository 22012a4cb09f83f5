// Package telemetry receives what agents export over OTLP on one loopback port: over HTTP as protobuf or
// JSON, packed or not, and over gRPC. What is read of it goes to the sidecar; the bytes themselves go on
// to a collector, unchanged, by a queue on the disk that is bounded. Sizes are bounded before anything
// is unpacked or decoded.
package telemetry
