package host

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
)

// Cuts takes the network from runs by nftables: a rule for the cgroup of each, in a table of
// our own. A socket is matched by the cgroup that it was born in, which a run cannot leave.
type Cuts struct {
	// Table names our table; another sidecar of this host has another.
	Table string
}

// OpenCuts is for the sidecar of that name. Nothing is done before the first cut.
func OpenCuts(name string) *Cuts { return &Cuts{Table: cagesPrefix + name} }

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

// rules are those for one cgroup: what TCP gets, and nothing for all else.
func (c chain) rules(level uint32, id uint64) [][]expr.Any {
	of := []expr.Any{
		&expr.Socket{Key: expr.SocketKeyCgroupv2, Level: level, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.NativeEndian.AppendUint64(nil, id)},
	}
	tcp := []expr.Any{&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}}}
	return [][]expr.Any{slices.Concat(of, tcp, c.tcp), slices.Concat(of, []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}})}
}

// Cut takes the network from the run in a cgroup, and reads back that it is so.
func (c *Cuts) Cut(run string, cage *Cage) (string, error) {
	if cage == nil {
		return "", errors.New("cannot cut the network: the run has no cgroup of its own")
	}
	level, id, err := place(cage.dir)
	if err != nil {
		return "", err
	}
	if done, err := c.isCut(run); err != nil || done {
		return CutOff, err
	}
	conn, err := nftables.New()
	if err != nil {
		return "", fmt.Errorf("cannot cut the network: %w", err)
	}
	table := conn.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: c.Table})
	for _, ch := range chains {
		made := conn.AddChain(&nftables.Chain{Name: ch.name, Table: table, Type: nftables.ChainTypeFilter, Hooknum: ch.hook, Priority: nftables.ChainPriorityFilter})
		for _, e := range ch.rules(level, id) {
			conn.AddRule(&nftables.Rule{Table: table, Chain: made, Exprs: e, UserData: []byte(run)})
		}
	}
	if err := conn.Flush(); err != nil {
		return "", fmt.Errorf("cannot cut the network: %w", err)
	}
	switch done, err := c.isCut(run); {
	case err != nil:
		return "", err
	case !done:
		return "", errors.New("cannot cut the network: the kernel does not hold the rules")
	}
	return CutOff, nil
}

// CutOff says that a run is without network, and by what.
const CutOff = "cut off the network by nftables"

// place is where a cgroup lies in its hierarchy, and its number.
func place(dir string) (level uint32, id uint64, err error) {
	path, err := filepath.Rel(mountOf("cgroup2", ""), dir)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot find the run's cgroup: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot find the run's cgroup: %w", err)
	}
	return uint32(len(strings.Split(path, "/"))), info.Sys().(*syscall.Stat_t).Ino, nil
}

// rules lists ours, with the run that each is for; nothing without a table.
func (c *Cuts) rules(conn *nftables.Conn) ([]*nftables.Rule, error) {
	table, err := conn.ListTableOfFamily(c.Table, nftables.TableFamilyINet)
	if errors.Is(err, os.ErrNotExist) || table == nil && err == nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list network rules: %w", err)
	}
	var all []*nftables.Rule
	for _, ch := range chains {
		rules, err := conn.GetRules(table, &nftables.Chain{Name: ch.name, Table: table})
		if err != nil {
			return nil, fmt.Errorf("cannot list network rules: %w", err)
		}
		all = append(all, rules...)
	}
	return all, nil
}

// Holds reports whether a run is cut off.
func (c *Cuts) Holds(run string) bool {
	done, _ := c.isCut(run)
	return done
}

func (c *Cuts) isCut(run string) (bool, error) {
	conn, err := nftables.New()
	if err != nil {
		return false, fmt.Errorf("cannot list network rules: %w", err)
	}
	rules, err := c.rules(conn)
	n := 0
	for _, r := range rules {
		if string(r.UserData) == run {
			n++
		}
	}
	return n == 2*len(chains), err
}

// Mend gives the network back to a run. One that was never cut off is left alone.
func (c *Cuts) Mend(run string) error {
	return c.sweep(func(r string) bool { return r != run })
}

// Sweep gives the network back to all runs but those that stay, and removes our table when
// none does.
func (c *Cuts) Sweep(stay map[string]bool) error {
	return c.sweep(func(r string) bool { return stay[r] })
}

func (c *Cuts) sweep(stays func(run string) bool) error {
	conn, err := nftables.New()
	if err != nil {
		return fmt.Errorf("cannot give the network back: %w", err)
	}
	rules, err := c.rules(conn)
	if err != nil || len(rules) == 0 {
		return err
	}
	left := 0
	for _, r := range rules {
		if stays(string(r.UserData)) {
			left++
			continue
		}
		err = errors.Join(err, conn.DelRule(r))
	}
	if left == 0 {
		conn.DelTable(rules[0].Table)
	}
	if err = errors.Join(err, conn.Flush()); err != nil {
		return fmt.Errorf("cannot give the network back: %w", err)
	}
	return nil
}
