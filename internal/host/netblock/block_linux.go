package netblock

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/cgroup"
)

// Blocker takes the network from runs by nftables: rules for the cgroup of each, or for all of
// the network namespace that it has for itself, in a table of our own. A socket is matched
// by the cgroup that it was born in, which a run cannot leave.
type Blocker struct {
	// Table names our table; another sidecar of this host has another.
	Table string
}

// Open is for the sidecar of that name. Nothing is done before the first cut.
func Open(name string) *Blocker { return &Blocker{Table: cgroup.CagesPrefix + name} }

// chain is where packets of local processes are seen, and what becomes of them there.
type chain struct {
	name string
	hook *nftables.ChainHook
	tcp  []expr.Any
}

// tcpReset makes an open connection end at once, and a new one fail at once.
var tcpReset = &expr.Reject{Type: unix.NFT_REJECT_TCP_RST}

// chains let TCP in: the resets themselves come that way, and whatever a connection answers
// ends it.
var chains = []chain{
	{"out", nftables.ChainHookOutput, []expr.Any{tcpReset}},
	{"in", nftables.ChainHookInput, []expr.Any{&expr.Verdict{Kind: expr.VerdictAccept}}},
}

// ownResets are resets on the loopback. Where no sender is told from another, those that our
// own rules make for a socket must be let through to it; they never leave the host.
var ownResets = []expr.Any{
	&expr.Meta{Key: expr.MetaKeyOIFTYPE, Register: 1},
	&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.NativeEndian.AppendUint16(nil, unix.ARPHRD_LOOPBACK)},
	&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
	&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}},
	&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: tcpFlags, Len: 1},
	&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{tcpRST}, Xor: []byte{0}},
	&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: []byte{0}},
	&expr.Verdict{Kind: expr.VerdictAccept},
}

// Where the flags of TCP are, and that of a reset (RFC 9293, section 3.1).
const (
	tcpFlags = 13
	tcpRST   = 4
)

// rules are those for what is matched, nil for all: what TCP gets, and nothing for all else.
func (c chain) rules(of []expr.Any) (all [][]expr.Any) {
	if of == nil {
		all = append(all, ownResets)
	}
	tcp := []expr.Any{&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}}}
	return append(all, slices.Concat(of, tcp, c.tcp), slices.Concat(of, []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}}))
}

// Block takes the network from a run, and reads back that it is so.
func (c *Blocker) Block(run string, leader int, n Network) (string, error) {
	of, err := n.match(leader)
	if err != nil {
		return "", err
	}
	r, err := c.ruler(n.Namespace)
	if err != nil {
		return "", err
	}
	defer r.inner.Close()
	if done, err := r.isCut(run); err != nil || done {
		return Blocked, err
	}
	table := r.conn.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: c.Table})
	for _, ch := range chains {
		made := r.conn.AddChain(&nftables.Chain{Name: ch.name, Table: table, Type: nftables.ChainTypeFilter, Hooknum: ch.hook, Priority: nftables.ChainPriorityFilter})
		for _, e := range ch.rules(of) {
			r.conn.AddRule(&nftables.Rule{Table: table, Chain: made, Exprs: e, UserData: []byte(run)})
		}
	}
	if err := r.conn.Flush(); err != nil {
		return "", fmt.Errorf("cannot cut the network: %w", err)
	}
	switch done, err := r.isCut(run); {
	case err != nil:
		return "", err
	case !done:
		return "", errors.New("cannot cut the network: the kernel does not hold the rules")
	}
	return Blocked, nil
}

// Blocked says that a run is without network, and by what.
const Blocked = "cut off the network by nftables"

// match is what tells the packets of a run from others. In a namespace of its own all are.
func (n Network) match(leader int) ([]expr.Any, error) {
	if n.Namespace != "" {
		return nil, livesIn(leader, n.Namespace)
	}
	if n.Cage == nil {
		return nil, errors.New("cannot cut the network: the run has no cgroup v2 and no network namespace of its own")
	}
	level, id, err := place(n.Cage.Dir())
	return []expr.Any{
		&expr.Socket{Key: expr.SocketKeyCgroupv2, Level: level, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.NativeEndian.AppendUint64(nil, id)},
	}, err
}

