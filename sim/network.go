package sim

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Config says how a network is made. The zero value is a network without delay
// or loss, with seed 0.
type Config struct {
	Seed    uint64
	Chooser Chooser // nil: Seeded(Seed)
	Link    Link    // how the hosts are joined
}

// Network is a set of hosts joined by links, and the virtual time in which they
// live. It is a value to itself: two networks share nothing, and one is not to
// be used by two goroutines at once.
type Network struct {
	now    fsm.Time
	turn   uint64
	clock  clock
	steps  uint64
	choose Chooser
	secret uint64 // for initial sequence numbers

	book  addrBook
	hosts []*Host
	demux demux

	conns       slab[conn]
	notes       slab[fsm.Notes]
	blank       fsm.Notes // those of a connection that has none
	sockets     slab[socket]
	packets     slab[Packet]
	spareMores  []*more
	inboxes     []inbox
	freeInboxes []int32
	streams     []stream
	nextConn    ConnID
	nextPacket  uint64

	link   Link
	wires  map[[2]HostID]*wire
	faults []Fault
	down   bool

	machine fsm.Conn
	out     []fsm.Action
	reply   fsm.Action // the last answer to a call
	woken   []int32    // sockets whose calls may go on
	waking  bool
	ended   []*Call // that have waited, have returned and are to be reported

	calls     []*Call // with a time limit, by the number of its event; nil: it has returned
	freeCalls []int32 // numbers whose event has come

	listeners []listener
	wanted    uint32 // kinds of record, a bit each
	rec       Record // the one that is handed out
	returned  func(*Call)
}

// New makes an empty network at time 0.
func New(cfg Config) *Network {
	n := &Network{
		choose: cfg.Chooser,
		book:   newAddrBook(),
		link:   cfg.Link,
		wires:  map[[2]HostID]*wire{},
		out:    make([]fsm.Action, 0, 64),
	}
	if n.choose == nil {
		n.choose = Seeded(cfg.Seed)
	}
	n.secret = n.choose.Choose(ChooseISN, 1<<63)
	return n
}

// Now gives the virtual time.
func (n *Network) Now() fsm.Time { return n.now }

// Steps counts the events that have happened.
func (n *Network) Steps() uint64 { return n.steps }

// ErrEndless tells that a run did not come to its end within the number of
// events that was allowed.
type ErrEndless struct {
	Events uint64
	At     fsm.Time
}

func (e ErrEndless) Error() string {
	return fmt.Sprintf("no end after %d events, at %v s of virtual time", e.Events, e.At)
}

// Run lets everything happen that is due up to the instant until, in order, and
// moves the time there. It stops with an error after limit events.
func (n *Network) Run(until fsm.Time, limit uint64) error {
	for left := limit; ; left-- {
		if left == 0 && n.clock.due(until) {
			return ErrEndless{limit, n.now} // and what is due stays queued
		}
		if !n.Next(until) {
			break
		}
	}
	if until != fsm.Never {
		n.now = max(n.now, until)
	}
	return nil
}

// Next runs the next event, if one lies no later than until, and tells whether
// there was one. Time stays where the event put it.
func (n *Network) Next(until fsm.Time) bool {
	e, ok := n.clock.pop(until)
	if ok {
		n.now = e.at
		n.happen(e)
	}
	return ok
}

// Pass moves the time to an instant up to which nothing is left to happen.
func (n *Network) Pass(to fsm.Time) { n.now = max(n.now, to) }

func (n *Network) happen(e event) {
	n.steps++
	n.turn++
	switch e.kind() {
	case evArrive:
		to := n.book.owner[n.packets.at(e.id()).To.Addr]
		n.arrive(e.id())
		if to != noHost && n.hosts[to].system.WakesTogether && n.moreArrives(to) {
			return
		}
	case evTick:
		n.tick(e)
	case evTimeout:
		n.timeout(e)
	}
	n.wake()
}

// moreArrives reports whether what happens next is another arrival at a host, in this very
// instant.
func (n *Network) moreArrives(h HostID) bool {
	e, ok := n.clock.now()
	return ok && e.kind() == evArrive && n.book.owner[n.packets.at(e.id()).To.Addr] == h
}

// tick steps a connection whose deadline may have come. An event that comes
// early is put back; one of a connection that is gone is dropped.
func (n *Network) tick(e event) {
	c := n.conns.at(e.id())
	if !c.live || c.gen != e.gen || c.tickAt != e.at {
		return
	}
	c.tickAt = 0
	if c.cookie || c.forsaken {
		n.release(e.id())
		return
	}
	n.bind(n.hosts[c.host], c)
	if n.machine.Deadline() > n.now {
		n.schedule(e.id(), c)
		return
	}
	n.step(e.id(), fsm.Tick(), nil)
}

