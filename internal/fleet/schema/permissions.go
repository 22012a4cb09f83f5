package schema

import (
	"fmt"
	"strings"
)

// Permissions are the subjects that a key may publish to and listen on.
type Permissions struct{ Publish, Subscribe []string }

// HostPermissions are those of one host: its own events, its own keys, the leases, incidents
// and counters of its group. It cannot publish as another host, read what is sent to another,
// or remove anything from the archive.
func HostPermissions(group, host string) Permissions {
	own := group + "." + host
	return Permissions{
		Publish: []string{
			Event(group, host), Ticket(group, ">"), Key(Hosts, own), Key(Hosts, Unwell(own)), Key(Patterns, own), Key(Leases, group+".>"), Key(Incidents, group+".>"),
			"$JS.API.INFO", directGet(Archive, Event(group, host)), directGet(Tickets, Ticket(group, ">")),
			directGet(Hosts, Key(Hosts, own)), directGet(Leases, Key(Leases, group+".>")), directGet(Incidents, Key(Incidents, group+".>")),
			directGet(Patterns, Key(Patterns, group+".>")),
			"$JS.API.STREAM.INFO." + Hosts, "$JS.API.STREAM.INFO." + Patterns,
		},
		Subscribe: []string{Inbox(group, host) + ".>", Order(group, host), Refill(group, host), Key(Incidents, group+".>"), Key(Patterns, group+".>")},
	}
}

// directGet is the request for the last message on a subject of a stream.
func directGet(stream, subject string) string { return "$JS.API.DIRECT.GET." + stream + "." + subject }

// OperatorPermissions are those of a person: reads everything, and sends orders where act is set.
// Whether an order is carried out is for each host to decide. key is the person's public key.
func OperatorPermissions(key string, act bool) Permissions {
	p := Permissions{
		Publish: []string{"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.ACK." + Archive + ".>", "$JS.FC.>"},
		Subscribe: []string{
			OperatorInbox(key) + ".>", Key(Incidents, ">"), Key(Hosts, ">"), Event("*", "*"),
		},
	}
	for _, stream := range []string{Archive, Tickets, Hosts, Leases, Incidents, Patterns} {
		p.Publish = append(p.Publish, "$JS.API.STREAM.INFO."+stream, "$JS.API.DIRECT.GET."+stream, "$JS.API.DIRECT.GET."+stream+".>")
	}
	p.Publish = append(p.Publish, "$JS.API.CONSUMER.CREATE."+Archive+".>", "$JS.API.CONSUMER.MSG.NEXT."+Archive+".>",
		"$JS.API.CONSUMER.INFO."+Archive+".>", "$JS.API.CONSUMER.DELETE."+Archive+".>")
	if act {
		p.Publish = append(p.Publish, Order("*", "*"))
	}
	return p
}

// operators takes the place of a group in the inbox of a person.
const operators = "operators"

// OperatorInbox is where answers to a person arrive.
func OperatorInbox(key string) string { return Inbox(operators, key) }

// Text is the permissions in the language of a NATS server's configuration.
func (p Permissions) Text(key string) string {
	quote := func(subjects []string) string { return `"` + strings.Join(subjects, `", "`) + `"` }
	return fmt.Sprintf("{ nkey: %s, permissions: { publish: { allow: [%s] }, subscribe: { allow: [%s] }, allow_responses: { max: 1, ttl: \"1m\" } } }\n",
		key, quote(p.Publish), quote(p.Subscribe))
}
