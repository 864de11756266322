package fsm

import (
	"math"
	"math/bits"
	"time"
)

// defaultMSS is what a peer without an MSS option is taken to accept (RFC 9293 MUST-15).
func (c *Conn) defaultMSS() uint16 {
	if c.is(flagIPv6) {
		return 1220
	}
	return 536
}

// negotiate takes the options of a SYN. An option is in use if both ends know it.
func (c *Conn) negotiate(seg *Segment) {
	c.SndMSS = c.defaultMSS()
	if seg.Has&OptMSS != 0 {
		c.SndMSS = seg.MSS
	}
	knows := c.features
	if c.is(flagNoOptions) {
		knows = 0
	}
	c.set(flagTimestamps, knows&Timestamps != 0 && seg.Has&OptTimestamps != 0)
	if c.is(flagTimestamps) {
		c.TSRecent, c.TSRecentAt = seg.TSVal, c.now
	}
	c.set(flagSACK, knows&SACK != 0 && seg.Has&OptSACKPermitted != 0)
	c.sndShift, c.rcvShift = 0, 0
	c.set(flagWindowScale, knows&WindowScale != 0 && seg.Has&OptWindowScale != 0)
	if c.is(flagWindowScale) {
		c.sndShift = min(seg.WScale, 14) // RFC 7323 2.3
		if c.rcvShift = c.offeredShift(); c.State == SynSent {
			c.rcvShift = c.synShift // whatever the user has asked for since
		}
	}
}

// offeredShift is the shift count that our SYN offers (RFC 7323 2.2): a large one
// would leave nothing of the window of a small buffer.
func (c *Conn) offeredShift() uint8 {
	shift := c.prof.WScale
	if !c.prof.ScaleByBuffer || c.RcvBuf >= c.prof.RcvBuf {
		return shift
	}
	return min(shift, uint8(max(bits.Len32(c.RcvBuf), 16)-16))
}

// window is SEG.WND in octets. The window of a SYN is not scaled (RFC 7323 2.2).
func (c *Conn) window(seg *Segment) uint32 {
	if seg.Flags&SYN != 0 {
		return uint32(seg.Wnd)
	}
	return uint32(seg.Wnd) << c.sndShift
}

// setWindow makes SND.WND that of the segment.
func (c *Conn) setWindow(seg *Segment) {
	c.SndWnd = c.window(seg)
	c.SndWl1, c.SndWl2 = seg.Seq, seg.Ack
	c.MaxWnd = max(c.MaxWnd, c.SndWnd)
}

// tsNow is the timestamp clock (RFC 7323 5.4).
func (c *Conn) tsNow() uint32 { return uint32(int64(c.now) / int64(c.prof.TimestampTick)) }

// sendSyn sends our SYN, alone or with an ACK. An answer to a SYN carries only
// the options that came with it.
func (c *Conn) sendSyn() {
	if !c.is(flagSynRepeated) {
		c.timeFrom(c.ISS + 1)
	}
	seg := c.put(Own)
	seg.Seq, seg.Flags = c.ISS, SYN
	if c.is(flagNoOptions) {
		c.dress(seg)
		return
	}
	seg.Has, seg.MSS = OptMSS, c.RcvMSS
	ts, sack, scale := c.features&Timestamps != 0, c.features&SACK != 0, c.features&WindowScale != 0
	if c.State != SynSent {
		seg.Flags |= ACK
		ts, sack, scale = c.is(flagTimestamps), c.is(flagSACK), c.is(flagWindowScale)
	}
	if ts {
		seg.Has |= OptTimestamps
	}
	if sack {
		seg.Has |= OptSACKPermitted
	}
	if scale {
		seg.Has |= OptWindowScale
		switch {
		case c.State != SynSent:
			seg.WScale = c.rcvShift
		case c.is(flagSynRepeated):
			seg.WScale = c.synShift
		default:
			seg.WScale = c.offeredShift()
			c.synShift = seg.WScale
		}
	}
	c.dress(seg)
}

// sendText sends n octets of text from seq on, and the FIN behind them if fin.
func (c *Conn) sendText(seq Seq, n uint32, fin bool) {
	c.segment(seq, n, fin)
	end := seq.Add(n)
	if fin {
		end++
	}
	c.sent(seq, end)
}

// segment hands out a segment with n octets of text from seq on, none for an
// ACK, and the FIN behind them if fin.
func (c *Conn) segment(seq Seq, n uint32, fin bool) {
	seg := c.put(Own)
	seg.Seq, seg.Len, seg.Flags = seq, uint16(n), ACK
	again := c.prof.RepeatsAsSent && seq.Less(c.SndNxt) && n < c.EffSndMSS() // it was pushed before
	if n > 0 {
		c.answers()
	}
	if n > 0 && (seq.Add(n) == c.SndEnd && c.SndEnd.LessEq(c.SndPush) || again) {
		seg.Flags |= PSH // MUST-61: the last of what is buffered
	}
	if fin {
		seg.Flags |= FIN
	}
	if c.is(flagSndUrgent) && seq.Less(c.SndUp) {
		seg.Flags |= URG
		seg.Up = uint16(min(c.SndUp.Sub(seq), 65535))
	}
	c.dress(seg)
}

