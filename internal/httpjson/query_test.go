package httpjson

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestNumbersOfAQueryAreChecked(t *testing.T) {
	for text, want := range map[string]uint64{"": 0, "0": 0, "100": 100} {
		if n, err := Number(url.Values{"last": {text}}, "last", 100); err != nil || n != want {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	}
	for _, text := range []string{"-5", "101", "x", "1.5", "1e3", "99999999999999999999", " 1"} {
		if _, err := Number(url.Values{"last": {text}}, "last", 100); err == nil || !strings.Contains(err.Error(), "last") {
			t.Errorf("%q was taken: %v", text, err)
		}
	}
}

// TestAPanicIsAnAnswer with an id that the log has, too.
func TestAPanicIsAnAnswer(t *testing.T) {
	var id, what string
	h := Guarded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("index out of range") }), func(i, w string) { id, what = i, w })
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/logs", nil))
	if w.Code != http.StatusInternalServerError || id == "" || !strings.Contains(w.Body.String(), id) || strings.Contains(w.Body.String(), "index") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(what, "GET /v1/logs: index out of range") || !strings.Contains(what, "query_test.go") {
		t.Errorf("the log has %q", what)
	}
}
