package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// listen makes a socket wait for connections, or changes how many may wait.
func (h *Host) listen(i int32, backlog int) Errno {
	n := h.net
	s := n.sockets.at(i)
	limit := max(backlog*h.system.BacklogPercent/100+h.system.BacklogExtra, 1)
	switch {
	case s.is(sockListening):
		s.more.queue.limit = limit
		return OK
	case s.is(sockConnected) || n.state(s) != fsm.Closed:
		return EINVAL
	}
	if !s.is(sockBound) {
		if e := h.bind(i, Endpoint{}); e != OK {
			return e
		}
	}
	if k, ok := h.listening[s.local]; ok && !h.system.BindWinsock && !(s.is(sockReusePort) && n.sockets.at(k).is(sockReusePort)) {
		return EADDRINUSE
	}
	if h.system.BindBothReuse && (h.overheard(s) || h.connectionsConflict(s, s.local)) {
		return EADDRINUSE
	}
	n.call(i, fsm.PassiveOpen())
	s.set(sockListening, true)
	n.grow(s).queue = &queue{limit: limit}
	if _, ok := h.listening[s.local]; !ok || h.system.BindWinsock { // whose a SYN is, is not defined there
		h.listening[s.local] = i
	}
	return OK
}

// overheard reports whether another socket listens where this one would hear too.
func (h *Host) overheard(s *socket) bool {
	for _, k := range h.bound[s.local.Port] {
		o := h.net.sockets.at(k)
		if o != s && o.is(sockListening) && overlap(o.local.Addr, s.local.Addr) && !(s.is(sockReusePort) && o.is(sockReusePort)) {
			return true
		}
	}
	return false
}

// listener finds the socket that listens at an endpoint: one at its address
// before one at the wildcard.
func (h *Host) listener(e Endpoint) *socket {
	if i, ok := h.listening[e]; ok {
		return h.net.sockets.at(i)
	}
	if i, ok := h.listening[Endpoint{0, e.Port}]; ok {
		return h.net.sockets.at(i)
	}
	return nil
}

// arriveAtListener gives a SYN an embryo of its own, in which the listener's
// TCB goes from LISTEN to SYN-RECEIVED; anything else meets the listener's TCB.
func (n *Network) arriveAtListener(h *Host, s *socket, t tuple, p *Packet) {
	l := n.conns.at(s.conn)
	if p.Seg.Flags&(fsm.SYN|fsm.ACK|fsm.RST) != fsm.SYN {
		c := &h.closed
		*c = conn{TCB: l.TCB, id: l.id, at: t, host: h.id, sock: none, listener: none, inbox: none, notes: none}
		n.bind(h, c)
		n.machine.Trace = n.wants(Fired)
		n.out = n.machine.Step(n.now, fsm.Arrives(p.Seg, 0), n.out[:0])
		n.answered(h, c, p)
		return
	}
	if n.roomFor(h, s, t, p) {
		n.embryo(h, s, t, p, n.iss(h, t))
	}
}

// roomFor reports whether a listener takes a SYN. If not, the SYN is dropped, or refused.
func (n *Network) roomFor(h *Host, s *socket, t tuple, p *Packet) bool {
	full := h.full(s.more.queue) || h.crowdedWithEmbryos(s.more.queue) && !h.system.SynCookies
	if !full || h.system.AnswersWhenFull {
		return true
	}
	n.dropFull(h, n.conns.at(s.conn))
	if h.system.RefusesWhenFull {
		n.arriveAtClosed(h, t, p)
	}
	return false
}

// full reports whether a listener takes no more.
func (h *Host) full(q *queue) bool {
	if h.system.AcceptQueueOnly {
		return len(q.ready) >= q.limit
	}
	return q.full()
}

// crowdedWithEmbryos reports whether a listener remembers no more embryos, where their
// number is limited by itself.
func (h *Host) crowdedWithEmbryos(q *queue) bool {
	return h.system.EmbryosLimited && q.embryos >= q.limit
}

// cookieAge is how long the ACK of a SYN cookie counts (RFC 4987 3.6: the cookie has a
// clock in it).
const cookieAge = 2 * time.Minute

func (n *Network) dropFull(h *Host, c *conn) {
	if n.wants(Dropped) {
		n.record(Record{Kind: Dropped, Host: h.id, Conn: c.id, From: c.State, To: c.State, Why: "the listen queue is full"})
	}
}

// noRoom drops what would complete an embryo for which the listener has no room. It
// goes on repeating its SYN,ACK, and the peer what it sent.
func (n *Network) noRoom(h *Host, k int32, p *Packet) bool {
	c := n.conns.at(k)
	if !h.system.AcceptQueueOnly || c.State != fsm.SynReceived || c.listener == none ||
		p.Seg.Flags&(fsm.ACK|fsm.RST|fsm.SYN) != fsm.ACK || !h.full(n.sockets.at(c.listener).more.queue) {
		return false
	}
	n.dropFull(h, c)
	if h.system.AbortOnOverflow {
		t := c.at
		n.release(k)
		n.arriveAtClosed(h, t, p)
	}
	return true
}

// embryo makes the connection for a SYN.
func (n *Network) embryo(h *Host, s *socket, t tuple, p *Packet, iss fsm.Seq) {
	l := n.conns.at(s.conn)
	i := n.newConn(h, t)
	c := n.conns.at(i)
	mss, v6 := h.mss(t.local.Addr)
	if m := s.has().maxSegment; m != 0 {
		mss = min(mss, m)
	}
	h.count(c, -1)
	c.TCB = l.TCB
	c.cookie = h.system.SynCookies && h.crowdedWithEmbryos(s.more.queue)
	h.count(c, 1)
	c.Reach(mss, v6)
	c.listener = l.sock
	seg := p.Seg
	if !c.cookie {
		s.more.queue.embryos++
	} else if seg.Has&fsm.OptTimestamps == 0 { // nothing else can carry them until the ACK comes
		seg.Has &= fsm.OptMSS
	}
	n.demux.put(t, i)
	h.portUses[t.local.Port]++
	n.step(i, fsm.Arrives(seg, iss), p)
}

// reopen gives the SYN that ended a TIME-WAIT to the listener. The new initial
// sequence number lies beyond all that the old incarnation used (RFC 9293
// 3.6.1, MAY-2).
func (n *Network) reopen(h *Host, p *Packet, old fsm.Seq) {
	s := h.listener(p.To)
	t := tuple{local: p.To, remote: p.From}
	if s == nil {
		n.arriveAtClosed(h, t, p)
		return
	}
	if !n.roomFor(h, s, t, p) {
		return
	}
	if p.SeqBase != 0 { // else numbers are told as they are
		p.SeqBase = p.Seg.Seq // a new connection counts from its own SYN
	}
	iss := n.iss(h, t)
	if beyond := h.system.ReopenBeyond; beyond > 0 {
		iss = old.Add(uint32(beyond))
	} else if !old.Less(iss) {
		iss = old.Add(1 + uint32(n.choose.Choose(ChooseISN, 1<<16)))
	}
	n.embryo(h, s, t, p, iss)
}

// completed puts a connection whose handshake is over into the queue.
func (n *Network) completed(i int32, c *conn) {
	q := n.sockets.at(c.listener).more.queue
	if !c.cookie {
		q.embryos--
	}
	n.remember(c)
	q.ready = append(q.ready, i)
	n.touch(c.listener)
}
