package fsm

import "time"

// edges are the changes of state that RFC 9293 3.3.2 has (INV-10).
var edges = map[State]States{
	Closed:      in(Listen, SynSent),
	Listen:      in(SynReceived, SynSent, Closed),
	SynSent:     in(Established, SynReceived, Closed),
	SynReceived: in(Established, FinWait1, Listen, Closed),
	Established: in(FinWait1, CloseWait, Closed),
	FinWait1:    in(FinWait2, Closing, TimeWait, Closed),
	FinWait2:    in(TimeWait, Closed),
	CloseWait:   in(LastAck, Closed),
	Closing:     in(TimeWait, Closed),
	LastAck:     in(Closed),
	TimeWait:    in(Closed),
}

// checkEdge checks INV-10 to INV-13 and INV-15 at a change of state.
func (e *end) checkEdge(a Action) {
	p := e.p
	if !edges[a.From].Has(a.To) {
		p.failf("INV-10: %s %v -> %v", e.name, a.From, a.To)
	}
	switch a.To {
	case Listen:
		if a.From == SynReceived { // what the user had sent on the embryo, and its CLOSE, are lost
			p.reset = true
			e.wrote, e.closed, e.finSent = 0, false, false
		}
	case TimeWait:
		e.wasTW = true
		e.waitSet = p.now
		if !e.queuedFirst {
			p.failf("INV-11: %s enters TIME-WAIT and did not close first", e.name)
		}
	case LastAck:
		e.wasLast = true
		if e.queuedFirst {
			p.failf("INV-12: %s enters LAST-ACK and closed first", e.name)
		}
		if p.ends[1-e.self].wasLast {
			p.failf("INV-13: both ends were in LAST-ACK")
		}
	case FinWait1:
		e.queuedFirst = true
	case Closed:
		if a.From == TimeWait && a.Rule.String() == "timewait-timeout" && p.now.Sub(e.waitSet) < e.prof.TimeWait {
			p.failf("INV-15: %s left TIME-WAIT early", e.name)
		}
	case SynSent, SynReceived, Established, FinWait2, CloseWait, Closing:
	}
}

// checkEmit checks a segment that is sent: INV-04, INV-05, INV-16 to INV-18, INV-20.
func (e *end) checkEmit(a Action, ev Event, in *flight, before State) {
	p, s := e.p, a.Seg
	peer := p.ends[1-e.self]
	if s.Flags&RST != 0 {
		p.reset = true
		if in != nil && in.seg.Flags&RST != 0 {
			p.failf("INV-16: %s answers a RST with a RST", e.name)
		}
		answer := in != nil && (in.seg.Flags&ACK != 0 && s.Flags == RST && s.Seq == in.seg.Ack ||
			in.seg.Flags&ACK == 0 && s.Flags == RST|ACK && s.Seq == 0 && s.Ack == in.seg.end())
		own := Segment{Seq: e.tcb.SndNxt, Flags: RST}
		if e.prof.Features&ResetInWindow != 0 {
			own.Seq = minSeq(own.Seq, e.tcb.SndUna.Add(e.tcb.SndWnd))
		}
		if e.prof.Features&ResetWithAck != 0 {
			own.Flags, own.Ack = RST|ACK, e.tcb.RcvNxt
		}
		abort := unreported(s) == own && (in == nil || resetsSyn(&e.prof, a))
		if !answer && !abort {
			p.failf("INV-17: %s sends %v", e.name, s)
		}
		return
	}
	switch {
	case e.tcb.State == Closed && before == Closed:
		p.failf("INV-18: %s sends %v from CLOSED", e.name, s)
	case before == TimeWait && (s.Flags != ACK || s.Len != 0):
		p.failf("INV-18: %s sends %v from TIME-WAIT", e.name, s)
	case before == SynSent && ev.Kind == EvClose:
		p.failf("INV-39: %s sends %v at CLOSE in SYN-SENT", e.name, s)
	}
	if s.Flags&FIN != 0 {
		if e.finSent && s.fin() != e.finSeq {
			p.failf("INV-04: %s sends a FIN at %v and had one at %v", e.name, s.fin(), e.finSeq)
		}
		e.finSent, e.finSeq = true, s.fin()
	}
	if s.Len > 0 && e.finSent && e.finSeq.Less(s.text().Add(uint32(s.Len))) {
		p.failf("INV-05: %s sends text beyond its FIN", e.name)
	}
	if s.Flags&ACK != 0 {
		if e.acks && s.Ack.Less(e.maxAck) {
			p.failf("INV-20: %s takes its ACK back", e.name)
		}
		e.acks, e.maxAck = true, s.Ack
		one := e.tcb.IRS == peer.tcb.ISS // and not a new embryo of a listener that gave the old one up
		if one && peer.tcb.State != Closed && peer.tcb.State != Listen && peer.tcb.SndNxt.Less(s.Ack) {
			p.failf("INV-20: %s acknowledges what %s never sent", e.name, peer.name)
		}
	}
	if peer.edge != 0 && s.Len > 0 && before.Synchronized() && (peer.edge + 1).Less(s.fin()) {
		p.failf("INV-01: %s sends %v beyond the edge %v that was offered", e.name, s, peer.edge)
	}
	switch a.Rule.String() {
	case "rst-inexact-challenged", "syn-challenged", "ack-too-old", "seq-unacceptable-limited":
		e.challenged = append(e.challenged, p.now)
		n := 0
		for _, at := range e.challenged {
			if p.now.Sub(at) < e.prof.ChallengeInterval {
				n++
			}
		}
		if n > int(e.prof.ChallengeLimit) {
			p.failf("INV-33: %s sends %d challenge ACKs", e.name, n)
		}
	}
}

