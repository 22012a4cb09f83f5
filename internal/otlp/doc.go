// Package otlp sends incidents to an OpenTelemetry collector: each as a trace with a span for
// every attempt, and what happened in it as logs. docs/operation.md lists the attributes.
package otlp
