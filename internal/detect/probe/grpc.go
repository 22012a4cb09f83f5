package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
)

// The health protocol is one call with one string, answered by one number
// (grpc.health.v1). A whole library for that is a hundred times its size.
const (
	healthMethod = "/grpc.health.v1.Health/Check"
	frameHead    = 5
	serving      = 1
)

var grpcClient = func() *http.Client {
	t := &http.Transport{DisableKeepAlives: true, Proxy: nil, Protocols: new(http.Protocols)}
	t.Protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: t}
}()

func askGRPC(ctx context.Context, address, service string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+healthMethod, bytes.NewReader(healthRequest(service)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("TE", "trailers")
	resp, err := grpcClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return err
	}
	for _, h := range []http.Header{resp.Trailer, resp.Header} {
		if code := h.Get("Grpc-Status"); code != "" && code != "0" {
			return fmt.Errorf("the call failed with status %s: %s", code, h.Get("Grpc-Message"))
		}
	}
	if status := healthStatus(body); status != serving {
		return fmt.Errorf("the service is not serving (%d)", status)
	}
	return nil
}

// healthRequest is field 1, a string, in a frame that is not compressed.
func healthRequest(service string) []byte {
	var message []byte
	if service != "" {
		message = append([]byte{1<<3 | 2}, binary.AppendUvarint(nil, uint64(len(service)))...)
		message = append(message, service...)
	}
	frame := make([]byte, frameHead, frameHead+len(message))
	binary.BigEndian.PutUint32(frame[1:], uint32(len(message)))
	return append(frame, message...)
}

// healthStatus reads field 1, a number; 0 for what is not understood.
func healthStatus(frame []byte) uint64 {
	if len(frame) < frameHead+2 || frame[0] != 0 || frame[frameHead] != 1<<3 {
		return 0
	}
	n, used := binary.Uvarint(frame[frameHead+1:])
	if used <= 0 {
		return 0
	}
	return n
}