// checkArrival checks what a segment did: INV-19, INV-31, INV-32.
func (e *end) checkArrival(before TCB, s Segment, emitted int) {
	if before.State < SynReceived {
		return
	}
	c := Conn{block: &before, notes: &e.notes, features: e.prof.Features, prof: &e.prof}
	gone := e.tcb.State == Closed
	if before.State == FinWait2 && before.is(flagDetached) && e.prof.Features&FinWait2Alone != 0 && s.Seq.In(before.RcvNxt, max(before.RcvWnd, 1)) {
		return // EV-8f: any RST or SYN in the window ends it
	}
	if s.Flags&RST != 0 && e.prof.Features&RFC5961Reset != 0 && !c.exactReset(&s) && gone {
		e.p.failf("INV-31: %s dies of %v", e.name, s)
	}
	if s.Flags&(SYN|RST) == SYN && e.prof.Features&RFC5961Syn != 0 && before.State.Synchronized() && gone && before.State != TimeWait &&
		(e.prof.Features&SynExactReset == 0 || s.Seq != before.RcvNxt) {
		e.p.failf("INV-32: %s dies of %v", e.name, s)
	}
	crossing := before.State == SynReceived && s.Flags&SYN != 0
	zero := before.RcvWnd == 0 && s.Seq == before.RcvNxt || s.Seq == before.RcvNxt.Add(max(before.RcvWnd, 1)) && s.SeqLen() == 0
	left := e.prof.Features&AckLeftOfWindow != 0 && before.State.Synchronized() && before.State != TimeWait &&
		s.Flags&(ACK|SYN) == ACK && s.end().LessEq(before.RcvNxt)
	switch {
	case s.Flags&RST != 0 || c.acceptable(&s) || crossing || zero:
	case left: // EV-1e: its ACK counts, and no more
		moves := e.tcb.FinAcked() && before.SndUna != e.tcb.SndUna
		if e.tcb.RcvNxt != before.RcvNxt || e.tcb.State != before.State && !moves {
			e.p.failf("INV-19: %s is moved by %v", e.name, s)
		}
	default:
		if emitted > 1 || e.tcb.RcvNxt != before.RcvNxt || e.tcb.State != before.State || e.tcb.SndUna != before.SndUna {
			e.p.failf("INV-19: %s is moved by %v", e.name, s)
		}
	}
}

