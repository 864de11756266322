package fsm

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// pair is two ends joined by a link that loses, repeats and reorders segments,
// with a user at each end. Every step is checked against the invariants.
type pair struct {
	t    *rapid.T
	now  Time
	ends [2]*end
	link []flight // in the network, in the order in which they were sent
	log  []string // what happened, for a failure

	reset     bool // a RST was sent, or an end gave up
	withReset bool // users may abort
}

// flight is a segment in the network, with its text.
type flight struct {
	to   int
	seg  Segment
	text []byte
}

// end is one end of the pair with its user, and what the invariants remember.
type end struct {
	name string
	p    *pair
	self int
	prof Profile
	tcb  TCB
	c    *Conn
	out  []Action

	wrote       int // octets that SEND took: the n-th is pattern(self, n)
	kept        map[Seq]byte
	ready       []byte // readable, not received
	read        int    // octets received by the user
	closed      bool   // the user called CLOSE
	aborted     bool
	finIn       bool // the peer's FIN was consumed
	finSent     bool
	finSeq      Seq
	queuedFirst bool // our FIN was queued before the peer's was consumed

	opened   bool
	edge     Seq // right edge of the window offered
	maxAck   Seq // highest ACK emitted
	acks     bool
	waitSet  Time // last start of the 2 MSL
	wasTW    bool
	wasLast  bool
	timedOut bool

	notes      Notes // before the step that is checked
	challenged []Time
}

// pattern is the n-th octet that end i sends.
func pattern(i, n int) byte { return byte(n*7 + n>>8 + i*101) }

func newPair(t *rapid.T, profs [2]Profile) *pair {
	p := &pair{t: t, now: 1}
	for i := range p.ends {
		e := &end{name: [...]string{"A", "B"}[i], p: p, self: i, prof: profs[i], kept: map[Seq]byte{}}
		e.tcb.Init(&e.prof, 1460, false)
		e.c = NewConn(&e.prof, &e.tcb)
		p.ends[i] = e
	}
	return p
}

func (p *pair) failf(format string, args ...any) {
	var b strings.Builder
	for _, l := range p.log[max(0, len(p.log)-60):] {
		b.WriteString(l + "\n")
	}
	p.t.Fatalf("%s%v\nA %v\nB %v", b.String(), fmt.Sprintf(format, args...), p.ends[0].tcb, p.ends[1].tcb)
}

func (p *pair) notef(format string, args ...any) {
	p.log = append(p.log, p.now.String()+" "+fmt.Sprintf(format, args...))
}

// open starts the connection: A connects to B, or both to each other.
func (p *pair) open(iss [2]Seq, simultaneous bool) {
	a, b := p.ends[0], p.ends[1]
	if simultaneous {
		b.opened = true
		b.step(ActiveOpen(iss[1]), nil)
	} else {
		b.step(PassiveOpen(), nil)
		b.tcb.ISS = iss[1] // where steps of B take it from
	}
	a.opened = true
	a.step(ActiveOpen(iss[0]), nil)
}

// arrive hands the n-th segment in the network to its end.
func (p *pair) arrive(n int) {
	f := p.link[n]
	p.link = append(p.link[:n:n], p.link[n+1:]...)
	e := p.ends[f.to]
	ev := Arrives(f.seg, e.tcb.ISS)
	e.step(ev, &f)
}

// tick lets the time of the next deadline come, or says that there is none.
func (p *pair) tick() bool {
	at := min(p.ends[0].c.Deadline(), p.ends[1].c.Deadline())
	if at == Never {
		return false
	}
	if at < p.now {
		p.failf("deadline %v lies in the past", at)
	}
	p.now = at
	for _, e := range p.ends {
		if e.c.Deadline() <= at {
			e.step(Tick(), nil)
		}
	}
	return true
}

// pass lets time go by, with the timers that end in it.
func (p *pair) pass(d time.Duration) {
	end := p.now.Add(d)
	for min(p.ends[0].c.Deadline(), p.ends[1].c.Deadline()) <= end {
		p.tick()
	}
	p.now = end
}

