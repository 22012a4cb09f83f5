package telemetry

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// grpcPaths are the services of OTLP over gRPC. Their calls are unary: one framed message each way.
var grpcPaths = map[string]signal{
	"/opentelemetry.proto.collector.logs.v1.LogsService/Export":       logs,
	"/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": metrics,
	"/opentelemetry.proto.collector.trace.v1.TraceService/Export":     traces,
}

// The codes of gRPC that are used here.
const (
	grpcOK          = 0
	grpcInvalid     = 3
	grpcExhausted   = 8
	grpcUnavailable = 14
)

// frameHead is the length of what precedes a message: a flag whether it is packed, and its length.
const frameHead = 5

func (r *Receiver) serveGRPC(w http.ResponseWriter, q *http.Request, s signal) {
	if q.ProtoMajor < 2 || !strings.HasPrefix(q.Header.Get("Content-Type"), "application/grpc") {
		r.refused.Add(1)
		http.Error(w, "this path is for gRPC", http.StatusUnsupportedMediaType)
		return
	}
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
	item, err := unframe(q)
	item.Path = "/v1/" + string(s)
	if err == nil {
		err = r.accept(q.Context(), item, s, false)
	}
	code, why := grpcOK, ""
	if err == nil {
		_, _ = w.Write(make([]byte, frameHead)) // an empty message
	} else {
		r.refused.Add(1)
		code, why = grpcCode(err), err.Error()
	}
	w.Header().Set("Grpc-Status", strconv.Itoa(code))
	w.Header().Set("Grpc-Message", why)
}

func grpcCode(err error) int {
	switch {
	case errors.Is(err, errTooLarge):
		return grpcExhausted
	case errors.Is(err, errBusy):
		return grpcUnavailable
	}
	return grpcInvalid
}

// unframe reads the one message of a call.
func unframe(q *http.Request) (Item, error) {
	item := Item{Type: "application/x-protobuf"}
	body, err := readUpTo(q.Body, maxBody+frameHead)
	if err != nil {
		return item, err
	}
	if len(body) < frameHead || uint64(binary.BigEndian.Uint32(body[1:frameHead])) != uint64(len(body)-frameHead) {
		return item, fmt.Errorf("cannot read the call: one whole message is expected")
	}
	if item.Body = body[frameHead:]; body[0] == 1 {
		item.Encoding = q.Header.Get("Grpc-Encoding")
		if item.Encoding == "" || item.Encoding == "identity" {
			return item, fmt.Errorf("cannot read the call: it is packed, and does not say how")
		}
	}
	return item, nil
}
