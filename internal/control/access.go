package control

import (
	"os"
	"os/user"
	"slices"
	"strconv"

	"healer-sidecar/internal/heal"
)

// Class is how much a request may change.
type Class string

// The classes. Who may act may read, and who may administer may act.
const (
	Read  Class = "read"
	Act   Class = "act"
	Admin Class = "admin"
)

// classes are ordered by what they allow.
var classes = []Class{Read, Act, Admin}

// People are users and groups by number.
type People struct{ UIDs, GIDs []int }

// Access says who may do what, beside root and the sidecar's own user, who may do all.
type Access struct{ Read, Act, Admin People }

// allows reports whether a peer may make a request of a class.
func (a *Access) allows(who peer, class Class) bool {
	if who.uid == 0 || who.uid == os.Geteuid() {
		return true
	}
	if a == nil || who.uid < 0 {
		return false
	}
	groups := groupsOf(who.uid)
	for i, people := range []People{a.Read, a.Act, a.Admin} {
		if i < slices.Index(classes, class) {
			continue
		}
		in := func(gid int) bool { return slices.Contains(people.GIDs, gid) }
		if slices.Contains(people.UIDs, who.uid) || slices.ContainsFunc(groups, in) {
			return true
		}
	}
	return false
}

// groupsOf are the groups of a user; none for one that is not known.
func groupsOf(uid int) []int {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return nil
	}
	names, err := u.GroupIds()
	if err != nil {
		return nil
	}
	var all []int
	for _, name := range names {
		if gid, err := strconv.Atoi(name); err == nil {
			all = append(all, gid)
		}
	}
	return all
}

// classOf is the class of an order.
func classOf(c heal.Command) Class {
	if c.Admin() {
		return Admin
	}
	return Act
}
