package sim

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// sound checks what must hold of a network between two turns: tables agree with
// each other, and nothing is lost or counted twice.
func sound(n *Network) error {
	return errors.Join(
		soundSlab("connection", &n.conns, func(i int32) bool { return n.conns.at(i).live }),
		soundSlab("socket", &n.sockets, nil), soundSlab("packet", &n.packets, nil),
		soundConns(n), soundStates(n), soundSockets(n), soundQueues(n), soundPorts(n), soundInboxes(n),
	)
}

// soundSlab checks that no number is free twice, and that those in use live.
func soundSlab[T any](what string, s *slab[T], live func(int32) bool) error {
	free := map[int32]bool{}
	for _, i := range s.free {
		if free[i] {
			return fmt.Errorf("%s %d was given back twice", what, i)
		}
		free[i] = true
	}
	for i := range s.count {
		if live != nil && live(i) == free[i] {
			return fmt.Errorf("%s %d lives and is free, or neither", what, i)
		}
	}
	return nil
}

// inUse lists the numbers of a slab that are not free.
func inUse[T any](s *slab[T]) []int32 {
	var all []int32
	for i := range s.count {
		if !slices.Contains(s.free, i) {
			all = append(all, i)
		}
	}
	return all
}

// soundConns checks that there is at most one connection for a tuple at a host, and
// that segments find it.
func soundConns(n *Network) error {
	seen := map[tuple]bool{}
	for _, i := range inUse(&n.conns) {
		c := n.conns.at(i)
		if !c.at.whole() {
			continue
		}
		if seen[c.at] {
			return fmt.Errorf("two connections %v", c.at)
		}
		seen[c.at] = true
		if got := n.demux.get(c.at); got != i {
			return fmt.Errorf("segments for connection %d go to %d", i, got)
		}
	}
	if n.demux.used != len(seen) {
		return fmt.Errorf("%d tuples lead to %d connections", n.demux.used, len(seen))
	}
	return nil
}

// soundStates checks that the counts of states are true, and that no more connections
// are in TIME-WAIT than may be.
func soundStates(n *Network) error {
	for _, h := range n.hosts {
		var in [fsm.TimeWait + 1]int
		apart := 0
		for i := range n.conns.count {
			if c := n.conns.at(i); c.live && c.host == h.id && !c.cookie {
				in[c.State]++
				if c.apart() {
					apart++
				}
			}
		}
		if in != h.inState || apart != h.apart {
			return fmt.Errorf("%s has %v connections in the states, %d apart; it counts %v, %d", h.Name, in, apart, h.inState, h.apart)
		}
		if in[fsm.TimeWait] > h.system.TimeWaitLimit {
			return fmt.Errorf("%s has %d connections in TIME-WAIT of %d", h.Name, in[fsm.TimeWait], h.system.TimeWaitLimit)
		}
	}
	return nil
}

// soundSockets checks that sockets and their connections know each other, and
// that references are descriptors.
func soundSockets(n *Network) error {
	refs := map[int32]int{}
	for _, h := range n.hosts {
		for _, p := range h.procs {
			for _, i := range p.fds {
				if i != none && i != kept {
					refs[i]++
				}
			}
		}
	}
	used := inUse(&n.sockets)
	for i := range refs {
		if !slices.Contains(used, i) {
			return fmt.Errorf("a descriptor leads to socket %d, which is free", i)
		}
	}
	ended := map[int32]bool{} // sockets of connections that have ended and wait to be accepted
	for _, i := range used {
		if q := n.sockets.at(i).has().queue; q != nil {
			for _, k := range q.ready {
				ended[dead-k] = k <= dead
			}
		}
	}
	for _, i := range used {
		s := n.sockets.at(i)
		lingers := slices.ContainsFunc(s.has().waiters, func(c *Call) bool { return c.Op == OpClose && !c.Done })
		switch {
		case int(s.refs) != refs[i]:
			return fmt.Errorf("socket %d counts %d descriptors of %d", i, s.refs, refs[i])
		case s.refs == 0 && !lingers && !ended[i] && !(s.is(sockClosing) && len(s.has().waiters) > 0):
			return fmt.Errorf("socket %d leaks: nobody has it", i)
		case s.conn != none && (!n.conns.at(s.conn).live || n.conns.at(s.conn).sock != i):
			return fmt.Errorf("socket %d thinks that connection %d is its own", i, s.conn)
		}
	}
	for _, i := range inUse(&n.conns) {
		if s := n.conns.at(i).sock; s != none && (!slices.Contains(used, s) || n.sockets.at(s).conn != i) {
			return fmt.Errorf("connection %d thinks that socket %d is its own", i, s)
		}
	}
	return nil
}

