package fsm

import "time"

// unsyncRules are segments that arrive in CLOSED, LISTEN and SYN-SENT (RFC 9293
// 3.10.7.1 to 3.10.7.3).
var unsyncRules = []Rule{
	// CLOSED, RFC 9293 3.10.7.1.
	{
		Name: "closed-rst-dropped", Cite: Cite{9293, "3.10.7.1", "", ""},
		Says: "a RST is never answered",
		On:   EvSegment, At: AtRST, In: in(Closed),
		Do: dropped, Then: Done,
	},
	{
		Name: "closed-reset", Cite: Cite{9293, "3.10.7.1", "", ""},
		Says: "any other segment draws a RST that its sender will accept",
		On:   EvSegment, At: AtOther, In: in(Closed),
		Do: (*Conn).resetAnswer, Then: Done,
	},

	// LISTEN, RFC 9293 3.10.7.2.
	{
		Name: "listen-rst-dropped", Cite: Cite{9293, "3.10.7.2", "first", ""},
		Says: "a RST cannot answer anything that a listener has sent",
		On:   EvSegment, At: AtRST, In: in(Listen),
		Do: dropped, Then: Done,
	},
	{
		Name: "listen-syn-fin-dropped", Cite: Cite{9293, "3.10.7.2", "third", ""},
		Says: "a listener drops a SYN with a FIN",
		With: ListenSynFinDropped, On: EvSegment, At: AtListenAck, In: in(Listen),
		When: func(_ *Conn, seg *Segment) bool { return synFin(seg) },
		Do:   dropped, Then: Done,
	},
	{
		Name: "listen-syn-ack-silent", Cite: Cite{9293, "3.10.7.2", "second", ""},
		Says: "a SYN,ACK answers nothing that a listener has sent: it is dropped",
		With: ListenSynAckSilent, On: EvSegment, At: AtListenAck, In: in(Listen),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&(SYN|ACK) == SYN|ACK },
		Do:   dropped, Then: Done,
	},
	{
		Name: "listen-ack-reset", Cite: Cite{9293, "3.10.7.2", "second", ""},
		Says: "an ACK of what a listener never sent draws a RST",
		On:   EvSegment, At: AtListenAck, In: in(Listen),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&ACK != 0 },
		Do:   (*Conn).resetAnswer, Then: Done,
	},
	{
		Name: "listen-syn", Cite: Cite{9293, "3.10.7.2", "third", ""},
		Says: "a SYN is answered with a SYN,ACK; text and FIN that came with it wait",
		On:   EvSegment, At: AtSYN, In: in(Listen),
		Do: func(c *Conn, seg *Segment) {
			c.set(flagPassive, true)
			c.start(c.ev.ISS)
			c.setWindow(seg) // for a CLOSE that comes before the ACK
			c.answerSyn(seg)
		}, To: in(SynReceived), Then: Done,
	},
	{
		Name: "listen-other-dropped", Cite: Cite{9293, "3.10.7.2", "fourth", ""},
		Says: "a segment with neither RST, ACK nor SYN means nothing to a listener",
		On:   EvSegment, At: AtOther, In: in(Listen),
		Do: dropped, Then: Done,
	},

	// SYN-SENT, RFC 9293 3.10.7.3.
	{
		Name: "synsent-ack-unacceptable-rst", Cite: Cite{9293, "3.10.7.3", "first", ""},
		Says: "a RST with an ACK of something else than our SYN is dropped",
		On:   EvSegment, At: AtAckBit, In: in(SynSent),
		When: func(c *Conn, seg *Segment) bool { return seg.Flags&RST != 0 && c.ackUnacceptable(seg) },
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.synAgainSoon()
		}, Then: Done,
	},
	{
		Name: "synsent-ack-unacceptable", Cite: Cite{9293, "3.10.7.3", "first", ""},
		Says: "an ACK of something never sent draws a RST; the SYN is still to be answered",
		On:   EvSegment, At: AtAckBit, In: in(SynSent),
		When: (*Conn).ackUnacceptable,
		Do: func(c *Conn, seg *Segment) {
			c.resetAnswer(seg)
			c.synAgainSoon()
		}, Then: Done,
	},
	{
		Name: "synsent-rst-again", Cite: Cite{9293, "3.10.7.3", "second", ""},
		Says: "a listener may come soon: the SYN goes again, until it has gone as often as it may",
		With: RefusedTriesAgain, On: EvSegment, At: AtRST, In: in(SynSent),
		When: func(c *Conn, seg *Segment) bool { return seg.Flags&ACK != 0 && !c.pastR2() },
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.RexmtAt = c.after(c.prof.SynAgain)
		}, Then: Done,
	},
	{
		// The RFC asks for SEG.SEQ = RCV.NXT first, where RFC 5961 is in force.
		// RCV.NXT is not known in SYN-SENT, and a refusal carries SEQ 0: the
		// ACK alone validates (RFC 9293 3.5.3).
		Name: "synsent-rst-refused", Cite: Cite{9293, "3.10.7.3", "second", "MUST-12"},
		Says: "a RST that acknowledges our SYN refuses the connection",
		On:   EvSegment, At: AtRST, In: in(SynSent),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&ACK != 0 },
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.notify(Refused)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "synsent-rst-without-ack", Cite: Cite{9293, "3.10.7.3", "second", ""},
		Says: "a RST without an ACK cannot answer our SYN",
		On:   EvSegment, At: AtRST, In: in(SynSent),
		Do: dropped, Then: Done,
	},
	{
		Name: "synsent-syn-ack-alone", Cite: Cite{9293, "3.10.7.3", "fourth", ""},
		Says: "a SYN that acknowledges ours establishes the connection; text and FIN that came with it must come again",
		With: SynTextDropped, On: EvSegment, At: AtSYN, In: in(SynSent),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&ACK != 0 && (seg.Len > 0 || seg.Flags&FIN != 0) },
		Do:   (*Conn).synAcked, To: in(Established), Then: Done,
	},
	{
		Name: "synsent-syn-ack", Cite: Cite{9293, "3.10.7.3", "fourth", ""},
		Says: "a SYN that acknowledges ours establishes the connection",
		On:   EvSegment, At: AtSYN, In: in(SynSent),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&ACK != 0 },
		Do:   (*Conn).synAcked, To: in(Established), Then: SkipTo, Skip: AtURG,
	},
	{
		Name: "synsent-syn", Cite: Cite{9293, "3.10.7.3", "fourth", "MUST-10"},
		Says: "a SYN that crosses ours opens the connection from both ends",
		On:   EvSegment, At: AtSYN, In: in(SynSent),
		Do: func(c *Conn, seg *Segment) {
			c.setWindow(seg)
			c.answerSyn(seg)
			if c.prof.UserTimeoutFromRepeat { // from that of the SYN,ACK
				c.UserAt = 0
			}
		}, To: in(SynReceived), Then: Done,
	},
	{
		Name: "synsent-other-dropped", Cite: Cite{9293, "3.10.7.3", "fifth", ""},
		Says: "a segment with neither SYN nor RST does not answer our SYN",
		On:   EvSegment, At: AtOther, In: in(SynSent),
		Do: dropped, Then: Done,
	},
}

