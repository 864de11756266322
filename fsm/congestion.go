package fsm

// openWindow sets the congestion window when the handshake is over (RFC 6928 2).
// A SYN that had to be repeated leaves one segment (RFC 5681 3.1), and an RTO of
// three seconds (RFC 6298 5.7).
func (c *Conn) openWindow() {
	c.retries = 0
	if c.is(flagSynRepeated) && c.prof.RTOAfterSyn > 0 {
		c.RTO = c.prof.RTOAfterSyn
	}
	if c.features&CongestionControl == 0 {
		return
	}
	mss := c.EffSndMSS()
	c.Cwnd = min(uint32(c.prof.InitialWindow)*mss, max(2*mss, 14600))
	if c.is(flagSynRepeated) {
		c.Cwnd = mss
	}
}

// pipe estimates how many octets are in the network: sent, and neither
// acknowledged, reported, nor held for lost (RFC 6675 4).
func (c *Conn) pipe() uint32 {
	n := c.SndRtx.Sub(c.SndUna) - c.sackedIn(c.SndUna, c.SndRtx)
	if end := c.lostEnd(); end.Less(c.SndNxt) {
		n += c.SndNxt.Sub(end) - c.sackedIn(end, c.SndNxt)
	}
	return n
}

// lostEnd is where what is to be sent again ends: after an expiry of the RTO
// all that was sent is held for lost, in fast recovery only what lies below
// something that the peer has reported.
func (c *Conn) lostEnd() Seq {
	if c.is(flagRecovery) && c.sacked > 0 {
		return maxSeq(c.highSacked(), c.SndRtx)
	}
	return c.SndNxt
}

// flightSize is what is sent and not acknowledged (RFC 5681 2).
func (c *Conn) flightSize() uint32 { return c.SndNxt.Sub(c.SndUna) }

// allowed is how many octets may be in the network now. The first two duplicate
// ACKs let one new segment go each (RFC 5681 3.2 step 1, limited transmit).
func (c *Conn) allowed() uint32 {
	if c.dupAcks > 0 && c.dupAcks < 3 && !c.is(flagRecovery) && c.Cwnd < noLimit {
		return c.Cwnd + uint32(c.dupAcks)*c.EffSndMSS()
	}
	return c.Cwnd
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

// thirdDuplicate begins fast recovery (RFC 5681 3.2, RFC 6582 3.2 step 2).
func (c *Conn) thirdDuplicate() {
	mss := c.EffSndMSS()
	c.Ssthresh = max(c.flightSize()/2, 2*mss)
	c.Recover = c.SndNxt
	c.set(flagRecovery, true)
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
	c.SndRtx = c.SndUna
	c.sacked, c.Sacked = 0, [MaxSacked]Range{}
	c.dupAcks = 0
	c.set(flagRecovery, false)
	c.Recover = c.SndNxt
	if c.features&CongestionControl == 0 {
		return
	}
	if c.retries == 1 { // the first expiry for this segment
		c.Ssthresh = max(c.flightSize()/2, 2*c.EffSndMSS())
	}
	c.Cwnd = c.EffSndMSS()
}