// step runs one event of an end, carries out its actions and checks all
// invariants.
func (e *end) step(ev Event, in *flight) {
	p := e.p
	before := e.tcb
	e.notes = *e.c.notes
	e.out = e.c.Step(p.now, ev, e.out[:0])
	what := ev.Kind.String()
	if in != nil {
		what = "arrives " + in.seg.String()
	}
	p.notef("%s %v %s", e.name, before.State, what)
	emitted := 0
	for _, a := range e.out {
		switch a.Kind {
		case Emit:
			emitted++
			p.notef("    %s sends %v (%v)", e.name, a.Seg, a.Rule)
			e.checkEmit(a, ev, in, before.State)
			p.link = append(p.link, flight{to: 1 - e.self, seg: a.Seg, text: e.textOf(a.Seg)})
		case Enter:
			p.notef("    %s %v -> %v (%v)", e.name, a.From, a.To, a.Rule)
			e.checkEdge(a)
		case Take:
			e.keep(in, a.Seq, a.N)
		case Deliver:
			e.keep(in, a.Seq, a.N)
			e.deliver(a.Seq, a.N)
		case Notify:
			e.notified(a.Result)
		case Reply:
			e.replied(ev, a)
		case Fired, Acked, Drop, Reopen:
		}
	}
	if in != nil {
		e.checkArrival(before, in.seg, emitted)
	}
	e.checkState(before)
}

func (e *end) notified(r Result) {
	switch r {
	case ClosingError:
		if e.opened || e.tcb.State != Closed {
			e.finIn = true
		}
	case ResetError, Refused:
		e.p.reset = true
	case TimedOut, NoAnswer, PeerDead:
		e.timedOut = true
		e.p.reset = true
	default:
	}
}

// replied notes what a call took or gave.
func (e *end) replied(ev Event, a Action) {
	if a.Result != OK {
		return
	}
	switch ev.Kind {
	case EvSend:
		e.wrote += int(a.N)
	case EvReceive:
		e.receive(int(a.N))
	default:
	}
}

// receive gives the user n octets, which must be the next that the peer wrote.
func (e *end) receive(n int) {
	for _, b := range e.ready[:n] {
		if b != pattern(1-e.self, e.read) {
			e.p.failf("INV-21: %s received a wrong octet at %d", e.name, e.read)
		}
		e.read++
	}
	e.ready = e.ready[n:]
}

// textOf gives the octets that a segment carries: the same numbers always mean
// the same octets (INV-06).
func (e *end) textOf(s Segment) []byte {
	text := make([]byte, s.Len)
	for i := range text {
		n := int(s.text().Sub(e.tcb.ISS+1)) + i
		if n >= e.wrote {
			e.p.failf("INV-05: %s sends octet %d of %d", e.name, n, e.wrote)
		}
		text[i] = pattern(e.self, n)
	}
	return text
}

// keep takes what the arrived segment has of [seq, seq+n).
func (e *end) keep(in *flight, seq Seq, n uint32) {
	if in == nil {
		return
	}
	for i, b := range in.text {
		if at := in.seg.text().Add(uint32(i)); at.In(seq, n) {
			if _, had := e.kept[at]; !had {
				e.kept[at] = b
			}
		}
	}
}

func (e *end) deliver(seq Seq, n uint32) {
	for i := range n {
		b, ok := e.kept[seq.Add(i)]
		if !ok {
			e.p.failf("INV-21: %s delivers past a gap at %v", e.name, seq.Add(i))
		}
		delete(e.kept, seq.Add(i))
		e.ready = append(e.ready, b)
	}
}

// call makes a call of the user.
func (e *end) call(ev Event) {
	switch ev.Kind {
	case EvClose:
		e.closed = true
		deletes := e.tcb.State == SynReceived && e.prof.Features&CloseSynReceivedDeletes != 0
		if e.tcb.State == SynSent || e.tcb.State == Listen || deletes {
			e.p.reset = true
		}
	case EvAbort:
		e.aborted = true
		e.p.reset = true
	case EvSet:
		e.closed = e.closed || ev.Param == CloseLater
	case EvICMP, EvOpen, EvSend, EvReceive, EvStatus, EvSegment, EvTick:
	}
	e.step(ev, nil)
}

// settle lets the network heal: everything arrives in order, both users receive
// all and close, until nothing is left to happen but TIME-WAIT.
func (p *pair) settle() {
	for range 20000 {
		switch {
		case len(p.link) > 0:
			p.pass(time.Millisecond)
			p.arrive(0)
		case p.useful():
		case !p.tick():
			return
		}
	}
	p.failf("LIV-5: the exchange does not end")
}

// useful lets a user receive or close, if there is anything to do.
func (p *pair) useful() bool {
	for _, e := range p.ends {
		if len(e.ready) > 0 && e.tcb.State != Closed {
			e.call(Receive(uint32(len(e.ready))))
			return true
		}
		if !e.closed && !e.aborted && e.tcb.State != Closed && e.tcb.State != Listen {
			e.call(Close())
			return true
		}
	}
	return false
}
