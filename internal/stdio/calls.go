package stdio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

const (
	// callsMost is how many unanswered requests are known, callIDMost how long an id may be.
	callsMost, callIDMost = 1024, 256
	// callLineMost is how long a message may be that is looked at.
	callLineMost = 4 << 20
	// serverError is the JSON-RPC code of an error of the server's own.
	serverError = -32000
)

// calls knows the JSON-RPC requests that a run has read and not answered, of a server that has one
// message on each line. A nil one knows nothing.
type calls struct {
	mu sync.Mutex // guards everything below
	// open are the ids as they were written, in the order of the requests.
	open []string
	// early are answers to requests of which we do not know yet that they were read: that is
	// looked at now and then.
	early []string
	// unsure says that a message was too long to be looked at. It may have answered any request,
	// and none is answered twice.
	unsure bool
	// asked and told are the beginnings of lines that have no end yet.
	asked, told lineOf
}

// message is what matters of one in either direction.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// isCall reports that somebody waits for an answer.
func (m message) isCall() bool {
	id := string(m.ID)
	return m.Method != "" && id != "" && id != "null" && len(id) <= callIDMost
}

// givenUp is the id of the request that a notification gives up.
func (m message) givenUp() string {
	var params struct {
		RequestID json.RawMessage `json:"requestId"`
	}
	_ = json.Unmarshal(m.Params, &params) // other parameters name no request
	return string(params.RequestID)
}

// cancelled is the notification by which a client gives a request up: nobody answers it.
const cancelled = "notifications/cancelled"

// read takes in what a run has read.
func (c *calls) read(b []byte) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked.each(b, func(line []byte, _ bool) {
		for _, m := range messagesIn(line) {
			switch {
			case m.Method == cancelled:
				c.open, _ = without(c.open, m.givenUp())
			case m.isCall():
				c.call(string(m.ID))
			}
		}
	})
}

func (c *calls) call(id string) {
	var answered bool
	if c.early, answered = without(c.early, id); !answered && len(c.open) < callsMost {
		c.open = append(c.open, id)
	}
}

// wrote takes in what a run has written.
func (c *calls) wrote(b []byte) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told.each(b, func(line []byte, long bool) {
		c.unsure = c.unsure || long
		for _, m := range messagesIn(line) {
			if m.Method == "" {
				c.answer(string(m.ID))
			}
		}
	})
}

func (c *calls) answer(id string) {
	var known bool
	if c.open, known = without(c.open, id); known || len(id) > callIDMost {
		return
	}
	if c.early = append(c.early, id); len(c.early) > callsMost {
		c.early = c.early[1:]
	}
}

// without takes the first of some ids out, and reports that it was there.
func without(ids []string, id string) ([]string, bool) {
	i := slices.Index(ids, id)
	if i < 0 {
		return ids, false
	}
	return slices.Delete(ids, i, i+1), true
}

// answers are an error for each request that the run before this one has left unanswered.
func (c *calls) answers(run int) []byte {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []byte
	if c.unsure {
		c.open = nil
	}
	if c.told.begun() && len(c.open) > 0 {
		out = append(out, '\n') // the message that was cut off is not continued by ours
	}
	for _, id := range c.open {
		out = fmt.Appendf(out, `{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":"the server ended before it answered; `+
			`healer-sidecar restarted it as run %d: send the request again"}}`+"\n", id, serverError, run)
	}
	c.open, c.early, c.unsure, c.asked, c.told = nil, nil, false, lineOf{}, lineOf{}
	return out
}

// messagesIn are those on a line: one, or a batch of them.
func messagesIn(line []byte) []message {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return nil
	}
	if line[0] == '[' {
		var all []message
		if json.Unmarshal(line, &all) != nil {
			return nil
		}
		return all
	}
	var one message
	if json.Unmarshal(line, &one) != nil {
		return nil
	}
	return []message{one}
}

// lineOf puts lines together that come in pieces.
type lineOf struct {
	part []byte
	// long says that the present line is longer than what is looked at.
	long bool
}

func (l *lineOf) begun() bool { return len(l.part) > 0 || l.long }

// each calls a function for every line that b completes. Of a line that is too long nothing is
// passed on but that.
func (l *lineOf) each(b []byte, line func(line []byte, long bool)) {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			l.add(b)
			return
		}
		l.add(b[:end])
		line(l.part, l.long)
		l.part, l.long = l.part[:0], false
		b = b[end+1:]
	}
}

func (l *lineOf) add(b []byte) {
	if l.long = l.long || len(l.part)+len(b) > callLineMost; l.long {
		l.part = nil
		return
	}
	l.part = append(l.part, b...)
}

// callsState is what a server that takes over must know of requests.
type callsState struct {
	Open   []string  `json:"open,omitempty"`
	Early  []string  `json:"early,omitempty"`
	Unsure bool      `json:"unsure,omitempty"`
	Asked  lineState `json:"asked"`
	Told   lineState `json:"told"`
}

type lineState struct {
	Part []byte `json:"part,omitempty"`
	Long bool   `json:"long,omitempty"`
}

// state is nil for a nil one.
func (c *calls) state() *callsState {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return &callsState{
		Open: slices.Clone(c.open), Early: slices.Clone(c.early), Unsure: c.unsure,
		Asked: lineState{c.asked.part, c.asked.long}, Told: lineState{c.told.part, c.told.long},
	}
}

func newCalls(st *callsState) *calls {
	if st == nil {
		return nil
	}
	return &calls{
		open: st.Open, early: st.Early, unsure: st.Unsure,
		asked: lineOf{st.Asked.Part, st.Asked.Long}, told: lineOf{st.Told.Part, st.Told.Long},
	}
}
