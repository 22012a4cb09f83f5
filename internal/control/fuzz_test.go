package control

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// FuzzOrders: whatever is sent to the socket is answered, and no order is carried out that
// the caller may not give.
func FuzzOrders(f *testing.F) {
	f.Add("POST", "/v1/orders", `{"command":"stop","agent":"a"}`, 0)
	f.Add("GET", "/v1/events?after=x&follow=false", "", 10)
	f.Add("POST", "/v1/knowledge", `{"version":1}`, 0)
	f.Add("PUT", "/v1/../orders", "x", 12)
	f.Fuzz(func(t *testing.T, method, path, body string, uid int) {
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "follow=true") || strings.ContainsAny(method+path, " \x00\r\n\t") || method == "" {
			return
		}
		b := &backend{orders: make(chan heal.Order, 1), changed: make(chan struct{})}
		s := &Server{backend: b, access: &Access{Read: People{UIDs: []int{10}}}}
		defer func() { // a request that http itself would not make
			if r := recover(); r != nil && !strings.Contains(strings.ToLower(strings.TrimSpace(toText(r))), "invalid") {
				panic(r)
			}
		}()
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req = req.WithContext(context.WithValue(req.Context(), peerKey{}, peer{uid: uid, pid: 1}))
		s.handler().ServeHTTP(httptest.NewRecorder(), req)
		if len(b.orders) > 0 && uid != 0 && uid != os.Geteuid() {
			t.Errorf("uid %d has given an order", uid)
		}
	})
}

func toText(v any) string {
	if err, ok := v.(error); ok {
		return err.Error()
	}
	s, _ := v.(string)
	return s
}
