package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Link says how the hosts of a network are joined: each pair by a link of its
// own, each direction alike.
type Link struct {
	Delay       time.Duration // one way
	Jitter      time.Duration // up to so much more, at random; packets may overtake each other
	Rate        uint64        // bits a second; 0: unlimited
	MTU         int           // octets of an IP datagram; 0: 1500
	Loss        float64       // share of packets that are lost, 0 to 1
	Duplication float64       // share of packets that come twice
	Reordering  float64       // share of packets that are held back by one more delay
}

// DefaultMTU is Ethernet's.
const DefaultMTU = 1500

func (l *Link) mtu() int {
	if l.MTU == 0 {
		return DefaultMTU
	}
	return l.MTU
}

// wire is one direction of a link.
type wire struct {
	free fsm.Time // when the last bit of what was sent before has left
}

// send puts a segment of a connection on its way.
func (n *Network) send(h *Host, c *conn, a *fsm.Action, in *Packet, before fsm.State) {
	i, p := n.packets.take()
	n.nextPacket++
	*p = Packet{
		Number: n.nextPacket, From: c.at.local, To: c.at.remote, Seg: a.Seg, Rule: a.Rule, Conn: c.id,
		FromState: before, ToState: c.State,
	}
	switch {
	case a.Bases == fsm.Own:
		p.SeqBase, p.AckBase = c.seqBase, c.ackBase
	case in != nil:
		p.AckBase = in.SeqBase
		if a.Seg.Flags&fsm.ACK == 0 {
			p.SeqBase = in.AckBase
		}
	}
	if a.Seg.Len > 0 {
		p.Text = Text{c.stream, uint32(a.Seg.Seq - c.ISS - 1)}
	}
	if n.wants(Sent) {
		n.record(Record{Kind: Sent, Host: h.id, Conn: c.id, Rule: a.Rule, From: before, To: c.State, Packet: *p})
	}
	n.carry(h, i, p)
}

// carry brings a packet to its host, or loses it, as link and faults have it.
func (n *Network) carry(h *Host, i int32, p *Packet) {
	owner := n.book.owner[p.To.Addr]
	if owner == noHost { // nobody is there: whoever listens has seen it
		n.packets.give(i)
		return
	}
	if owner == h.id { // a host reaches itself without a link
		n.clock.push(newEvent(n.now, evArrive, i, 0))
		return
	}
	if n.down {
		n.lose(i, p, "the link is down")
		return
	}
	at := n.leaves(h.id, owner, p).Add(n.link.Delay)
	if j := n.link.Jitter; j > 0 {
		at = at.Add(time.Duration(n.choose.Choose(ChooseJitter, uint64(j)+1)))
	}
	if f := n.faultOn(h, p); f != nil {
		switch f.Verb {
		case Drop:
			n.lose(i, p, "the script drops it")
			return
		case Delay:
			at = at.Add(f.By)
			n.held(p, "the script holds it back")
		case Duplicate:
			n.held(p, "the script repeats it")
			n.copyAt(at.Add(f.By), p)
		}
		n.clock.push(newEvent(at, evArrive, i, 0))
		return
	}
	switch {
	case n.chance(ChooseLoss, n.link.Loss):
		n.lose(i, p, "lost at random")
		return
	case n.chance(ChooseDuplicate, n.link.Duplication):
		n.held(p, "repeated at random")
		n.copyAt(at.Add(n.link.Delay/2), p)
	case n.chance(ChooseReorder, n.link.Reordering):
		n.held(p, "held back at random")
		at = at.Add(n.link.Delay + time.Millisecond)
	}
	n.clock.push(newEvent(at, evArrive, i, 0))
}

// leaves tells when the last bit of a packet has left, and keeps the wire busy
// until then.
func (n *Network) leaves(from, to HostID, p *Packet) fsm.Time {
	if n.link.Rate == 0 {
		return n.now
	}
	key := [2]HostID{from, to}
	w := n.wires[key]
	if w == nil {
		w = &wire{}
		n.wires[key] = w
	}
	bits := uint64(n.datagram(p)) * 8
	w.free = max(w.free, n.now).Add(time.Duration(bits * uint64(time.Second) / n.link.Rate))
	return w.free
}

// datagram is the length of a packet's IP datagram in octets.
func (n *Network) datagram(p *Packet) int {
	ip := 20
	if n.book.addrs[p.From.Addr].Is6() {
		ip = 40
	}
	return ip + 20 + p.Seg.OptionOctets() + int(p.Seg.Len)
}

// chance decides something that happens to a share of all cases.
func (n *Network) chance(what Choice, share float64) bool {
	const fine = 1 << 32
	return share > 0 && n.choose.Choose(what, fine) < uint64(share*fine)
}

func (n *Network) lose(i int32, p *Packet, why string) {
	if n.wants(Lost) {
		n.record(Record{Kind: Lost, Host: n.book.owner[p.From.Addr], Packet: *p, Why: why})
	}
	n.packets.give(i)
}

func (n *Network) held(p *Packet, why string) {
	if n.wants(Held) {
		n.record(Record{Kind: Held, Host: n.book.owner[p.From.Addr], Packet: *p, Why: why})
	}
}

// copyAt lets a copy of a packet arrive.
func (n *Network) copyAt(at fsm.Time, p *Packet) {
	i, c := n.packets.take()
	*c = *p
	c.Copy = true
	n.clock.push(newEvent(at, evArrive, i, 0))
}
