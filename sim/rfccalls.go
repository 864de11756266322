package sim

import "github.com/tcpsim/tcpsim/fsm"

// The user calls of RFC 9293 3.9.1, made on a descriptor's connection without a
// socket's rules above them. They return at once: what has to wait is queued.

// Open makes an OPEN call: passive, or active to a remote endpoint. An active
// one without a remote endpoint finds it unspecified.
func (p *Process) Open(fd int, active bool, remote Endpoint) (fsm.Result, bool) {
	n, i, ok := p.machine(fd)
	if !ok {
		return 0, false
	}
	h, s := p.host, n.sockets.at(i)
	switch st := n.state(s); {
	case !active && st == fsm.Closed:
		n.renew(s)
		if h.listen(i, 1) != OK {
			return fsm.Resources, true
		}
		n.wake()
		return fsm.OK, true
	case active && specified(remote) && (st == fsm.Closed || st == fsm.Listen):
		if !p.connectTo(i, s, remote) {
			return fsm.Resources, true
		}
	}
	k, c := n.conn(i)
	ev := fsm.Event{Kind: fsm.EvOpen, Active: active, Remote: specified(remote), ISS: n.iss(n.hosts[c.host], c.at)}
	return n.userCall(k, ev), true
}

// specified reports whether a remote endpoint is one: RFC 9293 3.10.1, "remote
// socket unspecified".
func specified(e Endpoint) bool { return e.Addr != 0 && e.Port != 0 }

// connectTo gives a connection that is closed or listens its tuple.
func (p *Process) connectTo(i int32, s *socket, remote Endpoint) bool {
	h := p.host
	if s.is(sockListening) {
		h.net.closeQueue(i, s)
	}
	if h.attach(i, remote) != OK {
		return false
	}
	_, c := h.net.conn(i)
	c.Reach(h.net.segmentLimit(s, c), c.at.local.isSix(h.net))
	return true
}

// Send makes a SEND call for n octets. remote, if it is not zero, is where a
// listening connection is to go.
func (p *Process) Send(fd int, count uint32, remote Endpoint) (fsm.Result, bool) {
	n, i, ok := p.machine(fd)
	if !ok {
		return 0, false
	}
	s := n.sockets.at(i)
	if specified(remote) && n.state(s) == fsm.Listen && !p.connectTo(i, s, remote) {
		return fsm.Resources, true
	}
	k, c := n.conn(i)
	ev := fsm.Send(count)
	ev.Remote, ev.ISS = specified(remote), n.iss(n.hosts[c.host], c.at)
	return n.userCall(k, ev), true
}

// Receive makes a RECEIVE call for up to n octets.
func (p *Process) Receive(fd int, count uint32) (fsm.Result, bool) {
	n, i, ok := p.machine(fd)
	if !ok {
		return 0, false
	}
	k, c := n.conn(i)
	got := c.Unread
	r := n.userCall(k, fsm.Receive(count))
	if c.inbox != none && r == fsm.OK {
		n.take(&n.inboxes[c.inbox], min(count, got), false, nil)
	}
	return r, true
}

// Close makes a CLOSE call. The descriptor stays, and cannot send any more.
func (p *Process) Close(fd int) (fsm.Result, bool) {
	p.unlisten(fd)
	if i := p.socket(fd); i != none {
		n, s := p.host.net, p.host.net.sockets.at(i)
		if in(n.state(s), fsm.SynReceived, fsm.Established, fsm.CloseWait) {
			s.set(sockShutWr, true)
			n.touch(i)
		}
	}
	return p.plainCall(fd, fsm.Close())
}

// Abort makes an ABORT call. The descriptor stays.
func (p *Process) Abort(fd int) (fsm.Result, bool) {
	p.unlisten(fd)
	return p.plainCall(fd, fsm.Abort())
}

// unlisten makes a listening socket forget those that wait for it: its
// connection is about to be deleted.
func (p *Process) unlisten(fd int) {
	n, i, ok := p.machine(fd)
	if ok && n.sockets.at(i).is(sockListening) {
		n.closeQueue(i, n.sockets.at(i))
	}
}

// Status makes a STATUS call.
func (p *Process) Status(fd int) (fsm.Result, fsm.State, bool) {
	r, ok := p.plainCall(fd, fsm.Status())
	return r, p.host.net.reply.To, ok
}

func (p *Process) plainCall(fd int, ev fsm.Event) (fsm.Result, bool) {
	n, i, ok := p.machine(fd)
	if !ok {
		return 0, false
	}
	k, _ := n.conn(i)
	return n.userCall(k, ev), true
}

// machine finds the socket behind a descriptor, at the start of a turn.
func (p *Process) machine(fd int) (*Network, int32, bool) {
	i := p.socket(fd)
	n := p.host.net
	n.turn++
	return n, i, i != none
}

// userCall makes a call of the machine and lets what waits for it go on.
func (n *Network) userCall(k int32, ev fsm.Event) fsm.Result {
	n.step(k, ev, nil)
	n.wake()
	return n.reply.Result
}
