package sim

import (
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// connect opens a connection and waits for the handshake.
func (n *Network) connect(c *Call, s *socket) {
	st := n.state(s)
	switch {
	case c.Unspec:
		n.disconnect(c, s)
	case c.begun:
		n.connecting(c, s, st)
	case s.is(sockListening):
		c.fail(n.hosts[s.host].system.ConnectListening)
	case s.is(sockSpoiled):
		c.fail(EINVAL)
	case s.is(sockAsked) && n.hosts[s.host].system.ConnectReports:
		n.connectAgain(c, s, st)
	case st == fsm.SynSent || st == fsm.SynReceived:
		c.fail(EALREADY)
	case s.is(sockConnected):
		c.fail(EISCONN)
	case !specified(c.Addr):
		c.fail(EADDRNOTAVAIL)
	default:
		if e := n.hosts[s.host].attach(c.sock, c.Addr); e != OK {
			c.fail(e)
			return
		}
		c.begun = true
		s.set(sockAsked, true)
		k, cn := n.conn(c.sock)
		cn.Reach(n.segmentLimit(s, cn), cn.at.local.isSix(n))
		iss := n.iss(n.hosts[s.host], cn.at)
		if cn.ISS != 0 { // it takes the place of one in TIME-WAIT
			iss = cn.ISS
		}
		open := fsm.ActiveOpen(iss)
		open.N = s.has().openLimit
		n.step(k, open, nil)
		if s.is(sockNonblock) {
			c.fail(EINPROGRESS)
			return
		}
		n.limitConnect(c, s)
	}
}

func (e Endpoint) isSix(n *Network) bool { return n.book.addrs[e.Addr].Is6() }

// segmentLimit is the largest text of a segment on a connection: what the path
// takes, or what TCP_MAXSEG asks for.
func (n *Network) segmentLimit(s *socket, c *conn) uint16 {
	mss, _ := n.hosts[c.host].mss(c.at.local.Addr)
	if m := s.has().maxSegment; m != 0 {
		mss = min(mss, m)
	}
	return mss
}

// connecting tells a blocked connect() what has come of the handshake.
func (n *Network) connecting(c *Call, s *socket, st fsm.State) {
	e := s.soError
	switch {
	case e != OK:
	case st.Synchronized(), s.is(sockConnected) && c.begun:
		s.set(sockAsked, false)
		c.succeed(0)
		return
	case st == fsm.Closed:
		e = ECONNABORTED
	default:
		return
	}
	s.soError = OK
	s.set(sockAsked, false)
	if n.hosts[s.host].system.ConnectReports { // the socket is as new
		n.renew(s)
	}
	c.fail(e)
}

// connectAgain is a connect() after one that has told nothing yet.
func (n *Network) connectAgain(c *Call, s *socket, st fsm.State) {
	over := st == fsm.Closed || st == fsm.TimeWait && n.hosts[s.host].system.TimeWaitApart
	switch {
	case in(st, fsm.SynSent, fsm.SynReceived) && s.is(sockNonblock):
		c.fail(EALREADY)
	case in(st, fsm.SynSent, fsm.SynReceived):
		c.begun, c.again = true, true
		n.limitConnect(c, s)
	case over:
		n.connecting(c, s, fsm.Closed)
	default:
		s.set(sockAsked, false)
		c.succeed(0)
	}
}

// limitConnect limits the time of a connect() that waits, where the system does.
func (n *Network) limitConnect(c *Call, s *socket) {
	if d := s.has().sndTime; d > 0 && n.hosts[s.host].system.ConnectTimes {
		n.limit(c, n.now.Add(d))
	}
}

// disconnect ends a connection by connect(AF_UNSPEC): it is aborted, and the
// socket can connect again.
func (n *Network) disconnect(c *Call, s *socket) {
	if s.is(sockListening) {
		n.closeListener(c.sock, s)
		n.touch(c.sock)
	} else if s.conn != none && n.state(s) != fsm.Closed {
		if n.hosts[s.host].system.DisconnectPipe {
			for _, w := range slices.Clone(s.has().waiters) {
				switch {
				case w.Op == OpPoll:
				case w.sent > 0:
					w.succeed(w.sent)
				default:
					w.fail(EPIPE)
				}
			}
		}
		n.call(c.sock, fsm.Disconnect())
		if s.soError == n.hosts[s.host].system.ResetInCloseWait {
			s.soError = ECONNRESET
		}
	}
	e := s.soError // for whoever waits
	n.renew(s)
	s.soError, s.peer = e, Endpoint{}
	c.succeed(0)
}

// accept takes the first complete connection from the queue.
func (n *Network) accept(c *Call, s *socket) {
	switch {
	case !s.is(sockListening):
		c.fail(EINVAL)
	case s.soError != OK && n.hosts[s.host].system.ShutdownWakesAccept:
		c.fail(n.tell(s))
	case len(s.more.queue.ready) == 0:
		c.block(s, s.has().rcvTime)
		if !c.Done && c.kept == 0 && n.hosts[s.host].system.CallsHoldSocket {
			c.Proc.keep(c)
		}
	default:
		k := s.more.queue.ready[0]
		if k == none { // it was reset while it waited
			s.more.queue.ready = slices.Delete(s.more.queue.ready, 0, 1)
			c.fail(n.hosts[s.host].system.AcceptReset)
			return
		}
		if k <= dead {
			n.acceptDead(c, s, dead-k)
			return
		}
		i := n.adopt(s, k)
		fd, e := c.installed(i)
		if e != OK { // no descriptor is free: the connection goes on waiting
			n.conns.at(k).sock = none
			n.sockets.at(i).conn = none
			n.free(i)
			c.fail(e)
			return
		}
		s.more.queue.ready = slices.Delete(s.more.queue.ready, 0, 1)
		n.conns.at(k).listener = none
		c.Peer = n.sockets.at(i).peer
		c.succeed(fd)
	}
}

// acceptDead returns a connection that has ended.
func (n *Network) acceptDead(c *Call, s *socket, i int32) {
	fd, e := c.installed(i)
	if e != OK {
		c.fail(e)
		return
	}
	s.more.queue.ready = slices.Delete(s.more.queue.ready, 0, 1)
	c.Peer = n.sockets.at(i).peer
	c.succeed(fd)
}

// installed gives a socket the descriptor that the call has kept, or the lowest.
func (c *Call) installed(i int32) (int, Errno) {
	if fd := c.kept; fd > 0 {
		c.kept = 0
		c.Proc.put(fd, i)
		return fd, OK
	}
	return c.Proc.install(i)
}

// adopt makes a socket for a connection that came through a listener, whose
// options it inherits.
func (n *Network) adopt(l *socket, k int32) int32 {
	i, s := n.sockets.take()
	cn := n.conns.at(k)
	*s = socket{
		host: l.host, inbox: none, conn: k, local: cn.at.local, peer: cn.at.remote, gen: s.gen,
	}
	if m := l.more; m.linger != 0 || m.rcvTime != 0 || m.sndTime != 0 || m.maxSegment != 0 || m.stated != nil {
		own := n.grow(s)
		own.linger, own.rcvTime, own.sndTime, own.maxSegment, own.stated = m.linger, m.rcvTime, m.sndTime, m.maxSegment, m.stated
	}
	s.flags = l.flags&(sockReuseAddr|sockReusePort|sockLinger|sockIPv6) | sockConnected
	s.set(sockEOF, in(cn.State, fsm.CloseWait, fsm.Closing, fsm.LastAck, fsm.TimeWait))
	cn.sock = i
	return i
}

func in(s fsm.State, of ...fsm.State) bool {
	for _, o := range of {
		if s == o {
			return true
		}
	}
	return false
}
