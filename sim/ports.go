package sim

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// bind gives a socket its local endpoint; port 0 asks for a free one.
//
// The rule for addresses in use is BSD's, which POSIX describes: without
// SO_REUSEADDR anything else on the port is in the way, TIME-WAIT included; with
// it only another socket that waits at the same address, connected to nobody.
func (h *Host) bind(i int32, e Endpoint) Errno {
	s := h.net.sockets.at(i)
	switch {
	case s.is(sockBound), s.is(sockConnected), h.net.state(s) != fsm.Closed: // connect() binds too
		return EINVAL
	case !h.owns(e.Addr):
		return EADDRNOTAVAIL
	}
	if e.Port == 0 {
		port, ok := h.freePort(h.firstPort(1), func(p uint16) bool { return h.portUses[p] == 0 && len(h.bound[p]) == 0 })
		if !ok {
			return h.system.BindExhausted
		}
		e.Port = port
	} else if err := h.inTheWay(s, e); err != OK {
		return err
	}
	h.enter(i, s, e)
	return OK
}

func (h *Host) enter(i int32, s *socket, e Endpoint) {
	s.local = e
	s.set(sockBound, true)
	s.set(sockAnyAddr, e.Addr == 0)
	s.set(sockReuseBound, s.is(sockReuseAddr))
	h.bound[e.Port] = append(h.bound[e.Port], i)
	if s.conn != none {
		h.net.conns.at(s.conn).at.local = e
	}
}

// unbind takes a socket off its port.
func (h *Host) unbind(i int32, s *socket) {
	if s.is(sockBound) {
		at := h.bound[s.local.Port]
		if k := slices.Index(at, i); k >= 0 {
			h.bound[s.local.Port] = slices.Delete(at, k, k+1)
		}
	}
}

// inTheWay tells why a socket cannot have a port, by the system's rule.
func (h *Host) inTheWay(s *socket, e Endpoint) Errno {
	switch {
	case h.system.BindWinsock:
		return h.winsockBind(s, e)
	case h.conflicts(s, e):
		return EADDRINUSE
	}
	return OK
}

func overlap(a, b AddrID) bool { return a == b || a == 0 || b == 0 }

// conflicts reports whether something on the port is in the way of a bind.
func (h *Host) conflicts(s *socket, e Endpoint) bool {
	n := h.net
	if h.system.BindBothReuse {
		return h.conflictsUnlessBoth(s, e)
	}
	for _, k := range h.bound[e.Port] {
		o := n.sockets.at(k)
		if !overlap(o.local.Addr, e.Addr) {
			continue
		}
		if !s.is(sockReuseAddr) && !(s.is(sockReusePort) && o.is(sockReusePort)) {
			return true
		}
		alone := n.state(o) == fsm.Closed || n.state(o) == fsm.Listen
		if alone && o.local.Addr == e.Addr && !(s.is(sockReusePort) && o.is(sockReusePort)) {
			return true
		}
	}
	if s.is(sockReuseAddr) || h.portUses[e.Port] == 0 {
		return false
	}
	for i := range n.conns.count {
		c := n.conns.at(i)
		if c.live && c.host == h.id && c.at.local.Port == e.Port && c.at.whole() && !c.forsaken &&
			overlap(c.at.local.Addr, e.Addr) && n.reuseOf(c)&s.flags&sockReusePort == 0 {
			return true
		}
	}
	return false
}

// reuseOf gives how the socket of a connection lets its port be shared, or did when it
// was closed.
func (n *Network) reuseOf(c *conn) sockFlags {
	switch {
	case c.sock != none:
		return n.sockets.at(c.sock).flags
	case c.listener != none:
		return n.sockets.at(c.listener).flags
	}
	return sockFlags(c.reuse)
}

// shares reports whether a socket lets its port be shared with one that has these flags.
func (h *Host) shares(s *socket, flags sockFlags, listens bool) bool {
	return flags&s.flags&sockReusePort != 0 || flags&s.flags&sockReuseAddr != 0 && !listens
}

// conflictsUnlessBoth is the rule of BindBothReuse: whatever has the port must have
// the option as the new socket has it.
func (h *Host) conflictsUnlessBoth(s *socket, e Endpoint) bool {
	for _, k := range h.bound[e.Port] {
		if o := h.net.sockets.at(k); overlap(o.local.Addr, e.Addr) && !h.shares(s, o.flags, o.is(sockListening)) {
			return true
		}
	}
	return h.connectionsConflict(s, e)
}

// connectionsConflict is that rule for the connections that have the port.
func (h *Host) connectionsConflict(s *socket, e Endpoint) bool {
	n := h.net
	if h.portUses[e.Port] == 0 {
		return false
	}
	for i := range n.conns.count {
		c := n.conns.at(i)
		if !c.live || c.host != h.id || c.at.local.Port != e.Port || !c.at.whole() || c.forsaken || !overlap(c.at.local.Addr, e.Addr) {
			continue
		}
		if !h.shares(s, n.reuseOf(c), false) {
			return true
		}
	}
	return false
}

