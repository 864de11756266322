package fsm

import (
	"math"
	"time"
)

// usable is the usable window U (RFC 9293 3.8.6.2.1): 0 if the peer has shrunk
// its window (MUST-34).
func (c *Conn) usable(from Seq) uint32 {
	edge := c.SndUna.Add(c.SndWnd)
	if edge.Less(from) {
		return 0
	}
	return edge.Sub(from)
}

// sendAll sends all the text, and the FIN, that may be sent now.
func (c *Conn) sendAll(override bool) {
	for c.sendAgain() || c.sendNew(override) {
	}
	c.endBurst()
}

// endBurst pushes the last of full segments that leave together, where the profile has it
// so.
func (c *Conn) endBurst() {
	if c.burst > 1 {
		for i := len(c.out) - 1; i >= 0; i-- {
			if c.out[i].Kind == Emit {
				c.out[i].Seg.Flags |= PSH
				break
			}
		}
	}
	c.burst = 0
}

// burstLimit is how many segments leave together: what is sent in a 1,024th of a second at
// the rate that the congestion window stands for, at least two.
func (c *Conn) burstLimit() int {
	if c.SRTT == 0 {
		return math.MaxInt
	}
	rate := time.Duration(min(c.Cwnd, 1<<24)) * time.Second / c.SRTT * 2 / 1024
	if tiny := uint(c.SRTT / (512 * time.Microsecond)); tiny < 16 {
		rate += 65536 >> tiny
	}
	return max(int(rate)/int(c.EffSndMSS()), 2)
}

// sendAgain sends the next segment of what is to be sent again.
func (c *Conn) sendAgain() bool {
	seq, to, ok := c.again()
	if !ok {
		if !c.is(flagRecovery) {
			c.SndRtx = c.SndNxt
		}
		return false
	}
	if to == c.SndNxt && !c.prof.RepeatsAsSent { // new text may follow what is repeated in one segment
		to = maxSeq(to, c.SndEnd)
	}
	n := min(minSeq(to, c.SndEnd).Sub(minSeq(seq, c.SndEnd)), c.usable(seq), c.EffSndMSS())
	n, whole := c.asSent(seq, n)
	fin := whole && c.is(flagFinQueued) && seq.Add(n) == c.SndEnd && (c.SndEnd.Less(to) || !c.FinSent()) && c.usable(seq) > n
	if n == 0 && !fin || !c.fits(n) {
		return false
	}
	c.SndRtx = seq
	c.sendText(seq, n, fin)
	return true
}

// sendFirstAgain repeats the first segment that is not acknowledged (RFC 5681
// 3.2 step 3).
func (c *Conn) sendFirstAgain() {
	next := c.SndRtx
	seq, to := c.hole(c.textUna())
	n := min(minSeq(to, c.SndEnd).Sub(minSeq(seq, c.SndEnd)), c.EffSndMSS())
	n, whole := c.asSent(seq, n)
	fin := whole && c.FinSent() && seq.Add(n) == c.SndEnd && c.SndEnd.Less(to)
	if n == 0 && !fin {
		return
	}
	c.SndRtx = seq
	c.sendText(seq, n, fin)
	if !c.is(flagSACK) || c.sacked == 0 {
		c.SndRtx = next
	}
}

// asSent keeps n octets that are repeated from seq on apart from what was not sent with
// them, where the profile has it so, as far as is known: what was sent last begins at
// SndTail. It reports whether a FIN may follow.
func (c *Conn) asSent(seq Seq, n uint32) (uint32, bool) {
	if !c.prof.RepeatsAsSent {
		return n, true
	}
	end := minSeq(c.SndNxt, c.SndEnd)
	if seq.Less(c.SndTail) && c.SndTail.Less(seq.Add(n)) && end.Sub(seq) > c.EffSndMSS() {
		n = c.SndTail.Sub(seq)
	}
	return n, c.FinSent() && n < c.EffSndMSS()
}

// sendNew sends one segment of what has never been sent, if the window, the
// congestion window, silly window avoidance and the Nagle algorithm let it go.
func (c *Conn) sendNew(override bool) bool {
	return c.sendNext(override, false)
}

// sendNext is sendNew; as a probe, whatever the congestion window (RFC 8985 7.3).
func (c *Conn) sendNext(override, probe bool) bool {
	if _, _, ok := c.again(); ok {
		return false
	}
	c.restartIdle()
	d, u := c.Unsent(), c.usable(c.SndNxt)
	n := min(d, u, c.EffSndMSS())
	fin := c.finWaits() && n == d && u > n
	if n == 0 && !fin || !probe && !c.fits(n) {
		return false
	}
	if n > 0 && !fin && !override && !c.worthSending(n, d) {
		return false
	}
	full := n == c.EffSndMSS()
	c.tailDone()
	c.sendText(c.SndNxt, n, fin)
	if n > 0 && !full {
		c.SndSmall = c.SndNxt
	}
	c.filled = full
	if c.prof.PushBursts {
		if c.burst++; c.burst >= c.burstLimit() || !full {
			c.endBurst()
		}
	}
	if override && !probe && c.prof.OverrideByRTO {
		c.out[len(c.out)-1].Seg.Flags |= PSH
		c.set(flagTailProbed, true) // it is a probe itself; what is sent next is none
		c.TailEnd = c.SndUna
	}
	return true
}

// worthSending decides whether n of d octets that wait are worth a segment (RFC
// 9293 3.8.6.2.1, with the condition of the Nagle algorithm, 3.7.4).
func (c *Conn) worthSending(n, d uint32) bool {
	closing := c.finWaits() || c.is(flagClosePending) // CLOSE implies PUSH (RFC 9293 3.9.1.4)
	pushed := closing || (c.SndEnd.LessEq(c.SndPush) || c.prof.MoreOnce && c.looksAgain()) && !c.is(flagCork)
	switch {
	case n == c.EffSndMSS(): // (1)
		return true
	case c.prof.WholeSegments && n < d && n < c.EffSndMSS() && !c.filled:
		return false
	case closing && n == d: // nothing follows that could fill the segment
		return true
	case c.features&SillyWindow == 0:
		return pushed
	case c.features&Nagle != 0 && c.SndUna != c.SndNxt && !c.is(flagNoDelay) && (!c.prof.Minshall || c.SndUna.Less(c.SndSmall)):
		return false
	case pushed && n == d, c.prof.WholeSegments && c.filled && n < d: // (2), or what a window leaves behind full segments
		return true
	default: // (3)
		return n >= c.MaxWnd/2 && (closing || !c.is(flagCork))
	}
}

// looksAgain reports whether the segment that has come makes the sender look at its queue:
// all but one with text in order alone, which acknowledges nothing new.
func (c *Conn) looksAgain() bool {
	seg := &c.ev.Seg
	return c.ev.Kind == EvSegment && (seg.Len == 0 || seg.Flags&FIN != 0 || c.advanced || c.Holding())
}

// probe sends what lies just beyond a closed window, to learn whether it has
// opened: the first octet that is not acknowledged, or the FIN (RFC 9293
// 3.8.6.1).
func (c *Conn) probe() {
	if c.features&ProbeOldNumber != 0 {
		c.sendAckAt(c.SndUna - 1)
		return
	}
	n := uint32(1)
	if c.SndUna == c.SndEnd {
		n = 0
	}
	c.sendText(c.SndUna, n, n == 0)
	c.SndRtx = c.SndNxt // nothing more goes until the window opens
}