// synAgainMin is how soon a SYN goes again. Linux TCP_TIMEOUT_MIN: two of its ticks.
const synAgainMin = 8 * time.Millisecond

// synAgainSoon lets a SYN that has not been repeated go again in a moment, where
// the profile has it so.
func (c *Conn) synAgainSoon() {
	if c.features&SynAgainOnBadAck != 0 && c.retries == 0 {
		c.RexmtAt = min(c.RexmtAt, c.after(synAgainMin))
	}
}

// dropped is an effect that only drops the segment.
func dropped(c *Conn, _ *Segment) { c.drop() }

// ackUnacceptable reports whether the ACK acknowledges something that was never
// sent, or nothing: SEG.ACK =< ISS or SEG.ACK > SND.NXT.
func (c *Conn) ackUnacceptable(seg *Segment) bool {
	return seg.Flags&ACK != 0 && (seg.Ack.LessEq(c.ISS) || c.SndNxt.Less(seg.Ack))
}

// answerSyn takes the numbers and options of a SYN and answers it:
// <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>. What else came with it waits.
func (c *Conn) answerSyn(seg *Segment) {
	c.IRS, c.RcvNxt = seg.Seq, seg.Seq+1
	c.negotiate(seg)
	if !c.is(flagPassive) {
		c.roundBuffer()
	}
	c.enter(SynReceived)
	c.wantOutput()
	c.sendSyn()
	if c.features&SynTextDropped == 0 && (!c.prof.ListenTextDropped || !c.is(flagPassive)) {
		c.holdSynText(seg)
	}
}

// synAcked establishes the connection in SYN-SENT. The window is set here too,
// which RFC 793 forgot (RFC 1122 4.2.2.20 c).
func (c *Conn) synAcked(seg *Segment) {
	c.IRS, c.RcvNxt = seg.Seq, seg.Seq+1
	c.negotiate(seg)
	c.acknowledge(seg.Ack)
	c.setWindow(seg)
	c.openWindow()
	c.enter(Established)
	c.wantAck()
}
