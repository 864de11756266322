package sim

import "github.com/tcpsim/tcpsim/fsm"

// sendTo gives octets to TCP, and waits for room for all of them unless it must
// not wait. The order of the checks is POSIX's.
func (n *Network) sendTo(c *Call, s *socket) {
	opening := in(n.state(s), fsm.SynSent, fsm.SynReceived)
	if opening && s.soError == OK && n.hosts[s.host].system.SendOpening == EAGAIN {
		c.block(s, s.has().sndTime)
		return
	}
	if e := n.sendError(s); e != OK {
		if c.sent > 0 && !n.hosts[s.host].system.PartialSendFails {
			// What was taken is told first; the next call finds the error.
			c.succeed(c.sent)
			return
		}
		if e == s.soError {
			e = n.tell(s)
		}
		c.SigPipe = e == EPIPE && c.Flags&MsgNoSignal == 0 && !n.hosts[s.host].system.Winsock
		c.fail(e)
		return
	}
	if e := n.hosts[s.host].system.SendOpening; e != OK && opening {
		c.fail(e)
		return
	}
	if c.N == 0 {
		c.succeed(0)
		return
	}
	_, cn := n.conn(c.sock)
	off := uint32(cn.SndEnd - cn.ISS - 1)
	ev := fsm.Send(uint32(c.N - c.sent))
	ev.Push = c.Flags&MsgMore == 0
	ev.Urgent = c.Flags&MsgOOB != 0
	n.say(c, cn, off, min(c.N-c.sent, int(cn.Room())))
	a := n.call(c.sock, ev)
	if a.Result == fsm.OK {
		c.sent += int(a.N)
	}
	switch {
	case c.sent == c.N:
		c.succeed(c.sent)
	case c.nonblocking(s) && c.sent > 0:
		c.succeed(c.sent)
	default:
		c.block(s, s.has().sndTime)
	}
}

// sendError tells why a socket cannot send.
func (n *Network) sendError(s *socket) Errno {
	st := n.state(s)
	sys := &n.hosts[s.host].system
	switch {
	case sys.ShutIsError && s.is(sockShutWr):
		return ESHUTDOWN
	case sys.PipeWhenDead && s.flags&(sockTried|sockConnected) != 0 && st == fsm.Closed:
		return EPIPE
	case sys.ErrorBeforePipe:
		if s.soError == OK && (s.is(sockShutWr) || st == fsm.Closed || st == fsm.Listen) {
			return EPIPE
		}
		return s.soError
	case s.is(sockShutWr):
		return EPIPE
	case s.soError != OK:
		return s.soError
	case st == fsm.Closed || st == fsm.Listen:
		return ENOTCONN
	}
	return OK
}

// say notes what the octets of a send are, before they leave.
func (n *Network) say(c *Call, cn *conn, off uint32, room int) {
	if c.Data == nil || room <= 0 {
		return
	}
	if cn.stream == 0 {
		n.streams = append(n.streams, stream{})
		cn.stream = int32(len(n.streams))
	}
	n.streams[cn.stream-1].say(off, c.Data[c.sent:c.sent+room])
}

// recv takes octets that have come, or waits for some. The order of the checks
// is: what is on hand, the end, the error, then nothing.
func (n *Network) recv(c *Call, s *socket) {
	if s.is(sockListening) {
		c.fail(ENOTCONN)
		return
	}
	sys := &n.hosts[s.host].system
	switch {
	case c.sent > 0: // what was taken is told first
	case sys.ShutIsError && s.is(sockShutRd):
		c.fail(ESHUTDOWN)
		return
	case sys.ErrorSticky && s.soError != OK:
		c.fail(n.tell(s))
		return
	}
	if b := n.received(s); b != nil && b.unread > 0 && n.recvText(c, s, b) {
		return
	}
	st := n.state(s)
	switch {
	case c.sent > 0 && (s.is(sockEOF) || s.soError != OK || s.is(sockShutRd) || st == fsm.Closed || c.nonblocking(s)):
		c.succeed(c.sent) // MSG_WAITALL gets no more, or must not wait for it
	case s.is(sockEOF) && !(sys.ErrorBeforeEnd && s.soError != OK):
		c.succeed(0)
	case s.soError != OK:
		c.fail(n.tell(s))
	case s.is(sockShutRd):
		c.succeed(0)
	case st == fsm.Closed:
		if sys.EndAfterReset && s.flags&(sockConnected|sockTried) != 0 {
			c.succeed(0)
			return
		}
		c.fail(ENOTCONN)
	case in(st, fsm.SynSent, fsm.SynReceived) && sys.ReceiveOpening != OK:
		c.fail(sys.ReceiveOpening)
	default:
		c.block(s, s.has().rcvTime)
	}
}

