// Package httpjson is HTTP as it is spoken here: requests that go where the policy says and nowhere
// else, and answers in JSON.
package httpjson

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// client follows no redirects: what is sent may hold evidence, and goes where the policy
// says, nowhere else.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Send makes a request with a body of some kind, and returns the first most bytes of the
// answer; with 0 nothing of it is read. An answer that is no success is an error. The address
// may hold a secret: no error repeats it.
func Send(ctx context.Context, method, address, kind string, body []byte, most int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address is no URL")
	}
	req.Header.Set("Content-Type", kind)
	resp, err := client.Do(req)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("the answer is %s", resp.Status)
	}
	if most == 0 {
		return nil, nil
	}
	return io.ReadAll(io.LimitReader(resp.Body, most))
}
