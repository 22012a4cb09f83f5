package notify

import (
	"fmt"
	"slices"
	"time"
)

const (
	// groupFor is how long notices of one cause are gathered after the first, and atOnce how
	// many of any cause are told in that time before all are gathered: a person who is told
	// of fifty failures one by one reads none of them.
	groupFor, atOnce = time.Minute, 5
	// maxTold bounds of how many incidents it is known what was told.
	maxTold = 1000
)

// desk decides, for one way to reach people, when a notice is told. It belongs to the outbox.
type desk struct {
	// sent is what was told at once within groupFor.
	sent []telling
	// told are the reasons that were told of each incident, order the incidents by age.
	told  map[string][]string
	order []string
}

type telling struct {
	at              time.Time
	cause, incident string
}

// cause is equal for notices that are told together.
func (n Notice) cause() string {
	t, _ := n.kind()
	fingerprint := ""
	if n.Diagnosis != nil {
		fingerprint = n.Diagnosis.Fingerprint
	}
	return fmt.Sprintf("%s %s %v", t, fingerprint, n.Resolved)
}

// judge says whether a notice was told before, and until when it waits for others; zero for
// one that is told at once. What is judged counts as told.
func (d *desk) judge(now time.Time, n Notice) (before bool, wait time.Time) {
	reason := fmt.Sprintf("%v %s", n.Resolved, n.Reason)
	if slices.Contains(d.told[n.Incident], reason) {
		return true, wait
	}
	d.remember(n.Incident, reason)
	d.sent = slices.DeleteFunc(d.sent, func(t telling) bool { return now.Sub(t.at) >= groupFor })
	like := slices.IndexFunc(d.sent, func(t telling) bool { return t.cause == n.cause() && t.incident != n.Incident })
	switch {
	case like >= 0:
		return false, d.sent[like].at.Add(groupFor)
	case len(d.sent) >= atOnce:
		return false, d.sent[0].at.Add(groupFor)
	}
	d.sent = append(d.sent, telling{now, n.cause(), n.Incident})
	return false, wait
}

func (d *desk) remember(incident, reason string) {
	if d.told == nil {
		d.told = map[string][]string{}
	}
	if _, known := d.told[incident]; !known {
		d.order = append(d.order, incident)
	}
	d.told[incident] = append(d.told[incident], reason)
	if len(d.order) > maxTold {
		delete(d.told, d.order[0])
		d.order = d.order[1:]
	}
}
