package sim

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// A call that cannot return at once waits: its socket, or each that it polls,
// lists it and carries it on when something happens; its process lists it, to
// end it; and if its time is limited, so does the network.

// nonblocking reports whether the call must not wait.
func (c *Call) nonblocking(s *socket) bool {
	return s.is(sockNonblock) || c.Flags&MsgDontWait != 0
}

// block lets the call wait, or fails it if it must not, or when a time limit
// says so.
func (c *Call) block(s *socket, limit time.Duration) {
	switch {
	case c.nonblocking(s):
		c.fail(EAGAIN)
	case limit > 0:
		c.net.limit(c, c.net.now.Add(limit))
	}
}

// wait lets a call block on its socket, or on those that it polls.
func (n *Network) wait(c *Call) {
	c.waits = true
	c.place = len(c.Proc.waiting)
	c.Proc.waiting = append(c.Proc.waiting, c)
	c.on = c.on[:0]
	if c.Op == OpPoll {
		for _, f := range c.Poll {
			if i := c.Proc.socket(f.FD); i != none && !slices.Contains(c.on, i) {
				c.on = append(c.on, i)
			}
		}
	} else {
		c.on = append(c.on, c.sock)
	}
	for _, i := range c.on {
		s := n.sockets.at(i)
		m := n.grow(s)
		m.waiters = append(m.waiters, c)
	}
}

// leave takes a call off every list that knows of it: it waits no more.
func (c *Call) leave() {
	n := c.net
	if c.waits {
		for _, i := range c.on {
			s := n.sockets.at(i)
			if k := slices.Index(s.has().waiters, c); k >= 0 {
				s.more.waiters = slices.Delete(s.more.waiters, k, k+1)
			}
		}
		all := c.Proc.waiting
		last := len(all) - 1
		all[last].place = c.place
		all[c.place], all[last] = all[last], nil
		c.Proc.waiting = all[:last]
		c.waits = false
		for _, i := range c.on {
			n.closeHeld(i)
		}
	}
	c.Proc.unkeep(c)
	if c.timed > 0 {
		n.calls[c.timed-1] = nil
		c.timed = 0
	}
}

// closeHeld carries out a close() that has waited for the last call on its socket.
func (n *Network) closeHeld(i int32) {
	if s := n.sockets.at(i); s.is(sockClosing) && len(s.has().waiters) == 0 {
		s.set(sockClosing, false)
		n.closeLast(i, nil)
	}
}

// abandon ends a call that can never return.
func (c *Call) abandon() {
	c.Never, c.Done = true, true
	c.leave()
}

// abandonCalls ends the calls of a process that is ending. A close() that
// lingered has given its descriptor back already: its connection goes on alone.
func (p *Process) abandonCalls() {
	for len(p.waiting) > 0 {
		c := p.waiting[len(p.waiting)-1]
		c.abandon()
		if c.Op == OpClose {
			p.host.net.free(c.sock)
		}
	}
}

// limit ends a call's waiting at an instant, if it has not a limit already.
func (n *Network) limit(c *Call, at fsm.Time) {
	if c.timed > 0 || at < n.now { // beyond the end of time
		return
	}
	if k := len(n.freeCalls) - 1; k >= 0 {
		c.timed = int(n.freeCalls[k]) + 1
		n.freeCalls = n.freeCalls[:k]
	} else {
		n.calls = append(n.calls, nil)
		c.timed = len(n.calls)
	}
	n.calls[c.timed-1] = c
	n.clock.push(newEvent(at, evTimeout, int32(c.timed-1), 0))
}

// timeout ends a call that has waited long enough, if it still waits.
func (n *Network) timeout(e event) {
	c := n.calls[e.id()]
	n.calls[e.id()] = nil
	n.freeCalls = append(n.freeCalls, e.id())
	if c == nil {
		return
	}
	c.timed = 0
	switch {
	case c.Op == OpClose:
		n.lingerOver(c)
	case c.Op == OpPoll:
		c.succeed(n.ready(c))
	case c.Op == OpConnect && c.again:
		c.fail(EALREADY)
	case c.Op == OpConnect:
		c.fail(EINPROGRESS)
	case c.sent > 0:
		c.succeed(c.sent)
	default:
		c.fail(EAGAIN)
	}
}
