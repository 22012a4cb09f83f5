package schema

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams. Buckets are streams in the form that NATS gives its key-value stores.
const (
	// Archive holds every journal event of every host.
	Archive = "EV"
	// Tickets holds counters.
	Tickets = "TICKETS"
	// Hosts says which hosts are there, Leases who holds a slot, Incidents which common
	// causes there are, Patterns what each host has learned.
	Hosts     = "KV_hs_hosts"
	Leases    = "KV_hs_leases"
	Incidents = "KV_hs_incidents"
	Patterns  = "KV_hs_patterns"
)

// The headers of an archived event.
const (
	// HeaderSeq is the event's number in the host's journal, HeaderPrev that of the event
	// archived before it, HeaderEpoch the identity of the journal.
	HeaderSeq, HeaderPrev, HeaderEpoch = "Hs-Seq", "Hs-Prev", "Hs-Epoch"
	// HeaderGap counts events that the host does not have any more, between HeaderPrev and
	// this one.
	HeaderGap = "Hs-Gap"
	// HeaderRefill marks an event that is sent again because the hub lost it.
	HeaderRefill = "Hs-Refill"
)

// MaxEvent bounds an archived event in bytes; the journal keeps none that is larger.
const MaxEvent = 512 << 10

// maxValue bounds a value in a bucket in bytes.
const maxValue = 64 << 10

// Limits bound what the hub keeps.
type Limits struct {
	// ArchiveBytes and ArchiveAge bound the archive.
	ArchiveBytes int64
	ArchiveAge   time.Duration
	// Replicas is how many servers of a cluster keep each message.
	Replicas int
}

// DefaultLimits suit one hub and some hundred hosts.
var DefaultLimits = Limits{ArchiveBytes: 10 << 30, ArchiveAge: 30 * 24 * time.Hour, Replicas: 1}

const (
	// ticketsFor is how long a counter is kept after its last use.
	ticketsFor = time.Hour
	// marker is how long the trace of a removed key is kept.
	marker = time.Second
	// patternsBytes bound what all hosts have learned.
	patternsBytes = 256 << 20
)

// Streams are all streams as they should be.
func Streams(l Limits) []jetstream.StreamConfig {
	archive := jetstream.StreamConfig{
		Name: Archive, Description: "healer-sidecar: journal events of all hosts", Subjects: []string{Event("*", "*")},
		Storage: jetstream.FileStorage, Replicas: l.Replicas, MaxBytes: l.ArchiveBytes, MaxAge: l.ArchiveAge, MaxMsgSize: MaxEvent,
		DenyDelete: true, DenyPurge: true, AllowDirect: true, Discard: jetstream.DiscardOld,
	}
	// Counters are drawn by all hosts at once and are kept in memory: on the disk the slowest of a
	// hundred grants took three times as long. A hub that dies begins to count again.
	tickets := jetstream.StreamConfig{
		Name: Tickets, Description: "healer-sidecar: counters", Subjects: []string{"hs.ticket.>"}, Storage: jetstream.MemoryStorage,
		Replicas: l.Replicas, MaxMsgsPerSubject: 1, MaxAge: ticketsFor, MaxMsgSize: maxValue, AllowMsgCounter: true, AllowDirect: true,
		DenyDelete: true, DenyPurge: true,
	}
	hosts := bucket(Hosts, "which hosts are there", l)
	hosts.Storage = jetstream.MemoryStorage
	patterns := bucket(Patterns, "what each host has learned", l)
	patterns.MaxBytes = patternsBytes
	patterns.MaxMsgSize = MaxEvent
	return []jetstream.StreamConfig{
		archive, tickets, hosts, bucket(Leases, "who holds a slot", l), bucket(Incidents, "common causes", l), patterns,
	}
}

func bucket(name, what string, l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: name, Description: "healer-sidecar: " + what, Subjects: []string{Key(name, ">")}, Storage: jetstream.FileStorage,
		Replicas: l.Replicas, MaxMsgsPerSubject: 1, MaxMsgSize: maxValue, AllowRollup: true, DenyDelete: true, AllowDirect: true,
		Discard: jetstream.DiscardNew, AllowMsgTTL: true, SubjectDeleteMarkerTTL: marker,
	}
}

// Key is the subject of a key in a bucket.
func Key(stream, key string) string { return "$KV." + strings.TrimPrefix(stream, "KV_") + "." + key }

// Unwell is the key by which unwell hosts are counted.
func Unwell(own string) string { return own + ".unwell" }

// Event is the subject of a host's events, Order that of orders to it, Refill that of the
// hub's requests for events which it lost.
func Event(group, host string) string  { return eventPrefix + group + "." + host }
func Order(group, host string) string  { return "hs.order." + group + "." + host }
func Refill(group, host string) string { return "hs.refill." + group + "." + host }

const eventPrefix = "hs.event."

// EventOf is the host whose events have a subject.
func EventOf(subject string) (group, host string) {
	group, host, _ = strings.Cut(strings.TrimPrefix(subject, eventPrefix), ".")
	return group, host
}

// Missing is the hub's request for events of one journal that it lost, the first and the last included.
type Missing struct {
	Epoch string `json:"epoch"`
	From  uint64 `json:"from"`
	To    uint64 `json:"to"`
}

// Ticket is the subject of a counter.
func Ticket(group, name string) string { return "hs.ticket." + group + "." + name }

// Inbox is where answers to a host arrive: no other host may listen there.
func Inbox(group, host string) string { return "_INBOX." + group + "." + host }

// validToken is what a host and a group may be called: each is one token of a subject.
var validToken = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$`)

// Token is a name as one token of a subject: what may not be in one becomes a dash.
func Token(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r < 128 && (r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		return '-'
	}, name), "-_")
}

// CheckToken refuses a name that cannot be a token of a subject.
func CheckToken(what, name string) error {
	if !validToken.MatchString(name) {
		return fmt.Errorf("invalid %s %q: use up to 63 letters, digits, dashes and underscores", what, name)
	}
	return nil
}
