package sim

import "github.com/tcpsim/tcpsim/fsm"

// RecordKind tells what a Record is.
type RecordKind uint8

// The kinds of record, with the fields of Record that they use beside At and
// Host.
const (
	// Fired: rule Rule fired at Conn, in state From.
	Fired RecordKind = iota
	// Sent: Conn sent Packet, by Rule; the turn took it from From to To.
	Sent
	// Lost: Packet was lost in the network; Why tells the cause.
	Lost
	// Held: Packet was delayed or repeated by a fault; Why tells which.
	Held
	// Arrived: Packet arrived at Host. The records of the same Turn are what it did.
	Arrived
	// Moved: Conn went from From to To, by Rule, or because there was no room for it.
	Moved
	// Dropped: what arrived was dropped; Why tells the cause if no rule does.
	Dropped
	// Delivered: N octets became readable at Conn.
	Delivered
	// Signalled: the user of Conn was told Result.
	Signalled
	// Called: Call was made.
	Called
	// Returned: Call returned, or will never return.
	Returned
	// Told: an ICMP message about Packet, which Conn sent, reached Host; Advice tells what.
	Told
	// Noted: something else happened that a reader wants to know: Why.
	Noted
)

// Record is one entry of the log: what one action did. It is the source of every
// output. A Record is valid only during the call that hands it out; what is to
// be kept is copied.
type Record struct {
	At     fsm.Time
	Kind   RecordKind
	Host   HostID
	Turn   uint64 // records of one turn have one number
	Conn   ConnID
	Rule   fsm.RuleID
	From   fsm.State
	To     fsm.State
	Result fsm.Result
	N      uint32
	Packet Packet
	Call   *Call
	Advice *Advice
	Why    string
}

// ConnID names a connection, or an incarnation of one: the numbers count up as
// connections come to be, from 1. 0 is none: the CLOSED state of a host.
type ConnID uint64

// Packet is a segment on its way from one host to another.
type Packet struct {
	Number   uint64 // counts up as packets are sent or forged; a copy has its original's
	From, To Endpoint
	Seg      fsm.Segment
	Text     Text
	// SeqBase and AckBase are the initial sequence numbers from which SEG.SEQ
	// and SEG.ACK count, for whoever prints them.
	SeqBase, AckBase fsm.Seq
	Forged           bool // put in by the script: nobody sent it
	Copy             bool // a duplicate made by the network
	// What sending it did to its sender.
	Rule               fsm.RuleID
	Conn               ConnID
	FromState, ToState fsm.State
}

// Relative is the packet's segment with numbers relative to the initial ones.
func (p *Packet) Relative() fsm.Segment { return p.Seg.Relative(p.SeqBase, p.AckBase) }

// listener is a function that wants records of some kinds.
type listener struct {
	kinds uint32
	f     func(*Record)
}

// Listen makes f receive every record from now on, or those of some kinds: a
// record that nobody wants is not made. f must not make calls or let time pass.
func (n *Network) Listen(f func(*Record), kinds ...RecordKind) {
	l := listener{f: f}
	for _, k := range kinds {
		l.kinds |= 1 << k
	}
	if l.kinds == 0 {
		l.kinds = ^uint32(0)
	}
	n.listeners = append(n.listeners, l)
	n.wanted |= l.kinds
}

// Note tells the log of something that a reader wants to know.
func (n *Network) Note(h HostID, what string) {
	if n.wants(Noted) {
		n.turn++
		n.record(Record{Kind: Noted, Host: h, Why: what})
	}
}

// wants reports whether anybody listens to records of a kind.
func (n *Network) wants(k RecordKind) bool { return n.wanted&(1<<k) != 0 }

// record hands a record to the listeners.
func (n *Network) record(r Record) {
	n.rec = r
	n.rec.At, n.rec.Turn = n.now, n.turn
	for _, l := range n.listeners {
		if l.kinds&(1<<r.Kind) != 0 {
			l.f(&n.rec)
		}
	}
}
