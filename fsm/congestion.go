package fsm

// openWindow sets the congestion window when the handshake is over (RFC 6928 2).
// A SYN that had to be repeated leaves one segment (RFC 5681 3.1), and an RTO of
// three seconds (RFC 6298 5.7).
func (c *Conn) openWindow() {
	c.retries = 0
	if c.prof.OpenTimeout > 0 {
		c.UserAt = 0
	}
	c.roundBuffer()
	if c.is(flagSynRepeated) && c.prof.RTOAfterSyn > 0 {
		c.RTO = c.prof.RTOAfterSyn
	}
	if c.features&CongestionControl == 0 {
		return
	}
	c.Cwnd = c.initialWindow()
}

func (c *Conn) initialWindow() uint32 {
	mss := c.EffSndMSS()
	if c.is(flagSynRepeated) {
		return mss
	}
	n := uint32(c.prof.InitialWindow) * mss
	if limit := c.prof.InitialOctets; limit > 0 {
		n = min(n, max(2*mss, limit))
	}
	return n
}

// pipe estimates how many octets are in the network: what was sent again, and
// what was sent once and is neither acknowledged, reported, nor held for lost (RFC
// 6675 4, SetPipe).
func (c *Conn) pipe() uint32 {
	n := c.SndRtx.Sub(c.SndUna) - c.sackedIn(c.SndUna, c.SndRtx)
	if end := c.lostEnd(); end.Less(c.SndNxt) {
		n += c.SndNxt.Sub(end) - c.sackedIn(end, c.SndNxt)
	}
	return n
}

// lostEnd is where what is held for lost ends: after an expiry of the RTO all that
// was sent is; in fast recovery what lies below enough that the peer has reported
// (RFC 6675 4, IsLost).
func (c *Conn) lostEnd() Seq {
	if !c.is(flagRecovery) || c.sacked == 0 {
		return c.SndNxt
	}
	octets, above := uint32(0), 2*c.EffSndMSS()
	for i := c.sacked; i > 0; i-- {
		r := c.Sacked[i-1]
		if octets += r.Hi.Sub(r.Lo); octets > above || c.sacked-i+1 >= 3 {
			return r.Lo
		}
	}
	return c.SndUna
}

// again gives what is to be sent again next, [seq, to), if there is something
// (RFC 6675 4, NextSeg): what is held for lost, and when there is nothing new to
// send, what lies below anything reported.
func (c *Conn) again() (seq, to Seq, ok bool) {
	if c.SndRtx == c.SndNxt {
		return 0, 0, false
	}
	seq, to = c.hole(c.SndRtx)
	end := c.lostEnd()
	if c.sacked > 0 && c.Unsent() == 0 && !c.finWaits() {
		end = maxSeq(end, c.highSacked())
	}
	return seq, to, seq.Less(end)
}

// flightSize is what is sent and not acknowledged (RFC 5681 2).
func (c *Conn) flightSize() uint32 { return c.SndNxt.Sub(c.SndUna) }

// mayRecover reports whether fast recovery may begin: not for what was lost in
// the last one, nor before the RTO expired (RFC 6582 3.2 steps 2 and 4, RFC 6675
// 5.1).
//
// Where segments are counted, duplicates stand for segments that have arrived: three of
// them, where no more than three are outstanding, are of the network's making.
func (c *Conn) mayRecover() bool {
	if c.is(flagSACK) {
		return c.Recover.LessEq(c.SndUna)
	}
	if mss := c.EffSndMSS(); c.prof.CwndInSegments && (c.flightSize()+mss-1)/mss <= 3 {
		return false
	}
	return c.Recover.Less(c.SndUna)
}

// reportedLost is IsLost (RFC 6675 4) of SND.UNA: three ranges beyond it, or more
// than two segments' worth, have been reported.
func (c *Conn) reportedLost() bool {
	return c.sacked >= 3 || c.sackedIn(c.SndUna, c.SndNxt) > 2*c.EffSndMSS()
}

// allowed is how many octets may be in the network now. The first two duplicate
// ACKs let one segment of new text go each (RFC 5681 3.2 step 1, limited
// transmit).
func (c *Conn) allowed() uint32 {
	if c.dupAcks > 0 && c.dupAcks < 3 && !c.is(flagRecovery) && c.Cwnd < noLimit && c.SndRtx == c.SndNxt {
		return c.Cwnd + uint32(c.dupAcks)*c.EffSndMSS()
	}
	return c.Cwnd
}