// recvText gives the caller what is on hand, and tells TCP of the room. It
// reports whether the call is done.
func (n *Network) recvText(c *Call, s *socket, b *inbox) bool {
	peek := c.Flags&MsgPeek != 0
	if peek && n.hosts[s.host].system.PeekWaits && c.Flags&MsgWaitAll != 0 && int(b.unread) < c.N && !n.noMore(s) && !c.nonblocking(s) {
		return false
	}
	buf := &c.Got
	if c.Flags&MsgTrunc != 0 {
		buf = nil
	}
	got := n.take(b, uint32(max(c.N-c.sent, 0)), peek, buf)
	c.sent += int(got)
	if !peek && s.conn != none && got > 0 {
		n.call(c.sock, fsm.Receive(got))
	}
	n.doneWithInbox(s)
	if c.Flags&MsgWaitAll != 0 && c.sent < c.N && !peek {
		return false
	}
	c.succeed(c.sent)
	return true
}

// noMore reports whether nothing more can come.
func (n *Network) noMore(s *socket) bool {
	return s.is(sockEOF) || s.is(sockShutRd) || s.soError != OK || n.state(s) == fsm.Closed
}

// poll waits until one of its sockets is ready.
func (n *Network) poll(c *Call) {
	ready := n.ready(c)
	switch {
	case ready > 0 || c.Timeout == 0:
		c.succeed(ready)
	case c.Timeout > 0:
		n.limit(c, n.now.Add(c.Timeout))
	}
}

// ready fills in what poll finds, and counts the descriptors that have something.
func (n *Network) ready(c *Call) int {
	count := 0
	for i := range c.Poll {
		f := &c.Poll[i]
		switch k := c.Proc.socket(f.FD); {
		case f.FD < 0: // passed over (POSIX poll)
			f.Revents = 0
		case k == none:
			f.Revents = PollNval
		default:
			f.Revents = n.readiness(n.sockets.at(k)) & (f.Events | PollErr | PollHup)
		}
		if f.Revents != 0 {
			count++
		}
	}
	return count
}

// readiness is what poll would find of a socket.
func (n *Network) readiness(s *socket) PollEvents {
	var r PollEvents
	st := n.state(s)
	if s.is(sockListening) {
		if len(s.more.queue.ready) > 0 {
			r |= PollIn
		}
		return r
	}
	if st == fsm.SynSent || st == fsm.SynReceived {
		return 0
	}
	if b := n.received(s); b != nil && b.unread > 0 {
		r |= PollIn
	}
	over := st == fsm.Closed
	if over && s.flags&(sockTried|sockConnected) == 0 {
		r |= PollOut | PollHup
		if s.soError != OK {
			r |= PollErr
		}
		if s.is(sockShutRd) {
			r |= PollIn | PollRdHup
		}
		return r
	}
	noRead := over || s.is(sockEOF) || s.is(sockShutRd)
	if noRead {
		r |= PollIn | PollRdHup
	}
	if over || noRead && s.is(sockShutWr) {
		r |= PollHup
	}
	if s.soError != OK {
		r |= PollErr
	}
	if over || s.is(sockShutWr) || n.conns.at(s.conn).Room() > 0 {
		r |= PollOut
	}
	return r
}