// checkState checks what must hold after every step.
func (e *end) checkState(before TCB) {
	p, t := e.p, &e.tcb
	s := t.State
	if s == Closed || s == Listen {
		if n := t.Timers(); len(n) > 0 {
			p.failf("INV-29: %s in %v runs %v", e.name, s, n)
		}
		e.edge = 0
		return
	}
	if before.State >= SynReceived {
		e.edge = t.RcvNxt.Add(t.RcvWnd)
	}
	if t.Unacked() > t.MaxWnd+1 {
		p.failf("INV-01: %s has %d outstanding of a window of %d", e.name, t.Unacked(), t.MaxWnd)
	}
	if before.State >= SynReceived {
		if t.RcvNxt.Less(before.RcvNxt) {
			p.failf("INV-02: %s moves RCV.NXT back", e.name)
		}
		if edge := t.RcvNxt.Add(t.RcvWnd); edge.Less(before.RcvNxt.Add(before.RcvWnd)) && !e.finIn {
			p.failf("INV-03: %s shrinks its window to %v", e.name, edge)
		}
	}
	if closedOurs.Has(s) && !e.closed {
		p.failf("INV-07: %s is in %v and did not close", e.name, s)
	}
	// A CLOSE that waits for the handshake is still waiting when a FIN comes in with it.
	if s == CloseWait && e.closed && e.prof.Features&FinStateEager != 0 && !t.ClosePending() {
		p.failf("INV-07: %s is in CLOSE-WAIT and has closed", e.name)
	}
	if got := in(CloseWait, Closing, LastAck, TimeWait).Has(s); got != e.finIn {
		p.failf("INV-08: %s is in %v, FIN consumed: %v", e.name, s, e.finIn)
	}
	if (s == FinWait2 || s == TimeWait) && (t.SndUna != t.SndNxt || t.SndUna != t.SndEnd+1) {
		p.failf("INV-09: %s is in %v with something outstanding", e.name, s)
	}
	e.checkTimers()
	if int(t.Unread) != len(e.ready) {
		p.failf("%s counts %d unread octets of %d", e.name, t.Unread, len(e.ready))
	}
	if t.held > 0 && (in(CloseWait, Closing, LastAck, TimeWait).Has(s)) {
		p.failf("EV-8e: %s holds text behind the FIN", e.name)
	}
}

// checkTimers checks INV-29 and INV-30.
func (e *end) checkTimers() {
	t, p := &e.tcb, e.p
	s := t.State
	rexmt := t.RexmtAt != 0 && t.timer == timerRexmt
	switch {
	case rexmt && t.SndUna == t.SndNxt:
		p.failf("INV-29: %s retransmits nothing", e.name)
	case s == FinWait2 && t.RexmtAt != 0:
		p.failf("INV-29: %s retransmits in FIN-WAIT-2", e.name)
	case s == TimeWait && len(t.Timers()) != 1:
		p.failf("INV-29: %s runs %v in TIME-WAIT", e.name, t.Timers())
	case s != TimeWait && t.SndUna != t.SndNxt && t.RexmtAt == 0:
		p.failf("%s waits for an ACK without a timer", e.name)
	case t.KeepAt != 0 && (!t.is(flagKeepAlive) || t.SndUna != t.SndNxt):
		p.failf("INV-30: %s would send a keep-alive", e.name)
	}
}

// longest is how long an end may take to close: R2, and TIME-WAIT. R2 in repeats is
// some ten minutes.
func (e *end) longest() time.Duration {
	if e.prof.UserTimeout == 0 {
		return 10*time.Minute + e.prof.TimeWait
	}
	return e.prof.UserTimeout + e.prof.TimeWait
}

// checkEnd checks what must hold when the network has healed and both users
// have closed: INV-14, INV-22 to INV-24, LIV-1.
func (p *pair) checkEnd(closedAt Time) {
	a, b := p.ends[0], p.ends[1]
	for _, e := range p.ends {
		s := e.tcb.State
		left := s == FinWait2 && p.reset // LIV-4, INV-40: no RFC limits FIN-WAIT-2
		if s != Closed && s != Listen && !left {
			p.failf("LIV-1: %s stays in %v", e.name, s)
		}
	}
	if p.reset {
		return
	}
	if limit := closedAt.Add(max(a.longest(), b.longest()) + time.Minute); p.now > limit {
		p.failf("LIV-1: both are closed at %v, %v after the limit", p.now, p.now.Sub(limit))
	}
	if !a.wasTW && !b.wasTW {
		p.failf("INV-14: nobody was in TIME-WAIT")
	}
	if both := a.wasTW && b.wasTW; both != (a.queuedFirst && b.queuedFirst) {
		p.failf("INV-14: in TIME-WAIT %v %v, closed first %v %v", a.wasTW, b.wasTW, a.queuedFirst, b.queuedFirst)
	}
	for _, e := range p.ends {
		// What is on hand when the connection ends can still be read.
		e.receive(len(e.ready))
		if peer := p.ends[1-e.self]; e.read != peer.wrote {
			p.failf("INV-23: %s received %d of %d octets", e.name, e.read, peer.wrote)
		}
	}
}