// fits reports whether n octets more, or a FIN alone, may be in the network now.
func (c *Conn) fits(n uint32) bool {
	if !c.prof.CwndInSegments {
		return n == 0 || c.pipe()+n <= c.allowed()
	}
	mss := c.EffSndMSS()
	return (c.pipe()+mss-1)/mss < max(c.allowed()/mss, 1)
}

// grow opens the congestion window for n octets newly acknowledged: slow start
// below the threshold (RFC 5681 3.1 equation 2), else congestion avoidance
// (equation 3).
func (c *Conn) grow(n uint32) {
	if c.features&CongestionControl == 0 {
		return
	}
	mss := c.EffSndMSS()
	if c.Cwnd < c.Ssthresh {
		c.Cwnd += min(n, mss)
	} else {
		c.Cwnd += max(mss*mss/c.Cwnd, 1)
	}
	c.Cwnd = min(c.Cwnd, noLimit)
}

// newAck adjusts the congestion window to an ACK of n new octets, in fast
// recovery or out of it.
func (c *Conn) newAck(n uint32) {
	c.tailDone()
	c.dupAcks = 0
	switch {
	case !c.is(flagRecovery):
		c.grow(n)
	case c.Recover.LessEq(c.SndUna): // a full acknowledgment: RFC 6582 3.2 step 3
		c.set(flagRecovery, false)
		c.Cwnd = min(c.Ssthresh, max(c.flightSize(), c.EffSndMSS())+c.EffSndMSS())
		c.SndRtx = c.SndNxt
	case c.is(flagSACK): // a partial one: RFC 6675 5 goes on from the next hole
	default: // RFC 6582 3.2 step 3: the next segment is lost too
		c.sendFirstAgain()
		c.Cwnd -= min(n, c.Cwnd)
		if n >= c.EffSndMSS() {
			c.Cwnd += c.EffSndMSS()
		}
	}
}

// restartIdle slowly again after an idle time (RFC 5681 4.1): the old window
// says nothing of the network of now. All that was sent has been acknowledged, at
// FirstAt at the latest.
func (c *Conn) restartIdle() {
	if c.SndUna == c.SndNxt && c.features&CongestionControl != 0 && c.now.Sub(c.FirstAt) > c.RTO {
		c.Cwnd = min(c.Cwnd, c.initialWindow())
	}
}

// recover begins fast recovery (RFC 5681 3.2, RFC 6582 3.2 step 2, RFC 6675 5
// step 4). What limited transmit sent beyond cwnd is not part of FlightSize.
func (c *Conn) recover() {
	mss := c.EffSndMSS()
	c.Ssthresh = max(min(c.flightSize(), c.Cwnd)/2, 2*mss)
	c.Recover = c.SndNxt
	c.set(flagRecovery, true)
	c.wantOutput()
	c.sendFirstAgain()
	if c.is(flagSACK) && c.sacked > 0 {
		c.Cwnd = c.Ssthresh // RFC 6675 5 counts the pipe instead of inflating
		return
	}
	c.Cwnd = c.Ssthresh + 3*mss
}

// duplicate counts a duplicate ACK. In fast recovery each one tells that a
// segment has left the network (RFC 5681 3.2 step 4).
func (c *Conn) duplicate() {
	c.dupAcks = min(c.dupAcks, 254) + 1
	if c.is(flagRecovery) && (!c.is(flagSACK) || c.sacked == 0) {
		c.Cwnd = min(c.Cwnd+c.EffSndMSS(), noLimit)
	}
	c.wantOutput()
}

// lost makes everything that is sent and not acknowledged to be sent again,
// slowly, after an expiry of the RTO (RFC 5681 3.1 equation 4, RFC 6298 5.4).
// What the peer reported may be gone (RFC 2018 8).
func (c *Conn) lost() {
	c.SndRtx = c.textUna()
	c.sacked, c.Sacked = 0, [MaxSacked]Range{}
	c.dupAcks = 0
	c.set(flagRecovery|flagTailProbed, false)
	c.TailEnd = 0
	c.Recover = c.SndNxt
	if c.features&CongestionControl == 0 {
		return
	}
	if c.retries == 1 { // the first expiry for this segment
		c.Ssthresh = max(c.flightSize()/2, 2*c.EffSndMSS())
	}
	c.Cwnd = c.EffSndMSS()
}
