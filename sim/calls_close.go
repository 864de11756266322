package sim

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// shutdown ends one direction of a connection, or both. It never waits.
func (n *Network) shutdown(c *Call, s *socket) {
	st := n.state(s)
	sys := &n.hosts[s.host].system
	if s.is(sockAsked) {
		s.set(sockAsked, false)
		s.set(sockSpoiled, sys.ConnectReports && in(st, fsm.Closed, fsm.SynReceived))
	}
	switch {
	case sys.ErrorSticky && s.soError != OK:
		c.fail(n.tell(s))
		return
	case s.is(sockListening):
		n.shutListener(c, s)
		return
	case st == fsm.SynSent && sys.ShutdownDropsSynSent:
		n.call(c.sock, fsm.Abort())
		e := s.soError
		n.renew(s)
		s.soError = e
		c.succeed(0)
		return
	case in(st, fsm.SynSent, fsm.SynReceived) && sys.ShutdownFinLater:
		n.shutOpening(c, s)
		return
	case st == fsm.Closed, st == fsm.SynSent, st == fsm.TimeWait && sys.ShutdownAfterEnd:
		if st == fsm.Closed && sys.ShutdownSticks {
			s.set(sockShutRd, c.How != ShutWr || s.is(sockShutRd))
			s.set(sockShutWr, c.How != ShutRd || s.is(sockShutWr))
		}
		c.fail(ENOTCONN)
		return
	}
	s.set(sockShut, true)
	if c.How != ShutWr && !s.is(sockShutRd) {
		s.set(sockShutRd, true)
		open := in(st, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait)
		if b := n.received(s); b != nil && b.unread > 0 && open && sys.TCP.Features&fsm.TextAfterShutReset != 0 {
			s.set(sockShutWr, c.How == ShutRdWr || s.is(sockShutWr))
			n.call(c.sock, fsm.Abort()) // what is unread is lost, as what would come
			c.succeed(0)
			return
		}
		n.call(c.sock, fsm.Set(fsm.ShutReceive, 1))
		n.discard(c.sock, s)
		n.touch(c.sock)
	}
	if c.How != ShutRd && !n.finAsked(s) {
		s.set(sockShutWr, true)
		n.call(c.sock, fsm.Close())
		n.touch(c.sock)
	}
	c.succeed(0)
}

// finAsked reports whether a FIN has been asked for: shutdown() of a socket that had no
// connection asks for none.
func (n *Network) finAsked(s *socket) bool {
	if !s.is(sockShutWr) || s.conn == none {
		return s.is(sockShutWr)
	}
	c := n.conns.at(s.conn)
	return c.FinQueued() || c.ClosePending()
}

// shutListener is shutdown() of a socket that listens.
func (n *Network) shutListener(c *Call, s *socket) {
	sys := &n.hosts[s.host].system
	if sys.ShutdownWakesAccept && c.How != ShutWr {
		s.soError = ECONNABORTED // for one accept(), be it now or later
		n.touch(c.sock)
	}
	if !sys.ShutdownStopsListener {
		c.fail(ENOTCONN)
		return
	}
	if c.How != ShutWr {
		n.closeListener(c.sock, s)
		n.touch(c.sock)
	}
	c.succeed(0)
}

// shutOpening is shutdown() of a connection that is being opened: the FIN follows
// the handshake.
func (n *Network) shutOpening(c *Call, s *socket) {
	if c.How != ShutWr {
		s.set(sockShutRd, true)
		n.call(c.sock, fsm.Set(fsm.ShutReceive, 1))
	}
	if c.How != ShutRd && !n.finAsked(s) {
		s.set(sockShutWr, true)
		n.call(c.sock, fsm.Set(fsm.CloseLater, 1))
	}
	c.succeed(0)
}

// discard throws away what a user that has given up reading has received, where the
// system has it so.
func (n *Network) discard(i int32, s *socket) {
	b := n.received(s)
	if !n.hosts[s.host].system.ShutDiscards || !s.is(sockShutRd) || b == nil || b.unread == 0 {
		return
	}
	got := n.take(b, b.unread, false, nil)
	if s.conn != none {
		n.call(i, fsm.Receive(got))
	}
	n.doneWithInbox(s)
}

// close gives a descriptor back. With the last one the connection is closed, or
// aborted, and with SO_LINGER the call may wait for that.
func (n *Network) close(c *Call, s *socket) {
	if c.begun {
		n.lingering(c, s)
		return
	}
	if s.refs == 1 && n.refusesLinger(s) {
		c.fail(EAGAIN)
		return
	}
	c.Proc.detach(c.FD)
	if s.refs--; s.refs > 0 {
		c.succeed(0)
		return
	}
	n.closeLast(c.sock, c)
}

