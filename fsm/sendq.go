package fsm

// start sets the send variables for a connection that begins with iss. The SYN
// takes the first number (RFC 9293 3.4).
func (c *Conn) start(iss Seq) {
	c.ISS = iss
	c.SndUna, c.SndNxt = iss, iss+1
	c.SndEnd, c.SndRtx, c.SndPush = c.SndNxt, c.SndNxt, c.SndNxt
	c.Recover, c.SndSmall, c.SndTail = iss, iss, iss
	c.Cwnd, c.Ssthresh = noLimit, noLimit
	c.FirstAt = c.now
	c.set(flagSynOut, true)
}

// noLimit is a window that limits nothing: half the sequence space.
const noLimit = 1 << 31

// restart forgets a connection that is over or comes to nothing, and keeps what
// the user has set.
func (c *Conn) restart() {
	old := *c.block
	c.Init(c.prof, old.RcvMSS, old.is(flagIPv6))
	*c.notes = Notes{}
	c.State = old.State
	c.RcvBuf, c.SndBuf = old.RcvBuf, old.SndBuf
	c.UserTimeout, c.KeepIdle, c.KeepInterval, c.keepCount, c.FinWait2 =
		old.UserTimeout, old.KeepIdle, old.KeepInterval, old.keepCount, old.FinWait2
	c.flags |= old.flags & (flagNoDelay | flagCork | flagKeepAlive | flagNoOptions)
}

// enqueue takes octets of a SEND call, as many as there is room for, and
// answers the call. The push reaches as far as the octets do.
func (c *Conn) enqueue() {
	n := min(c.ev.N, c.Room())
	if n == 0 && c.ev.N > 0 {
		c.reply(Resources, 0)
		return
	}
	c.SndEnd = c.SndEnd.Add(n)
	if c.ev.Push || n < c.ev.N {
		c.SndPush = c.SndEnd
	}
	if c.ev.Urgent && n == c.ev.N {
		// MUST-62: the pointer names the octet after the urgent data.
		c.SndUp = c.SndEnd
		c.set(flagSndUrgent, true)
	}
	c.reply(OK, n)
	c.wantOutput()
}

// queueFin carries out CLOSE: the FIN follows the last octet of the queue, and
// implies PUSH (RFC 9293 3.9.1.4).
func (c *Conn) queueFin() {
	c.set(flagFinQueued, true)
	c.set(flagClosePending, false)
	c.push()
	c.wantOutput()
}

// push marks all text as pushed, as CLOSE implies (RFC 9293 3.9.1.4).
func (c *Conn) push() {
	if !c.prof.MoreOnce {
		c.SndPush = c.SndEnd
	}
}

// finWaits reports whether our FIN is queued and has not been sent.
func (c *Conn) finWaits() bool { return c.is(flagFinQueued) && !c.FinSent() }

// acknowledge takes an acceptable SEG.ACK: numbers before it leave the
// retransmission queue, and the timers that wait for it start afresh.
func (c *Conn) acknowledge(ack Seq) {
	textUna := c.textUna()
	part := uint32(0) // of the last segment, if no other was outstanding
	if c.SndTail.LessEq(textUna) && c.SndTail.Less(ack) && ack.Less(c.SndNxt) {
		part = ack.Sub(textUna)
	}
	c.SndUna = ack
	c.set(flagSynOut, false)
	c.advanced = true
	if n := minSeq(ack, c.SndEnd); textUna.Less(n) {
		a := c.act(Acked)
		a.Seq, a.N = textUna, n.Sub(textUna)
	}
	c.SndRtx = maxSeq(c.SndRtx, ack)
	if c.is(flagSndUrgent) && c.SndUp.LessEq(ack) {
		c.set(flagSndUrgent, false)
		c.SndUp = 0
	}
	if c.is(flagTiming) && c.RttSeq.LessEq(ack) {
		c.set(flagTiming, false)
		c.measured(c.now.Sub(c.RttAt))
	}
	c.dropSacked()
	c.retries = 0
	c.set(flagR1, false)
	c.FirstAt = c.now
	c.SndSmall = maxSeq(c.SndSmall, ack)
	c.UserAt = 0
	if !c.prof.RepeatsAsSent || part == 0 { // RFC 6298 5.2 and 5.3; armTimers starts it again
		c.RexmtAt = 0
	}
}