// soundQueues checks that no listener holds more than its limit, and that it
// counts what it holds.
func soundQueues(n *Network) error {
	for _, i := range inUse(&n.sockets) {
		s := n.sockets.at(i)
		if !s.is(sockListening) {
			continue
		}
		if st := n.state(s); st != fsm.Listen {
			return fmt.Errorf("socket %d listens in %v", i, st)
		}
		embryos := 0
		for _, k := range inUse(&n.conns) {
			if c := n.conns.at(k); c.listener == i && !c.cookie && !slices.Contains(s.more.queue.ready, k) {
				embryos++
			}
		}
		held := len(s.more.queue.ready)
		if !n.hosts[s.host].system.AcceptQueueOnly {
			held += embryos
		}
		if q := s.more.queue; q.embryos != embryos || held > max(q.limit, 1) && !shrunk(q) {
			return fmt.Errorf("listener %d holds %d and %d embryos (%d counted) of %d", i, len(q.ready), embryos, q.embryos, q.limit)
		}
	}
	for _, k := range inUse(&n.conns) {
		if l := n.conns.at(k).listener; l != none && (n.sockets.at(l).has().queue == nil || !n.sockets.at(l).is(sockListening)) {
			return fmt.Errorf("connection %d waits at socket %d, which does not listen", k, l)
		}
	}
	return nil
}

// shrunk reports whether listen() may have lowered the limit below what waits
// already: the tests that do so set it to 1.
func shrunk(q *queue) bool { return q.limit == 1 }

// soundPorts checks the tables of ports.
func soundPorts(n *Network) error {
	for _, h := range n.hosts {
		uses := map[uint16]int32{}
		for _, i := range inUse(&n.conns) {
			if c := n.conns.at(i); c.host == h.id && c.at.whole() {
				uses[c.at.local.Port]++
			}
		}
		for p, want := range uses {
			if got := h.portUses[p]; got != want {
				return fmt.Errorf("%s: port %d has %d connections, %d are counted", h.Name, p, want, got)
			}
		}
		bound := 0
		for _, i := range inUse(&n.sockets) {
			if s := n.sockets.at(i); s.host == h.id && s.is(sockBound) {
				bound++
				if !slices.Contains(h.bound[s.local.Port], i) {
					return fmt.Errorf("%s: port %d does not know its socket %d", h.Name, s.local.Port, i)
				}
			}
		}
		for _, list := range h.bound {
			bound -= len(list)
		}
		if bound != 0 {
			return fmt.Errorf("%s: ports list %d sockets too many", h.Name, -bound)
		}
		for e, i := range h.listening {
			if s := n.sockets.at(i); s.host != h.id || !s.is(sockListening) || s.local != e {
				return fmt.Errorf("%s: socket %d is said to listen at port %d", h.Name, i, e.Port)
			}
		}
	}
	return nil
}

// soundInboxes checks that every inbox in use has one owner, and that TCP counts
// what it holds.
func soundInboxes(n *Network) error {
	owners := map[int32]int{}
	for _, i := range inUse(&n.conns) {
		if c := n.conns.at(i); c.inbox != none {
			owners[c.inbox]++
			if got := n.inboxes[c.inbox].unread; got != c.Unread {
				return fmt.Errorf("connection %d counts %d unread octets of %d", i, c.Unread, got)
			}
		}
	}
	for _, i := range inUse(&n.sockets) {
		if s := n.sockets.at(i); s.inbox != none {
			owners[s.inbox]++
		}
	}
	for i, k := range owners {
		if k > 1 || slices.Contains(n.freeInboxes, i) {
			return fmt.Errorf("inbox %d has %d owners, or is free", i, k)
		}
	}
	if used := len(n.inboxes) - len(n.freeInboxes); used != len(owners) {
		return fmt.Errorf("%d inboxes leak", used-len(owners))
	}
	return nil
}

// empty checks that nothing is left of a run in which everything was closed.
func empty(n *Network) error {
	switch {
	case len(inUse(&n.sockets)) > 0:
		return fmt.Errorf("%d sockets leak", len(inUse(&n.sockets)))
	case len(inUse(&n.packets)) > 0:
		return fmt.Errorf("%d packets leak", len(inUse(&n.packets)))
	case len(inUse(&n.conns)) > 0:
		return fmt.Errorf("%d connections leak", len(inUse(&n.conns)))
	case len(n.inboxes) != len(n.freeInboxes):
		return fmt.Errorf("%d inboxes leak", len(n.inboxes)-len(n.freeInboxes))
	case len(n.woken) > 0 || len(n.ended) > 0:
		return fmt.Errorf("%d sockets and %d calls still wait for their turn", len(n.woken), len(n.ended))
	case slices.ContainsFunc(n.hosts, func(h *Host) bool { return slices.ContainsFunc(h.portUses, func(k int32) bool { return k != 0 }) }):
		return errors.New("a port is in use by nothing")
	case slices.ContainsFunc(n.calls, func(c *Call) bool { return c != nil && !c.Done }):
		return errors.New("a call is still waited for")
	}
	return sound(n)
}