// schedule queues the tick of a connection. One that is queued for earlier does:
// it will be put back.
func (n *Network) schedule(i int32, c *conn) {
	n.bind(n.hosts[c.host], c)
	at := n.machine.Deadline()
	if c.cookie { // nobody knows of it, to repeat its SYN,ACK
		at = c.FirstAt.Add(cookieAge)
	}
	if at == fsm.Never || c.tickAt != 0 && c.tickAt <= at {
		return
	}
	c.tickAt = at
	n.clock.push(newEvent(at, evTick, i, c.gen))
}

// step runs one event of a connection and carries out what it does.
func (n *Network) step(i int32, ev fsm.Event, in *Packet) {
	c := n.conns.at(i)
	h := n.hosts[c.host]
	before, apart := c.State, c.apart()
	h.count(c, -1)
	n.bind(h, c)
	n.machine.Trace = n.wants(Fired)
	n.out = n.machine.Step(n.now, ev, n.out[:0])
	h.count(c, 1)
	n.keepNotes(c)
	reopened, delivered := false, false
	for k := range n.out {
		a := &n.out[k]
		switch a.Kind {
		case fsm.Fired:
			n.record(Record{Kind: Fired, Host: h.id, Conn: c.id, Rule: a.Rule, From: a.From, To: a.To})
		case fsm.Emit:
			n.send(h, c, a, in, before)
		case fsm.Enter:
			n.entered(i, c, a, in)
		case fsm.Take:
			n.inboxOf(c).keep(in.part(a.Seq, a.N))
		case fsm.Deliver:
			n.inboxOf(c).deliver(a.Seq, a.N, in.all())
			if n.wants(Delivered) {
				n.record(Record{Kind: Delivered, Host: h.id, Conn: c.id, Rule: a.Rule, From: c.State, To: c.State, N: a.N})
			}
			delivered = true
			n.touch(c.sock)
		case fsm.Acked:
			n.touch(c.sock)
		case fsm.Notify:
			n.signalled(h, c, a)
		case fsm.Drop:
			if n.wants(Dropped) {
				n.record(Record{Kind: Dropped, Host: h.id, Conn: c.id, Rule: a.Rule, From: c.State, To: c.State})
			}
		case fsm.Reply:
			n.reply = *a
		case fsm.Reopen:
			reopened = true
		}
	}
	if delivered && h.system.ShutDiscards {
		if s := n.socketOf(c); s != nil {
			n.discard(c.sock, s)
		}
	}
	if c.State == fsm.TimeWait && before != fsm.TimeWait {
		n.timeWaits(h, c)
	}
	n.crowdedOut(h, c, before, apart)
	switch {
	case c.State == fsm.Closed && before != fsm.Closed:
		next := c.SndNxt
		n.release(i)
		if reopened {
			n.reopen(h, in, next)
		}
	case c.State == fsm.Listen && (c.listener != none || c.forsaken): // an embryo that came to nothing
		n.release(i)
	default:
		n.schedule(i, c)
	}
}

// entered notes a change of state.
func (n *Network) entered(i int32, c *conn, a *fsm.Action, in *Packet) {
	if in != nil && (a.To == fsm.SynReceived || a.From == fsm.SynSent && a.To == fsm.Established) {
		c.ackBase = in.SeqBase
	}
	if a.To == fsm.SynSent || a.To == fsm.SynReceived && a.From == fsm.Listen {
		c.seqBase = c.ISS
	}
	if n.wants(Moved) {
		n.record(Record{Kind: Moved, Host: c.host, Conn: c.id, Rule: a.Rule, From: a.From, To: a.To})
	}
	if a.To == fsm.Established && c.listener != none {
		n.completed(i, c)
	}
	if s := n.socketOf(c); s != nil && a.To.Synchronized() {
		s.set(sockConnected, true)
	} else if s != nil && a.To == fsm.SynSent {
		s.set(sockTried, true)
	}
	n.touch(c.sock)
}

// part gives the octets [seq, seq+n) of a packet's text.
func (p *Packet) part(seq fsm.Seq, n uint32) part {
	all := p.all()
	return part{seq, n, all.text.from(seq.Sub(all.seq))}
}

// all gives the text of a packet, none for a nil one.
func (p *Packet) all() part {
	if p == nil {
		return part{}
	}
	seq := p.Seg.Seq
	if p.Seg.Flags&fsm.SYN != 0 {
		seq++
	}
	return part{seq, uint32(p.Seg.Len), p.Text}
}

// iss chooses an initial sequence number: a clock, and a keyed hash of the endpoints (RFC
// 9293 3.4.1).
func (n *Network) iss(h *Host, t tuple) fsm.Seq {
	seconds, rest := n.now/fsm.Time(time.Second), n.now%fsm.Time(time.Second)
	clock := uint32(seconds)*uint32(h.system.ISNRate) + uint32(uint64(rest)*uint64(h.system.ISNRate)/uint64(time.Second))
	return fsm.Seq(clock + uint32(mix(n.secret^t.key())))
}