// sent notes that the numbers [seq, end) are in the network.
func (c *Conn) sent(seq, end Seq) {
	if seq == c.SndNxt {
		c.SndTail = seq
		if c.timer == timerProbe { // it counts from the last
			c.RexmtAt = 0
		}
		c.timeFrom(end)
		if c.SndUna == c.SndNxt {
			c.FirstAt = c.now
		}
	} else {
		c.set(flagTiming, false) // Karn's algorithm: the answer would be ambiguous
	}
	if seq == c.SndRtx {
		c.SndRtx = end
	}
	c.SndNxt = maxSeq(c.SndNxt, end)
}

// dress gives a segment what every one of the connection carries: the window,
// the ACK and the options.
func (c *Conn) dress(seg *Segment) {
	seg.Layout = c.prof.Layout
	seg.Wnd = c.offer(seg.Flags&SYN != 0)
	if seg.Flags&SYN == 0 && c.is(flagTimestamps) {
		seg.Has |= OptTimestamps
	}
	if seg.Has&OptTimestamps != 0 {
		seg.TSVal = c.tsNow()
	}
	if seg.Flags&ACK == 0 {
		return
	}
	seg.Ack = c.RcvNxt
	c.LastAck = c.RcvNxt
	if c.prof.AckAdapts {
		c.ackSent(c.AckAt != 0 || c.ackNow)
	}
	c.AckAt, c.ackNow = 0, false
	if seg.Has&OptTimestamps != 0 {
		seg.TSEcr = c.TSRecent
	}
	if seg.Flags&SYN == 0 && (seg.Len == 0 || c.prof.SackOnAll) && c.is(flagSACK) {
		c.blocks(&seg.Options)
	}
}

// put hands out a segment, in the name of the rule that asked for it, to be
// filled in at once.
func (c *Conn) put(bases Bases) *Segment {
	a := c.act(Emit)
	if c.cause != 0 {
		a.Rule = c.cause
	}
	a.Bases, a.From, a.To = bases, c.State, c.State
	return &a.Seg
}

// sendAck sends <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> at once.
func (c *Conn) sendAck() { c.sendAckAt(c.ownSeq()) }

// ownSeq is the number of a segment that has nothing to be acknowledged: SND.NXT, or where
// the profile has it so, the right edge of the peer's window, if that lies before.
func (c *Conn) ownSeq() Seq {
	if edge := c.SndUna.Add(c.SndWnd); c.features&ResetInWindow != 0 && edge.Less(c.SndNxt) {
		return edge
	}
	return c.SndNxt
}

func (c *Conn) sendAckAt(seq Seq) {
	c.cause = c.rule
	c.segment(seq, 0, false)
}

// challenge sends a challenge ACK, unless as many as the limit says have been sent
// in the interval that ends now: "in any 5 second window" (RFC 5961 7).
func (c *Conn) challenge() {
	c.drop()
	if c.mayChallenge() {
		c.sendAck()
	}
}

// mayChallenge counts an answer to a segment that may be forged, and reports whether
// the limit allows it.
func (c *Conn) mayChallenge() bool {
	limit := min(c.prof.ChallengeLimit, MaxChallenges)
	since := c.now.Sub(c.challengeAt) / time.Millisecond
	if limit == 0 {
		return false
	}
	if first := since + time.Duration(c.challenged[limit-1]); c.challenges >= limit && first*time.Millisecond < c.prof.ChallengeInterval {
		return false
	}
	for i := MaxChallenges - 1; i > 0; i-- {
		c.challenged[i] = uint16(min(time.Duration(c.challenged[i-1])+since, math.MaxUint16))
	}
	c.challenges = min(c.challenges+1, MaxChallenges)
	c.challengeAt = c.now
	return true
}

// resetAnswer answers a segment with the reset that its sender will accept, and
// drops it (RFC 9293 3.5.2): with its ACK as sequence number, or with sequence
// number 0 and an ACK of all of it.
func (c *Conn) resetAnswer(seg *Segment) {
	c.cause = c.rule
	rst := c.put(Answered)
	rst.Flags = RST
	if seg.Flags&ACK != 0 {
		rst.Seq = seg.Ack
	} else {
		rst.Flags |= ACK
		rst.Ack = seg.end()
	}
	c.drop()
}

// sendReset sends the reset of an abort, <SEQ=SND.NXT><CTL=RST> (RFC 9293 3.10.5).
func (c *Conn) sendReset() {
	c.cause = c.rule
	rst := c.put(Own)
	rst.Seq, rst.Flags = c.ownSeq(), RST
	if c.features&ResetWithAck != 0 {
		rst.Flags, rst.Ack = RST|ACK, c.RcvNxt
	}
	if c.prof.SackOnAll && c.is(flagSACK) {
		c.blocks(&rst.Options)
	}
}