// place is where a cgroup lies in its hierarchy, and its number.
func place(dir string) (level uint32, id uint64, err error) {
	path, err := filepath.Rel(cgroup.MountOf("cgroup2", ""), dir)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot find the run's cgroup: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot find the run's cgroup: %w", err)
	}
	return uint32(len(strings.Split(path, "/"))), info.Sys().(*syscall.Stat_t).Ino, nil
}

// ruler reads and writes our rules in one network namespace.
type ruler struct {
	table string
	conn  *nftables.Conn
	inner *os.File // keeps the namespace; nil, which may be closed, for that of the host
}

// ruler is for a namespace; empty for that of the host.
func (c *Blocker) ruler(namespace string) (*ruler, error) {
	r, options := &ruler{table: c.Table}, []nftables.ConnOption(nil)
	if namespace != "" {
		f, err := os.Open(namespace)
		if err != nil {
			return nil, fmt.Errorf("cannot reach the network namespace: %w", err)
		}
		r.inner, options = f, append(options, nftables.WithNetNSFd(int(f.Fd())))
	}
	conn, err := nftables.New(options...)
	if err != nil {
		r.inner.Close()
		return nil, fmt.Errorf("cannot reach the network rules: %w", err)
	}
	r.conn = conn
	return r, nil
}

// rules lists ours, with the run that each is for; nothing without a table.
func (r *ruler) rules() ([]*nftables.Rule, error) {
	table, err := r.conn.ListTableOfFamily(r.table, nftables.TableFamilyINet)
	if errors.Is(err, os.ErrNotExist) || table == nil && err == nil {
		return nil, nil
	}
	if err != nil {
		return nil, cannotList(err)
	}
	var all []*nftables.Rule
	for _, ch := range chains {
		rules, err := r.conn.GetRules(table, &nftables.Chain{Name: ch.name, Table: table})
		if err != nil {
			return nil, cannotList(err)
		}
		all = append(all, rules...)
	}
	return all, nil
}

// cannotList says why no rule can be read: where none can ever have been made, that nothing can
// be cut off here.
func cannotList(err error) error {
	for _, never := range []error{os.ErrPermission, unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT, unix.EOPNOTSUPP} {
		if errors.Is(err, never) {
			return fmt.Errorf("%w: %w", ErrNoCuts, err)
		}
	}
	return fmt.Errorf("cannot list network rules: %w", err)
}

func (r *ruler) isCut(run string) (bool, error) {
	rules, err := r.rules()
	n := 0
	for _, rule := range rules {
		if string(rule.UserData) == run {
			n++
		}
	}
	return n >= 2*len(chains), err
}

// Holds reports whether a run is cut off.
func (c *Blocker) Holds(run string, n Network) bool {
	r, err := c.ruler(n.Namespace)
	if err != nil {
		return false
	}
	defer r.inner.Close()
	done, _ := r.isCut(run)
	return done
}

// Unblock gives the network back to a run. One that was never cut off is left alone.
func (c *Blocker) Unblock(run string, n Network) error {
	return c.sweep(n.Namespace, func(r string) bool { return r != run })
}

// Sweep gives the network back to all runs but those that stay, on the host and in these
// namespaces, and removes our tables where none does.
func (c *Blocker) Sweep(stay, namespaces map[string]bool) error {
	stays := func(run string) bool { return stay[run] }
	errs := []error{c.sweep("", stays)}
	for namespace := range namespaces {
		if namespace == "" {
			continue
		}
		err := c.sweep(namespace, stays)
		if !errors.Is(err, os.ErrNotExist) { // with a namespace its rules are gone
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (c *Blocker) sweep(namespace string, stays func(run string) bool) error {
	r, err := c.ruler(namespace)
	if err != nil {
		return err
	}
	defer r.inner.Close()
	rules, err := r.rules()
	if err != nil || len(rules) == 0 {
		return err
	}
	left := 0
	for _, rule := range rules {
		if stays(string(rule.UserData)) {
			left++
			continue
		}
		err = errors.Join(err, r.conn.DelRule(rule))
	}
	if left == 0 {
		r.conn.DelTable(rules[0].Table)
	}
	if err = errors.Join(err, r.conn.Flush()); err != nil {
		return fmt.Errorf("cannot give the network back: %w", err)
	}
	return nil
}
