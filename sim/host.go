package sim

import (
	"net/netip"

	"github.com/tcpsim/tcpsim/fsm"
)

// Host is a machine: addresses, a system, processes, sockets.
type Host struct {
	Name   string
	id     HostID
	net    *Network
	addrs  []AddrID
	system System
	procs  []*Process

	closed    conn // stands in for the TCB that does not exist
	inState   [fsm.TimeWait + 1]int
	apart     int                // connections that are kept only to wait for their end
	oldest    []waiting          // of those in TIME-WAIT: see endOldest
	portUses  []int32            // connections and sockets on each port
	bound     map[uint16][]int32 // sockets that bind() or listen() has given a port
	listening map[Endpoint]int32 // sockets that listen, by address (or wildcard) and port
	chosen    map[tuple]int32    // ephemeral ports in use, by the two addresses and the remote port
	portTurn  map[tuple]uint32   // where the next search begins, by the same, if PortParity
	chosenIn  [2]uint16          // the range from which they were chosen
}

// AddHost adds a host with its addresses. The first of each family is the one
// that it sends from.
func (n *Network) AddHost(name string, s System, addrs ...netip.Addr) *Host {
	h := &Host{
		Name: name, id: HostID(len(n.hosts)), net: n, system: s,
		portUses: make([]int32, 1<<16), bound: map[uint16][]int32{}, listening: map[Endpoint]int32{}, chosen: map[tuple]int32{}, portTurn: map[tuple]uint32{},
	}
	n.hosts = append(n.hosts, h)
	for _, a := range addrs {
		id := n.book.id(a)
		n.book.owner[id] = h.id
		h.addrs = append(h.addrs, id)
	}
	h.AddProcess("")
	return h
}

// Hosts lists the hosts in the order in which they were added.
func (n *Network) Hosts() []*Host { return n.hosts }

// Host gives a host by its number.
func (n *Network) Host(id HostID) *Host { return n.hosts[id] }

// ID is the host's number in its network.
func (h *Host) ID() HostID { return h.id }

// System gives the host's system, whose switches and numbers may be changed:
// connections follow them from their next event on.
func (h *Host) System() *System { return &h.system }

// Addrs lists the host's addresses.
func (h *Host) Addrs() []AddrID { return h.addrs }

// source gives the address from which the host reaches another.
func (h *Host) source(remote AddrID) (AddrID, bool) {
	if h.net.book.owner[remote] == h.id {
		return remote, true
	}
	for _, a := range h.addrs {
		if h.net.book.addrs[a].Is6() == h.net.book.addrs[remote].Is6() {
			return a, true
		}
	}
	return 0, false
}

// owns reports whether an address is the host's, or the wildcard.
func (h *Host) owns(a AddrID) bool { return a == 0 || h.net.book.owner[a] == h.id }

// mss is the largest text of a segment: the MTU less the headers (RFC 9293
// 3.7.1).
func (h *Host) mss(local AddrID) (octets uint16, v6 bool) {
	v6 = h.net.book.addrs[local].Is6()
	if local == 0 && len(h.addrs) > 0 {
		v6 = h.net.book.addrs[h.addrs[0]].Is6()
	}
	headers := 40
	if v6 {
		headers = 60
	}
	return uint16(min(max(h.net.link.mtu()-headers, 1), 65535)), v6
}

// Inject lets a forged packet reach the host that it is addressed to, now. Its
// bases tell where its numbers count from.
func (n *Network) Inject(p Packet) {
	n.nextPacket++
	p.Number, p.Forged = n.nextPacket, true
	i, slot := n.packets.take()
	*slot = p
	n.turn++
	n.arrive(i)
	n.wake()
}

// arrive hands a packet to its connection, to a listener, or to nobody: then
// the host answers for the connection that does not exist (RFC 9293 3.10.7.1).
func (n *Network) arrive(i int32) {
	p := n.packets.at(i)
	defer n.packets.give(i)
	owner := n.book.owner[p.To.Addr]
	if owner == noHost {
		return
	}
	h := n.hosts[owner]
	if p.From.Addr == 0 { // no host sends from it (RFC 9293 3.9.2.3, MUST-63)
		return
	}
	t := tuple{local: p.To, remote: p.From}
	k := n.demux.get(t)
	if k != none && n.conns.at(k).forgotten(&p.Seg) {
		n.release(k)
		k = none
	}
	if n.wants(Arrived) {
		r := Record{Kind: Arrived, Host: h.id, Packet: *p}
		if k != none {
			r.Conn, r.From = n.conns.at(k).id, n.conns.at(k).State
		}
		n.record(r)
	}
	if k != none {
		if n.noRoom(h, k, p) || n.conns.at(k).cookie && p.Seg.Flags&fsm.RST != 0 {
			return
		}
		ev := fsm.Arrives(p.Seg, 0)
		if s := h.listener(p.To); s != nil && n.conns.at(k).State == fsm.TimeWait {
			ev.Listens = true // though its queue may be full: TIME-WAIT ends all the same
		}
		n.step(k, ev, p)
		return
	}
	if s := h.listener(p.To); s != nil {
		n.arriveAtListener(h, s, t, p)
		return
	}
	n.arriveAtClosed(h, t, p)
}

// arriveAtClosed answers for a connection that does not exist.
func (n *Network) arriveAtClosed(h *Host, t tuple, p *Packet) {
	c := &h.closed
	*c = conn{at: t, host: h.id, sock: none, listener: none, inbox: none, notes: none}
	n.bind(h, c)
	n.machine.Trace = n.wants(Fired)
	n.out = n.machine.Step(n.now, fsm.Arrives(p.Seg, 0), n.out[:0])
	n.answered(h, c, p)
}

// answered carries out what a connection that does not exist, or a listener,
// does about a segment: it can only send a reset, or drop it.
func (n *Network) answered(h *Host, c *conn, p *Packet) {
	for k := range n.out {
		a := &n.out[k]
		switch a.Kind {
		case fsm.Emit:
			n.send(h, c, a, p, c.State)
		case fsm.Fired:
			n.record(Record{Kind: Fired, Host: h.id, Conn: c.id, Rule: a.Rule, From: a.From, To: a.To})
		case fsm.Drop:
			if n.wants(Dropped) {
				n.record(Record{Kind: Dropped, Host: h.id, Conn: c.id, Rule: a.Rule, From: c.State, To: c.State})
			}
		case fsm.Enter, fsm.Reply, fsm.Take, fsm.Deliver, fsm.Acked, fsm.Notify, fsm.Reopen:
			panic("sim: a connection that does not exist acts: " + a.Kind.String())
		}
	}
}

// Crash takes the host's power away and brings it back, empty: no segment is
// sent and no state is left. Calls that wait never return.
func (h *Host) Crash() {
	n := h.net
	for i := range n.conns.count {
		if c := n.conns.at(i); c.live && c.host == h.id {
			if s := n.socketOf(c); s != nil {
				s.conn = none
			}
			c.sock, c.listener = none, none
			n.release(i)
		}
	}
	for _, p := range h.procs {
		p.vanish()
	}
	h.procs = nil
	h.oldest = nil
	clear(h.bound)
	clear(h.listening)
	clear(h.chosen)
	clear(h.portTurn)
	clear(h.portUses)
	h.AddProcess("")
}

// States counts the host's connections in each state; CLOSED is left out.
func (h *Host) States() map[fsm.State]int {
	count := map[fsm.State]int{}
	for st, in := range h.inState {
		if in > 0 && fsm.State(st) != fsm.Closed {
			count[fsm.State(st)] = in
		}
	}
	return count
}