// firstPort chooses where the search for a port begins, counted from the lowest; where the
// system divides the ports, at one of the parity.
func (h *Host) firstPort(parity uint32) uint32 {
	start := uint32(h.net.choose.Choose(ChoosePort, uint64(h.system.PortHi)-uint64(h.system.PortLo)+1))
	if h.system.PortParity {
		start = start&^1 | parity
	}
	return start
}

// freePort finds the lowest port from start on that is free, around the range of ephemeral
// ports. Where the system divides them, those of the other parity come last.
func (h *Host) freePort(start uint32, free func(uint16) bool) (uint16, bool) {
	lo, hi := uint32(h.system.PortLo), uint32(h.system.PortHi)
	size, step := hi-lo+1, uint32(1)
	if h.system.PortParity {
		step = 2
	}
	for first := range step {
		for k := first; k < size+first; k += step {
			if p := uint16(lo + (start+k)%size); free(p) {
				return p, true
			}
		}
	}
	return 0, false
}

// exhausted reports whether every ephemeral port is in use between two addresses and
// a port: a crowd that has run out of them asks again and again.
func (h *Host) exhausted(local, remote Endpoint) bool {
	if now := [2]uint16{h.system.PortLo, h.system.PortHi}; h.chosenIn != now { // what was counted is of another range
		h.chosenIn = now
		clear(h.chosen)
		for i := range h.net.conns.count {
			h.net.conns.at(i).chosen = h.net.conns.at(i).chosen && h.net.conns.at(i).host != h.id
		}
	}
	all := int32(h.system.PortHi) - int32(h.system.PortLo) + 1
	return h.chosen[tuple{local, remote}] == all && !h.reusesTimeWait(tuple{local, remote})
}

// attach gives a socket's connection its tuple, choosing the local endpoint if
// bind has not.
func (h *Host) attach(i int32, remote Endpoint) Errno {
	n := h.net
	s := n.sockets.at(i)
	local := s.local
	switch { // what the last connection chose is not this one's
	case !s.is(sockBound):
		local = Endpoint{}
	case s.is(sockAnyAddr):
		local.Addr = 0
	}
	if local.Addr == 0 {
		src, ok := h.source(remote.Addr)
		if !ok {
			return ENETUNREACH
		}
		local.Addr = src
	}
	chosen := local.Port == 0
	if chosen {
		exhausted := h.exhausted(local, remote)
		to := tuple{Endpoint{Addr: local.Addr}, remote}
		start, known := h.portTurn[to]
		if !known || !h.system.PortParity {
			start = h.firstPort(0)
		}
		port, ok := h.freePort(start, func(p uint16) bool {
			if exhausted { // no need to look at each
				return false
			}
			k := n.demux.get(tuple{Endpoint{local.Addr, p}, remote})
			if h.system.PortsUnshared && h.portUses[p] != 0 {
				return false
			}
			return len(h.bound[p]) == 0 && (k == none || h.givesWay(k, true))
		})
		if !ok {
			return h.system.PortsExhausted
		}
		local.Port = port
		if h.system.PortParity {
			gap := 2 * uint32(1+h.net.choose.Choose(ChoosePort, 8))
			h.portTurn[to] = (uint32(port) - uint32(h.system.PortLo) + gap) &^ 1
		}
	}
	t := tuple{local, remote}
	var beyond fsm.Seq
	if k := n.demux.get(t); k != none {
		if !h.givesWay(k, chosen) {
			return h.system.TupleTaken
		}
		beyond = n.conns.at(k).SndNxt.Add(65535 + 2)
		n.release(k)
	}
	stuck := s.flags & (sockShutRd | sockShutWr)
	n.renew(s)
	if h.system.ShutdownSticks {
		s.set(stuck, true)
	}
	k, c := n.conn(i)
	c.at = t
	c.ISS = beyond
	if c.chosen = chosen; chosen {
		h.chosen[tuple{Endpoint{Addr: local.Addr}, remote}]++
	}
	n.demux.put(t, k)
	h.portUses[local.Port]++
	s.local, s.peer = local, remote
	return OK
}

// givesWay reports whether a connection in TIME-WAIT makes way for a new one between
// the same endpoints: its timestamps tell old segments from new ones (RFC 6191). A
// port that was not asked for must wait a second, and be allowed. A FIN-WAIT-2 that is kept
// alone counts as TIME-WAIT, for a port that was asked for.
func (h *Host) givesWay(k int32, chosen bool) bool {
	c := h.net.conns.at(k)
	ts, _, _ := c.Negotiated()
	alone := c.State == fsm.FinWait2 && h.system.TCP.Features&fsm.FinWait2Alone != 0 && c.apart()
	if c.State != fsm.TimeWait && !alone || !ts || !h.system.TimeWaitApart {
		return false
	}
	return !chosen || !alone && h.reusesTimeWait(c.at) && h.net.now.Sub(c.TSRecentAt) > h.system.TimeWaitReuseDelay
}

// reusesTimeWait reports whether connect() may choose a port in TIME-WAIT.
func (h *Host) reusesTimeWait(t tuple) bool {
	return h.system.TimeWaitReuse == 1 || h.system.TimeWaitReuse == 2 && h.owns(t.remote.Addr)
}

func (h *Host) unusePort(p uint16) { h.portUses[p]-- }

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
	c.cookie = h.crowdedWithEmbryos(s.more.queue)
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
