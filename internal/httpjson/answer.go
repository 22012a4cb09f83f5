package httpjson

import (
	"encoding/json"
	"net/http"
)

// Problem is the body of every answer that is no success.
type Problem struct {
	Error string `json:"error"`
}

// Fail answers with an error.
func Fail(w http.ResponseWriter, code int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(Problem{err.Error()})
}

// Answer answers with what is found out, or why it could not be.
func Answer(ask func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := ask(r)
		if err != nil {
			Fail(w, http.StatusConflict, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}
