package telemetry

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	collogs "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"healer-sidecar/internal/telemetry/reading"
)

const (
	// maxBody bounds one request as it is sent, maxUnpacked when it is unpacked.
	maxBody, maxUnpacked = 4 << 20, 4 << 20
	// maxElements bounds how many messages a batch may hold: an empty one takes two bytes as it is sent
	// and a hundred when it is decoded.
	maxElements = 300_000
)

var errTooLarge = errors.New("the batch is too large")

// signal is one of the three kinds of telemetry.
type signal string

const (
	logs    signal = "logs"
	metrics signal = "metrics"
	traces  signal = "traces"
)

// readBody reads a body up to its bound.
func readBody(from io.Reader) ([]byte, error) { return readUpTo(from, maxBody) }

func readUpTo(from io.Reader, most int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(from, int64(most)+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the batch: %w", err)
	}
	if len(b) > most {
		return nil, fmt.Errorf("cannot take the batch: %w: more than %d bytes", errTooLarge, most)
	}
	return b, nil
}

// unpack undoes the packing of a body. A small body may hold very much: reading ends at the bound.
func unpack(body []byte, encoding string) ([]byte, error) {
	switch encoding {
	case "", "identity":
		return body, nil
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("cannot unpack the batch: %w", err)
		}
		return readUpTo(z, maxUnpacked)
	}
	return nil, fmt.Errorf("cannot unpack the batch: encoding %q is not supported; use gzip", encoding)
}

// decode reads a batch into what it says. isJSON tells the form.
func decode(r *reading.Reader, s signal, body []byte, isJSON bool) ([]reading.Reading, error) {
	switch s {
	case logs:
		var m collogs.ExportLogsServiceRequest
		if err := parse(body, isJSON, &m); err != nil {
			return nil, err
		}
		return r.Logs(&m), nil
	case metrics:
		var m colmetrics.ExportMetricsServiceRequest
		if err := parse(body, isJSON, &m); err != nil {
			return nil, err
		}
		return r.Metrics(&m), nil
	}
	var m coltrace.ExportTraceServiceRequest
	if err := parse(body, isJSON, &m); err != nil {
		return nil, err
	}
	return r.Spans(&m), nil
}

var (
	asBinary = proto.UnmarshalOptions{DiscardUnknown: true}
	asText   = protojson.UnmarshalOptions{DiscardUnknown: true}
)

func parse(body []byte, isJSON bool, into proto.Message) error {
	n := 0
	if isJSON {
		n = bytes.Count(body, []byte("{")) + bytes.Count(body, []byte("["))
	} else {
		n = elements(body, maxDepth)
	}
	if n > maxElements {
		return fmt.Errorf("cannot take the batch: %w: more than %d messages in it", errTooLarge, maxElements)
	}
	var err error
	if isJSON {
		err = asText.Unmarshal(body, into)
	} else {
		err = asBinary.Unmarshal(body, into)
	}
	if err != nil {
		return fmt.Errorf("cannot decode the batch: %w", err)
	}
	return nil
}

// formOf tells the form of a body by its content type.
func formOf(contentType string) (isJSON, known bool) {
	kind, _, _ := strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/x-protobuf":
		return false, true
	case "application/json":
		return true, true
	}
	return false, false
}

// maxDepth is how deep the messages of OTLP nest, down to the values of attributes.
const maxDepth = 8

// elements counts what may be a message in a batch, without decoding it. Text that happens to look
// like one counts as well.
func elements(b []byte, depth int) int {
	n := 0
	for len(b) > 0 && n <= maxElements {
		_, kind, size := protowire.ConsumeTag(b)
		if size < 0 {
			return n
		}
		b = b[size:]
		if kind != protowire.BytesType {
			if size = protowire.ConsumeFieldValue(1, kind, b); size < 0 {
				return n
			}
			b = b[size:]
			continue
		}
		inner, size := protowire.ConsumeBytes(b)
		if size < 0 {
			return n
		}
		b = b[size:]
		if n++; depth > 0 {
			n += elements(inner, depth-1)
		}
	}
	return n
}
