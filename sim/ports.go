package sim

import (
	"slices"

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
// port that was not asked for must wait a while, and be allowed. A FIN-WAIT-2 that is kept
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
