package fsm

import "fmt"

// watch checks what must hold of one end alone, whatever arrives and whatever
// the user calls. It remembers what one incarnation has promised.
type watch struct {
	acks   bool // an ACK was emitted
	maxAck Seq  // the highest of them (INV-20)
	fins   bool // a FIN was emitted
	fin    Seq  // its number (INV-04)
	closes bool // the user has called CLOSE (INV-07)
	edges  bool // the end has accepted a window
	edge   Seq  // the furthest right edge of one: it need not be what was offered
}

// check looks at one step: from before to after, with the actions out.
func (w *watch) check(now Time, prof *Profile, ev Event, before, after *TCB, out []Action) error {
	if before.State <= Listen {
		*w = watch{}
	}
	if ev.Kind == EvClose || ev.Kind == EvSet && ev.Param == CloseLater && in(SynSent, SynReceived).Has(before.State) {
		w.closes = true
	}
	at := before.State
	emitted := 0
	for _, a := range out {
		var err error
		switch a.Kind {
		case Enter:
			err = w.entered(a, at)
			at = a.To
			if at == Listen {
				*w = watch{}
			}
		case Emit:
			err = w.emitted(prof, ev, before, after, a)
			if a.Seg.Len == 0 && a.Seg.Flags&(SYN|FIN|RST) == 0 {
				emitted++
			}
		case Fired, Reply, Take, Deliver, Acked, Notify, Drop, Reopen:
		}
		if err != nil {
			return fmt.Errorf("%v in %v: %w", ev.Kind, before.State, err)
		}
	}
	for _, err := range []error{
		checkThat(at == after.State, "a state changes by Enter: %v, not %v", after.State, at),
		// RFC 5681 4.2.
		checkThat(ev.Kind != EvSegment || emitted <= 1, "%d ACKs for one segment", emitted),
		checkNumbers(before, after),
		w.checkClosed(after),
		checkTimers(now, ev, before, after),
		checkDeath(prof, ev, before, after),
	} {
		if err != nil {
			return fmt.Errorf("%v in %v: %w", ev.Kind, before.State, err)
		}
	}
	return nil
}

