package reading

import (
	"math"
	"strconv"
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
)

// text is an attribute as text; empty for none.
func (as attributes) text(keys ...string) string {
	for _, key := range keys {
		switch v := as.value(key).GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			return v.StringValue
		case *commonpb.AnyValue_BoolValue:
			return strconv.FormatBool(v.BoolValue)
		case *commonpb.AnyValue_IntValue:
			return strconv.FormatInt(v.IntValue, 10)
		}
	}
	return ""
}

// number is an attribute as a number; some programs write numbers as text.
func (as attributes) number(keys ...string) (float64, bool) {
	for _, key := range keys {
		switch v := as.value(key).GetValue().(type) {
		case *commonpb.AnyValue_IntValue:
			return float64(v.IntValue), true
		case *commonpb.AnyValue_DoubleValue:
			return v.DoubleValue, sane(v.DoubleValue)
		case *commonpb.AnyValue_StringValue:
			if n, err := strconv.ParseFloat(strings.TrimSpace(v.StringValue), 64); err == nil && sane(n) {
				return n, true
			}
		}
	}
	return 0, false
}

// maxNumber bounds what is believed: nobody used more tokens than this.
const maxNumber = 1e15

func sane(v float64) bool { return !math.IsNaN(v) && v >= 0 && v < maxNumber }

// count is an attribute as a number of tokens.
func (as attributes) count(keys ...string) int64 {
	if len(keys) == 0 {
		return 0
	}
	n, ok := as.number(keys...)
	if !ok || !sane(n) {
		return 0
	}
	return int64(n)
}

// status is an HTTP status; 0 for none.
func (as attributes) status() int {
	n, _ := as.number("http.response.status_code", "status_code", "http.status_code", "status", "error.type")
	return int(min(n, 999))
}

func (as attributes) milliseconds(keys ...string) time.Duration {
	n, ok := as.number(keys...)
	if !ok || n > float64(time.Hour/time.Millisecond) {
		return 0
	}
	return time.Duration(n * float64(time.Millisecond))
}

func (as attributes) seconds(keys ...string) time.Duration {
	n, ok := as.number(keys...)
	if !ok || n > time.Hour.Seconds() {
		return 0
	}
	return time.Duration(n * float64(time.Second))
}
