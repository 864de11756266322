package fsm

import "time"

// When an ACK may wait, as Linux has it: the delay follows the times between segments,
// and a user that answers what it gets has its answers carry the ACKs (RFC 9293 3.8.6.3
// leaves both open, up to half a second).

// ackDelayMax is the longest delay; the first text sets the profile's.
const ackDelayMax = 200 * time.Millisecond

// minSegment is the least that can be a full segment (RFC 9293 3.7.1: 576 octets of IP
// less the headers), and smallSegment the least that is believed to be one.
const (
	minSegment   = 536
	smallSegment = 88
)

// ackTick is the grain of the clock that delays are measured with.
func (c *Conn) ackTick() time.Duration { return max(c.prof.Tick, time.Millisecond) }

// ackTicks is a time of the machine's as that clock shows it.
func (c *Conn) ackTicks() uint32 { return uint32(time.Duration(c.now) / c.ackTick()) }

func (c *Conn) inTicks(d time.Duration) uint16 { return uint16(min(d/c.ackTick(), 1<<16-1)) }

func (c *Conn) ackDelayMin() uint16 { return c.inTicks(c.prof.DelayedAck) }

// adapt learns from text in order how long its ACK may wait.
func (c *Conn) adapt(seg *Segment) {
	c.measure(seg)
	now := c.ackTicks()
	least := c.ackDelayMin()
	switch gap := now - c.heardAt; {
	case c.ackDelay == 0:
		c.quicken()
		c.ackDelay = least
	case gap <= uint32(least/2):
		c.ackDelay = c.ackDelay/2 + least/2
	case gap < uint32(c.ackDelay):
		c.ackDelay = uint16(min(uint32(c.ackDelay/2)+gap, uint32(c.inTicks(c.RTO))))
	case gap > uint32(c.inTicks(c.RTO)): // the sender may have begun anew, with a small window
		c.quicken()
	}
	c.heardAt = now
}

// measure estimates the peer's full segment: nobody tells how large it is.
func (c *Conn) measure(seg *Segment) {
	if c.ackSegment == 0 {
		c.ackSegment = uint16(max(min(uint32(c.RcvMSS), c.EffSndMSS(), c.offered()/2, minSegment), smallSegment))
	}
	before := c.lastSize
	c.lastSize = 0
	if seg.Len >= c.ackSegment {
		c.ackSegment = min(seg.Len, c.RcvMSS)
		if seg.Flags&PSH != 0 {
			c.set(flagAckPushed, true)
		}
		return
	}
	if seg.Len >= minSegment || seg.Len >= smallSegment && seg.Flags&(PSH|FIN|SYN|URG) == 0 {
		if c.lastSize = seg.Len; seg.Len == before {
			c.ackSegment = seg.Len
			return
		}
	}
	c.set(flagAckPushedTwice, c.is(flagAckPushed))
	c.set(flagAckPushed, true)
}

// quicken has the next segments acknowledged at once: as many as fit half the window, two if
// none does.
func (c *Conn) quicken() {
	n := c.offered() / (2 * uint32(max(c.ackSegment, smallSegment)))
	if n == 0 {
		n = 2
	}
	c.quickAcks = max(c.quickAcks, uint8(min(n, uint32(c.prof.QuickAcks))))
}

// cameAgain has the next segments acknowledged at once, whatever the user does: the peer
// repeats, and an ACK may have been lost.
func (c *Conn) cameAgain(seg *Segment) {
	if !c.prof.AckAdapts || !seg.Seq.Less(c.RcvNxt) || seg.end() == seg.Seq {
		return
	}
	c.quicken()
	c.set(flagAnswers, false)
	c.ackDelay = c.ackDelayMin()
}

// answers notes that text is sent soon after some has come: the next may carry an ACK too.
func (c *Conn) answers() {
	if c.prof.AckAdapts && c.ackTicks()-c.heardAt < uint32(c.ackDelay) {
		c.set(flagAnswers, true)
	}
}

// ackSent notes that an ACK goes, alone or not; waited tells that one was to go.
func (c *Conn) ackSent(waited bool) {
	c.set(flagAckPushed|flagAckPushedTwice, false)
	if !waited || c.quickAcks == 0 {
		return
	}
	if c.quickAcks--; c.quickAcks == 0 {
		c.ackDelay = c.ackDelayMin()
	}
}

// ackMissed notes that an ACK found no company: the user does not answer after all, or
// the next segment comes later than the ACK can wait.
func (c *Conn) ackMissed() {
	switch {
	case !c.prof.AckAdapts:
	case c.is(flagAnswers):
		c.set(flagAnswers, false)
		c.ackDelay = c.ackDelayMin()
	default:
		c.ackDelay = uint16(min(uint32(c.ackDelay)*2, uint32(c.inTicks(c.RTO))))
	}
}

// fullSegmentWaits reports whether more than a full segment has come since the last ACK.
func (c *Conn) fullSegmentWaits() bool {
	return c.RcvNxt.Sub(c.LastAck) > uint32(max(c.ackSegment, smallSegment))
}

// offered is the window as the last ACK had it.
func (c *Conn) offered() uint32 { return c.RcvWnd + c.RcvNxt.Sub(c.LastAck) }

// ackAdapted acknowledges what has come: at once, or later. A full segment hurries it, but
// not where the user has made the buffer smaller than the profile's and the window shrinks.
func (c *Conn) ackAdapted() {
	room := c.RcvBuf >= c.prof.RcvBuf || c.space() >= c.offered()
	if c.fullSegmentWaits() && room || c.quickAcks > 0 && !c.is(flagAnswers) {
		c.wantAck()
		return
	}
	c.ackLater()
}

// ackLater lets an ACK wait for company.
func (c *Conn) ackLater() {
	delay := time.Duration(c.ackDelay) * c.ackTick()
	if delay > c.prof.DelayedAck && c.SRTT > 0 {
		delay = min(delay, max(c.SRTT, c.prof.DelayedAck))
	}
	c.ackIn(min(delay, ackDelayMax))
}

// ackIn lets an ACK wait for a time, or for what is left of the time that one waits already.
func (c *Conn) ackIn(delay time.Duration) {
	at := c.now.Add(delay)
	switch {
	case c.AckAt == 0:
		c.AckAt = at
	case c.AckAt <= c.now.Add(delay/4): // it would go in a moment
		c.wantAck()
	default:
		c.AckAt = min(c.AckAt, at)
	}
}

// readAnswers acknowledges what has come when the user has read it all: one that does not
// answer, or that got a second small segment, may be all that the peer waits for.
func (c *Conn) readAnswers() {
	if !c.prof.AckAdapts || c.AckAt == 0 {
		return
	}
	pushed := c.is(flagAckPushedTwice) || c.is(flagAckPushed) && !c.is(flagAnswers)
	if c.fullSegmentWaits() || pushed && c.Unread == 0 {
		c.wantAck()
	}
}
