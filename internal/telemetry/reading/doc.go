// Package reading turns batches of OTLP into what the sidecar judges by: tokens and money, requests and
// their status, the time to the first token, and tool calls. It knows the names that agents use, old
// and new, and takes each fact from one signal of a process only: the same tokens arrive as a metric,
// as a log and as a span. It keeps numbers and names of models; prompts, answers and arguments of
// tools never leave it. The package is pure.
package reading