// sackArrived notes the SACK blocks of a segment (RFC 2018 5). Blocks that do
// not lie in what is sent and not acknowledged are passed over, a D-SACK among
// them (RFC 2883 4).
func (c *Conn) sackArrived(seg *Segment) {
	if seg.Has&OptSACK == 0 || !c.is(flagSACK) {
		return
	}
	for _, b := range seg.Sack[:seg.NSack] {
		if c.reportable(b) {
			c.addSacked(b)
		}
	}
}

// reportable reports whether a SACK block lies in what is sent and not
// acknowledged, behind a gap. The distances from SND.UNA are compared: a block
// from half the sequence space away is neither before nor after anything.
func (c *Conn) reportable(b Range) bool {
	lo, hi := b.Lo.Sub(c.SndUna), b.Hi.Sub(c.SndUna)
	return 0 < lo && lo < hi && hi <= c.Unacked()
}

// reportsNew reports whether a segment's SACK blocks tell of something that was
// not reported before.
func (c *Conn) reportsNew(seg *Segment) bool {
	if seg.Has&OptSACK == 0 {
		return false
	}
	for _, b := range seg.Sack[:seg.NSack] {
		if c.reportable(b) && c.sackedIn(b.Lo, b.Hi) < b.Hi.Sub(b.Lo) {
			return true
		}
	}
	return false
}

// addSacked joins b to the ranges in Sacked, which are in order and apart. If
// there is no room, the highest is forgotten: it is then sent again in vain.
func (c *Conn) addSacked(b Range) {
	var merged [MaxSacked + 1]Range
	n := 0
	placed := false
	for _, r := range c.Sacked[:c.sacked] {
		switch {
		case r.Hi.Less(b.Lo):
			merged[n] = r
			n++
		case b.Hi.Less(r.Lo):
			if !placed {
				merged[n] = b
				n++
				placed = true
			}
			merged[n] = r
			n++
		default:
			b = Range{minSeq(b.Lo, r.Lo), maxSeq(b.Hi, r.Hi)}
		}
	}
	if !placed {
		merged[n] = b
		n++
	}
	c.Sacked = [MaxSacked]Range{}
	c.sacked = uint8(copy(c.Sacked[:], merged[:n]))
}

// dropSacked forgets what SND.UNA has reached.
func (c *Conn) dropSacked() {
	if c.sacked == 0 {
		return
	}
	n := 0
	for _, r := range c.Sacked[:c.sacked] {
		if c.SndUna.Less(r.Hi) {
			c.Sacked[n] = Range{maxSeq(r.Lo, c.SndUna), r.Hi}
			n++
		}
	}
	clear(c.Sacked[n:])
	c.sacked = uint8(n)
}

// sackedIn is how many numbers of [lo, hi) the peer has reported.
func (c *Conn) sackedIn(lo, hi Seq) uint32 {
	n := uint32(0)
	for _, r := range c.Sacked[:c.sacked] {
		if a, b := maxSeq(lo, r.Lo), minSeq(hi, r.Hi); a.Less(b) {
			n += b.Sub(a)
		}
	}
	return n
}

// highSacked is the end of the highest range that the peer has reported, or SND.UNA.
func (c *Conn) highSacked() Seq {
	if c.sacked == 0 {
		return c.SndUna
	}
	return c.Sacked[c.sacked-1].Hi
}

// hole gives the first number at or after seq that the peer has not reported,
// and where the next range that it has reported begins, or SND.NXT.
func (c *Conn) hole(seq Seq) (from, to Seq) {
	to = c.SndNxt
	for _, r := range c.Sacked[:c.sacked] {
		if seq.Less(r.Lo) {
			return seq, r.Lo
		}
		seq = maxSeq(seq, r.Hi)
	}
	return seq, to
}
