package httpjson

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"time"
)

// Number reads a whole number from a query: 0 where the query has none, an error for what is
// no number or out of bounds.
func Number(q url.Values, name string, most uint64) (uint64, error) {
	text := q.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > most {
		return 0, fmt.Errorf("cannot read %s = %q: want a whole number from 0 to %d", name, text, most)
	}
	return n, nil
}

// Guarded answers a request whose handler panics with a 500 and an id, under which tell hears
// what happened. What was answered before that stays as it is.
func Guarded(next http.Handler, tell func(id, what string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			what := recover()
			if what == nil {
				return
			}
			if what == http.ErrAbortHandler {
				panic(what) // the way to end an answer in the middle
			}
			id := strconv.FormatInt(time.Now().UnixNano(), 36)
			if tell != nil {
				tell(id, fmt.Sprintf("%s %s: %v\n%s", r.Method, r.URL.Path, what, debug.Stack()))
			}
			Fail(w, http.StatusInternalServerError, fmt.Errorf("internal error %s: this is a fault of healer-sidecar; its log has the details under this id", id))
		}()
		next.ServeHTTP(w, r)
	})
}
