package telemetry

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
)

// Item is a batch as it came.
type Item struct {
	// Path, Type and Encoding are those of the request; Body are its bytes, unchanged.
	Path     string `json:"path"`
	Type     string `json:"type"`
	Encoding string `json:"encoding,omitempty"`
	Length   int    `json:"length"`
	Body     []byte `json:"-"`
}

const (
	// sendWithin bounds one delivery; againFirst and againMost the time between two tries.
	sendWithin            = 10 * time.Second
	againFirst, againMost = time.Second, 30 * time.Second
	itemEnd               = ".otlp"
)

// Queue keeps batches on the disk until a collector has taken them, oldest first. When it is full
// the oldest go. Put never waits for the collector.
type Queue struct {
	dir     string
	most    int64
	target  string
	headers map[string]string
	client  *http.Client
	wake    chan struct{}

	mu      sync.Mutex // guards everything below
	next    uint64
	waiting []stored
	bytes   int64
	status  heal.ForwardStatus
}

type stored struct {
	name string
	size int64
}

// OpenQueue opens the queue in a folder, with what an earlier sidecar left in it. It holds at most
// so many bytes, and delivers to the address of a collector that takes OTLP over HTTP.
func OpenQueue(dir, target string, headers map[string]string, most int64) (*Queue, error) {
	if err := fsys.PrivateDir(dir); err != nil {
		return nil, err
	}
	q := &Queue{
		dir: dir, most: most, target: strings.TrimSuffix(target, "/"), headers: headers, wake: make(chan struct{}, 1),
		client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot open the queue: %w", err)
	}
	for _, e := range entries { // in the order of their names, which is that of their coming
		info, err := e.Info()
		if err != nil || !strings.HasSuffix(e.Name(), itemEnd) {
			_ = os.Remove(filepath.Join(dir, e.Name()))
			continue
		}
		q.waiting = append(q.waiting, stored{e.Name(), info.Size()})
		q.bytes += info.Size()
		_, _ = fmt.Sscanf(e.Name(), "%d", &q.next)
	}
	q.next++
	return q, nil
}

// Status is how the queue does.
func (q *Queue) Status() heal.ForwardStatus {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.status
	s.Waiting, s.Bytes = len(q.waiting), q.bytes
	return s
}

// Put keeps a batch until it is delivered.
func (q *Queue) Put(item Item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	item.Length = len(item.Body)
	head, err := json.Marshal(item)
	name := fmt.Sprintf("%020d%s", q.next, itemEnd)
	content := slices.Concat(head, []byte("\n"), item.Body)
	if err == nil {
		err = q.write(name, content)
	}
	if err != nil {
		q.status.Dropped++
		q.status.Failure = err.Error()
		return
	}
	q.next++
	q.waiting = append(q.waiting, stored{name, int64(len(content))})
	q.bytes += int64(len(content))
	for q.bytes > q.most && len(q.waiting) > 1 {
		q.drop()
		q.status.Dropped++
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue) write(name string, content []byte) error {
	if int64(len(content)) > q.most {
		return errors.New("cannot keep the batch: it is larger than the queue")
	}
	path := filepath.Join(q.dir, name)
	if err := os.WriteFile(path+".part", content, 0o600); err != nil {
		return fmt.Errorf("cannot keep the batch: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("cannot keep the batch: %w", err)
	}
	return nil
}

// drop takes the oldest out.
func (q *Queue) drop() {
	oldest := q.waiting[0]
	q.waiting, q.bytes = q.waiting[1:], q.bytes-oldest.size
	_ = os.Remove(filepath.Join(q.dir, oldest.name))
}

// Run delivers until the context ends. What is left stays for the next sidecar.
func (q *Queue) Run(ctx context.Context) {
	pause := againFirst
	for {
		name := q.oldest()
		if name == "" {
			select {
			case <-q.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		err := q.deliver(ctx, name)
		if q.settle(name, err) {
			pause = againFirst
			continue
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, againMost)
		case <-ctx.Done():
			return
		}
	}
}

func (q *Queue) oldest() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return ""
	}
	return q.waiting[0].name
}

// errRefused is a batch that no further try delivers.
var errRefused = errors.New("the collector refused it")

// settle notes what became of a delivery, and reports whether the next one may follow at once.
func (q *Queue) settle(name string, err error) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	refused := errors.Is(err, errRefused)
	if err != nil && !refused {
		q.status.Failure = err.Error()
		return false
	}
	if q.status.Failure = ""; refused {
		q.status.Dropped++
		q.status.Failure = err.Error()
	} else {
		q.status.Sent++
	}
	if len(q.waiting) > 0 && q.waiting[0].name == name {
		q.drop()
	}
	return true
}

func (q *Queue) deliver(ctx context.Context, name string) error {
	item, err := load(filepath.Join(q.dir, name))
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err) // it was dropped meanwhile, or damaged
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, q.target+item.Path, bytes.NewReader(item.Body))
	if err != nil {
		return fmt.Errorf("cannot hand over to the collector: %w", err)
	}
	for key, value := range q.headers {
		req.Header.Set(key, value)
	}
	req.Header.Set("Content-Type", item.Type)
	if item.Encoding != "" {
		req.Header.Set("Content-Encoding", item.Encoding)
	}
	res, err := q.client.Do(req)
	if err != nil {
		return fmt.Errorf("cannot hand over to the collector: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	switch res.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return nil
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: it answers %s", errRefused, res.Status) // it would every time
	}
	return fmt.Errorf("cannot hand over to the collector: it answers %s", res.Status)
}

// load reads a batch from the disk; one that is not whole is an error.
func load(path string) (Item, error) {
	var item Item
	f, err := os.Open(path)
	if err != nil {
		return item, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	head, err := r.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(head, &item)
	}
	if err != nil || item.Length < 0 || item.Length > maxBody {
		return item, fmt.Errorf("cannot read a kept batch: %w", errors.Join(err, errors.New("damaged")))
	}
	item.Body = make([]byte, item.Length)
	if _, err := io.ReadFull(r, item.Body); err != nil {
		return item, fmt.Errorf("cannot read a kept batch: %w", err)
	}
	return item, nil
}