func checkThat(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// entered checks an edge (INV-10).
func (w *watch) entered(a Action, at State) error {
	switch {
	case a.From != at:
		return fmt.Errorf("an edge from %v in %v", a.From, at)
	case !edges[a.From].Has(a.To):
		return fmt.Errorf("INV-10: %v -> %v", a.From, a.To)
	case !a.Rule.Rule().To.Has(a.To):
		return fmt.Errorf("%v does not say that it enters %v", a.Rule, a.To)
	}
	return nil
}

// emitted checks a segment that is sent: INV-04, INV-05, INV-16 to INV-18, INV-20.
func (w *watch) emitted(prof *Profile, ev Event, before, after *TCB, a Action) error {
	s := a.Seg
	if s.Flags&RST != 0 {
		return checkReset(prof, ev, after, a)
	}
	switch {
	case before.State == Closed && ev.Kind != EvOpen:
		return fmt.Errorf("INV-18: CLOSED sends %v", s)
	case before.State == TimeWait && (s.Flags != ACK || s.Len != 0):
		return fmt.Errorf("INV-18: TIME-WAIT sends %v", s)
	case s.Flags&SYN != 0 && s.Seq != after.ISS:
		return fmt.Errorf("a SYN at %v, not at ISS %v", s.Seq, after.ISS)
	case s.Len > 0 && (s.Seq.LessEq(after.ISS) || after.SndEnd.Less(s.fin())):
		return fmt.Errorf("INV-05: text %v of [%v, %v)", s, after.ISS+1, after.SndEnd)
	case s.Len > max(1, min(after.SndMSS, after.RcvMSS)):
		return fmt.Errorf("MUST-16: text %v", s)
	case s.Flags&FIN != 0 && (!after.FinQueued() || s.fin() != after.SndEnd):
		return fmt.Errorf("INV-05: a FIN at %v, the text ends at %v", s.fin(), after.SndEnd)
	case s.Flags&FIN != 0 && w.fins && w.fin != s.fin():
		return fmt.Errorf("INV-04: a FIN at %v, and before at %v", s.fin(), w.fin)
	}
	if s.Flags&FIN != 0 {
		w.fins, w.fin = true, s.fin()
	}
	if s.Flags&ACK == 0 {
		return nil
	}
	wnd := uint32(s.Wnd)
	if s.Flags&SYN == 0 {
		wnd <<= after.rcvShift
	}
	switch {
	case w.acks && s.Ack.Less(w.maxAck):
		return fmt.Errorf("INV-20: ACK %v after %v", s.Ack, w.maxAck)
	case after.RcvNxt.Less(s.Ack):
		return fmt.Errorf("INV-20: ACK %v of %v", s.Ack, after.RcvNxt)
	case prof.Features&Timestamps != 0 && after.is(flagTimestamps) && s.Has&OptTimestamps == 0:
		return fmt.Errorf("RFC 7323 3.2: no timestamp in %v", s)
	case after.RcvNxt.Add(after.RcvWnd).Less(s.Ack.Add(wnd)):
		return fmt.Errorf("INV-03: %v offers more than %v", s, after.RcvNxt.Add(after.RcvWnd))
	}
	w.acks, w.maxAck = true, s.Ack
	return nil
}

// checkReset checks the form of a reset: INV-16 and INV-17.
func checkReset(prof *Profile, ev Event, after *TCB, a Action) error {
	in, s := ev.Seg, a.Seg
	if prof.SackOnAll {
		s = unreported(s)
	}
	switch {
	case s.Len != 0 || s.Flags&^(RST|ACK) != 0:
		return fmt.Errorf("INV-17: %v", s)
	case ev.Kind != EvSegment || resetsSyn(prof, a):
		want := Segment{Seq: after.SndNxt, Flags: RST}
		if prof.Features&ResetInWindow != 0 {
			want.Seq = minSeq(want.Seq, after.SndUna.Add(after.SndWnd))
		}
		if prof.Features&ResetWithAck != 0 {
			want.Flags, want.Ack = RST|ACK, after.RcvNxt
		}
		return checkThat(s == want, "RS-3: %v, not %v", s, want)
	case in.Flags&RST != 0:
		return fmt.Errorf("INV-16: %v answers %v", s, in)
	case in.Flags&ACK != 0:
		return checkThat(s.Flags == RST && s.Seq == in.Ack, "RS-1: %v answers %v", s, in)
	default:
		return checkThat(s.Flags == RST|ACK && s.Seq == 0 && s.Ack == in.end(), "RS-2: %v answers %v", s, in)
	}
}

// unreported is a segment without its SACK blocks.
func unreported(s Segment) Segment {
	s.Has &^= OptSACK
	s.NSack, s.Sack = 0, [MaxSACKBlocks]Block{}
	return s
}

// resetsSyn reports whether a reset answers a SYN and has the form RS-3 all the same:
// without RFC 5961, where that form has an ACK.
func resetsSyn(prof *Profile, a Action) bool {
	name := a.Rule.String()
	return prof.Features&ResetWithAck != 0 && (name == "syn-exact-reset" || name == "syn-in-window-reset" && prof.Features&RFC5961Syn == 0)
}

// checkNumbers checks INV-01 to INV-03: numbers go forward only.
func checkNumbers(before, after *TCB) error {
	t := after
	if t.State <= Listen {
		return nil
	}
	if t.SndUna.Less(t.ISS) || t.SndNxt.Less(t.SndUna) || t.SndEnd.Add(1).Less(t.SndNxt) ||
		t.SndRtx.Less(t.SndUna) || t.SndNxt.Less(t.SndRtx) {
		return fmt.Errorf("INV-01: ISS %v UNA %v RTX %v NXT %v END %v", t.ISS, t.SndUna, t.SndRtx, t.SndNxt, t.SndEnd)
	}
	if before.State < SynSent || before.ISS != t.ISS {
		return nil
	}
	if t.SndUna.Less(before.SndUna) || t.SndNxt.Less(before.SndNxt) {
		return fmt.Errorf("INV-01: UNA %v to %v, NXT %v to %v", before.SndUna, t.SndUna, before.SndNxt, t.SndNxt)
	}
	if before.State < SynReceived {
		return nil
	}
	edge, was := t.RcvNxt.Add(t.RcvWnd), before.RcvNxt.Add(before.RcvWnd)
	switch {
	case t.RcvNxt.Less(before.RcvNxt):
		return fmt.Errorf("INV-02: RCV.NXT %v to %v", before.RcvNxt, t.RcvNxt)
	case edge.Less(was):
		return fmt.Errorf("INV-03: the right edge %v to %v", was, edge)
	case t.RcvNxt != before.RcvNxt && !finless.Has(before.State) && before.State != SynReceived:
		return fmt.Errorf("INV-02: RCV.NXT %v to %v behind the FIN", before.RcvNxt, t.RcvNxt)
	}
	return nil
}

// accepts notes the right edge of the window that a TCB accepts.
func (w *watch) accepts(prof *Profile, t *TCB) {
	if t.State < SynReceived {
		return
	}
	c := Conn{block: t, features: prof.Features}
	if edge := t.RcvNxt.Add(c.acceptableWnd()); !w.edges || w.edge.Less(edge) {
		w.edges, w.edge = true, edge
	}
}

// checkQueues checks what is remembered of text behind gaps.
func (w *watch) checkQueues(prof *Profile, before *TCB, t *Conn) error {
	w.accepts(prof, before)
	w.accepts(prof, t.block)
	if before.is(flagFinHeld) && t.is(flagFinHeld) && t.RcvFin.Less(t.RcvNxt) {
		return fmt.Errorf("INV-38: RCV.NXT %v has passed the FIN at %v", t.RcvNxt, t.RcvFin)
	}
	for i, h := range t.Held {
		if i >= int(t.held) {
			if h != (Range{}) {
				return fmt.Errorf("a range %v that does not count", h)
			}
			continue
		}
		if !h.Lo.Less(h.Hi) || h.Lo.Less(t.RcvNxt) || w.edges && w.edge.Less(h.Hi) {
			return fmt.Errorf("holds %v at RCV.NXT %v, and accepts up to %v", h, t.RcvNxt, w.edge)
		}
		for _, g := range t.Held[:i] {
			if h.Lo.LessEq(g.Hi) && g.Lo.LessEq(h.Hi) {
				return fmt.Errorf("holds %v and %v apart", g, h)
			}
		}
	}
	last := t.SndUna - 1
	for _, r := range t.Sacked[:t.sacked] {
		if !last.Less(r.Lo) || !r.Lo.Less(r.Hi) || t.SndNxt.Less(r.Hi) {
			return fmt.Errorf("remembers %v of [%v, %v)", t.Sacked[:t.sacked], t.SndUna, t.SndNxt)
		}
		last = r.Hi
	}
	if t.held > 0 && in(CloseWait, Closing, LastAck, TimeWait).Has(t.State) {
		return fmt.Errorf("EV-8e: holds %v behind the FIN", t.Held[:t.held])
	}
	return nil
}

// checkClosed checks INV-07 and INV-09.
func (w *watch) checkClosed(t *TCB) error {
	if closedOurs.Has(t.State) && !w.closes {
		return fmt.Errorf("INV-07: %v without CLOSE", t.State)
	}
	if in(FinWait2, TimeWait).Has(t.State) && (t.SndUna != t.SndNxt || t.SndUna != t.SndEnd+1 || !t.FinAcked()) {
		return fmt.Errorf("INV-09: %v with UNA %v, NXT %v, END %v", t.State, t.SndUna, t.SndNxt, t.SndEnd)
	}
	return nil
}

// checkTimers checks INV-29 and INV-30, and that a timeout goes somewhere.
func checkTimers(now Time, ev Event, before, after *TCB) error {
	t := after
	runs := t.Timers()
	var err error
	switch {
	case t.State <= Listen:
		err = checkThat(len(runs) == 0, "INV-29: %v runs %v", t.State, runs)
	case t.State == TimeWait:
		err = checkThat(len(runs) == 1 && t.WaitAt != 0, "INV-29: TIME-WAIT runs %v", runs)
	case t.State == FinWait2 && t.RexmtAt != 0:
		err = fmt.Errorf("INV-29: FIN-WAIT-2 runs %v", runs)
	case t.RexmtAt != 0 && t.timer == timerRexmt && t.SndUna == t.SndNxt:
		err = fmt.Errorf("INV-29: a retransmission timer for nothing")
	case t.RexmtAt == 0 && t.SndUna != t.SndNxt:
		err = fmt.Errorf("RFC 6298 5.1: no timer for [%v, %v)", t.SndUna, t.SndNxt)
	case t.KeepAt != 0 && (!t.is(flagKeepAlive) || t.SndUna != t.SndNxt):
		err = fmt.Errorf("INV-30: a keep-alive timer, flags %b", t.flags)
	}
	if err != nil || ev.Kind != EvTick || before.earliest() > now {
		return err
	}
	if t.earliest() < now {
		return fmt.Errorf("the deadline %v lies in the past after a Tick at %v: %v", t.earliest(), now, runs)
	}
	return checkThat(*before != *after, "a Tick at the deadline changes nothing: %v", runs)
}

// checkDeath checks INV-31 and INV-32: which segments end a connection.
func checkDeath(prof *Profile, ev Event, before, after *TCB) error {
	if ev.Kind != EvSegment || !before.State.Synchronized() || after.State != Closed {
		return nil
	}
	s, f := ev.Seg, prof.Features
	exact := before.RcvNxt
	if f&ResetAtLastAck != 0 {
		exact = before.LastAck
	}
	belowFin := f&(ResetBelowFin|ResetAtLastAck) == ResetBelowFin && s.Seq == before.RcvNxt-1 && in(CloseWait, Closing, LastAck).Has(before.State)
	edge := before.RcvNxt.Add(before.RcvWnd)
	overlaps := before.RcvNxt.Less(s.end()) && s.Seq.Less(edge)
	alone := f&FinWait2Alone != 0 && before.State == FinWait2 && before.is(flagDetached) && // EV-8f
		(s.Seq == before.RcvNxt || overlaps || s.Seq == edge && s.end() == edge)
	atSack := prof.ResetAtSack && before.is(flagSACK) && before.Holding()
	switch {
	case s.Flags&RST != 0 && f&RFC5961Reset != 0 && s.Seq != exact && !belowFin && !alone && !atSack:
		return fmt.Errorf("INV-31: %v ends a connection at %v", s, exact)
	case s.Flags&(SYN|RST) == SYN && f&RFC5961Syn != 0 && before.State != TimeWait && !alone && (f&SynExactReset == 0 || s.Seq != before.RcvNxt):
		return fmt.Errorf("INV-32: %v ends a connection", s)
	}
	return nil
}