// closeLast closes a socket that no descriptor stands for any more. c is the
// call that does it, or nil when a process ends: nothing waits then.
func (n *Network) closeLast(i int32, c *Call) {
	s := n.sockets.at(i)
	h := n.hosts[s.host]
	holds := func(w *Call) bool { return w.Op != OpPoll || h.system.PollHoldsSocket }
	if h.system.CallsHoldSocket && c != nil && slices.ContainsFunc(s.has().waiters, holds) {
		s.set(sockClosing, true)
		c.succeed(0)
		return
	}
	for _, w := range slices.Clone(s.has().waiters) { // RFC 9293 3.10.4: CLOSE acts at once, whoever waits
		if w.Op == OpPoll {
			n.try(w)
		} else {
			w.fail(EBADF)
		}
	}
	done := func() {
		n.free(i)
		if c != nil {
			c.succeed(0)
		}
	}
	st := n.state(s)
	unread := false
	if b := n.received(s); b != nil {
		unread = b.unread > 0
	}
	if h.system.ResetHeld && s.conn != none {
		unread = unread || n.conns.at(s.conn).Holding()
	}
	resets := in(st, fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait) ||
		in(st, fsm.Closing, fsm.LastAck) && h.system.TCP.Features&(fsm.AbortPendingReset|fsm.AbortClosingReset) != 0
	abrupt := s.is(sockLinger) && s.has().linger == 0 && !(h.system.LingerZeroFirst && s.is(sockShut)) || c == nil && h.system.ExitResets
	switch {
	case s.is(sockListening):
		n.closeListener(i, s)
		done()
	case st == fsm.Closed:
		done()
	case unread && h.system.ResetUnread && resets,
		abrupt && st != fsm.TimeWait:
		n.call(i, fsm.Abort())
		done()
	default:
		if !n.finAsked(s) {
			n.call(i, fsm.Close())
		}
		wait := c != nil && s.is(sockLinger) && s.has().linger > 0 && (!s.is(sockNonblock) || h.system.LingerBlocks)
		if !wait || n.lingerDone(s) {
			n.detach(i, s)
			done()
			return
		}
		if h.system.TCP.Features&fsm.ResetAfterShutdown != 0 { // the caller is there as long as it waits
			n.call(i, fsm.Set(fsm.ShutReceive, 1))
		} else {
			n.detach(i, s)
		}
		c.begun = true
		n.limit(c, n.now.Add(time.Duration(s.has().linger)*time.Millisecond))
	}
}

// detach tells TCP that nobody is left to read.
func (n *Network) detach(i int32, s *socket) {
	if n.hosts[s.host].system.HalfDuplexClose && s.conn != none && !n.conns.at(s.conn).Detached() {
		n.call(i, fsm.Set(fsm.Detach, 1))
	}
}

// lingerDone reports whether a lingering close() has nothing to wait for: our
// FIN is acknowledged, or the connection is over.
func (n *Network) lingerDone(s *socket) bool {
	return s.conn == none || s.is(sockFinAcked) || !in(n.state(s), fsm.FinWait1, fsm.Closing, fsm.LastAck, fsm.CloseWait, fsm.SynReceived)
}

// refusesLinger reports whether close() must not block, would have to linger, and
// therefore does nothing.
func (n *Network) refusesLinger(s *socket) bool {
	if !n.hosts[s.host].system.LingerRefuses || !s.is(sockLinger|sockNonblock) || s.has().linger == 0 || s.conn == none {
		return false
	}
	return in(n.state(s), fsm.Established, fsm.CloseWait) && n.conns.at(s.conn).Pending() > 0
}

// lingerOver ends a close() whose linger time is over. The connection goes on alone,
// or is reset.
func (n *Network) lingerOver(c *Call) {
	sys := &c.Proc.host.system
	if sys.LingerResets && n.sockets.at(c.sock).conn != none {
		n.call(c.sock, fsm.Abort())
	}
	n.detach(c.sock, n.sockets.at(c.sock))
	if e := sys.LingerExpired; e != OK {
		c.fail(e)
	} else {
		c.succeed(0)
	}
	n.free(c.sock)
}

// lingering lets a close() that waits return.
func (n *Network) lingering(c *Call, s *socket) {
	if n.lingerDone(s) {
		i := c.sock
		n.detach(i, s)
		c.succeed(0)
		n.free(i)
	}
}

// closeListener stops listening and closes the connection in LISTEN.
func (n *Network) closeListener(i int32, s *socket) {
	n.closeQueue(i, s)
	n.call(i, fsm.Close())
}

// closeQueue makes a socket listen no more. A connection that waits to be
// accepted is reset, as its peer thinks that it is open; an embryo is forgotten,
// and what comes for it later meets CLOSED. Where EmbryosStay it is forgotten then, or
// when it would send its SYN,ACK again.
func (n *Network) closeQueue(i int32, s *socket) {
	h := n.hosts[s.host]
	ready := s.more.queue.ready
	s.more.queue.ready = nil
	for _, k := range ready {
		switch {
		case k <= dead:
			n.free(dead - k)
		case k != none:
			n.conns.at(k).listener = none
			n.step(k, fsm.Abort(), nil)
		}
	}
	for k := range n.conns.count {
		c := n.conns.at(k)
		if !c.live || c.listener != i {
			continue
		}
		c.listener = none
		if c.forsaken = h.system.EmbryosStay && c.State == fsm.SynReceived && !c.cookie; !c.forsaken {
			n.release(k)
		}
	}
	s.set(sockListening, false)
	s.more.queue = nil
	if h.listening[s.local] == i {
		h.listenNext(s.local)
	}
}

// listenNext lets another socket that listens at an endpoint, by SO_REUSEPORT,
// take the place of one that does no more.
func (h *Host) listenNext(e Endpoint) {
	delete(h.listening, e)
	for _, i := range h.bound[e.Port] {
		if s := h.net.sockets.at(i); s.is(sockListening) && s.local == e {
			h.listening[e] = i
			return
		}
	}
}
