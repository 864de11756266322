package fsm

// others are the states of RFC 9293 3.10.7.4.
const others = synchronized | 1<<SynReceived

// seqRules are the first check of RFC 9293 3.10.7.4, the sequence number, for
// those segments that neither TIME-WAIT nor PAWS has seen to.
var seqRules = []Rule{
	{
		// Figure 7 goes from SYN-RECEIVED to ESTABLISHED on the peer's SYN,ACK,
		// whose SYN stands before RCV.NXT: the test of the sequence number, to
		// the letter, would not let it pass.
		Name: "synrcvd-crossing-syn-ack", Cite: Cite{9293, "3.5", "Figure 7", "MUST-10"},
		Says: "in a simultaneous open the peer's SYN,ACK repeats its SYN; its ACK counts",
		On:   EvSegment, At: AtSeq, In: in(SynReceived),
		When: func(c *Conn, seg *Segment) bool {
			return !c.is(flagPassive) && seg.Flags&(SYN|ACK|RST) == SYN|ACK && seg.Seq == c.IRS && !c.ackUnacceptable(seg)
		},
		Do: func(c *Conn, seg *Segment) {
			c.noteTimestamp(seg)
			c.ackNow = c.features&CrossedSynAcked != 0
		}, Then: SkipTo, Skip: AtAck,
	},
	{
		Name: "embryo-ack-unacceptable", Cite: Cite{9293, "3.5.2", "2", ""},
		Says: "an ACK of something else than our SYN draws a RST, wherever the segment lies; the SYN is still to be acknowledged",
		With: EmbryoAckFirst, On: EvSegment, At: AtSeq, In: in(SynReceived),
		have: flagPassive,
		When: func(c *Conn, seg *Segment) bool { return seg.Flags&ACK != 0 && seg.Ack != c.ISS+1 },
		Do: func(c *Conn, seg *Segment) {
			if seg.Flags&RST != 0 {
				c.drop()
				return
			}
			c.resetAnswer(seg)
		}, Then: Done,
	},
	{
		Name: "ackless-dropped", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "every segment of a connection carries an ACK: one without, a RST or a SYN apart, is dropped before all else",
		With: AcklessDropped, On: EvSegment, At: AtSeq, In: others &^ in(TimeWait),
		When: func(c *Conn, seg *Segment) bool {
			return seg.Flags&(ACK|RST|SYN) == 0 && !(c.State == SynReceived && c.is(flagPassive)) &&
				!(c.State == FinWait2 && c.is(flagDetached) && c.features&FinWait2Alone != 0)
		},
		Do: dropped, Then: Done,
	},
	{
		Name: "synrcvd-syn-again", Cite: Cite{9293, "3.8.1", "", ""},
		Says: "a SYN that comes again shows that the SYN,ACK was lost: it is repeated at once",
		With: SynAckAgain, On: EvSegment, At: AtSeq, In: in(SynReceived),
		When: func(c *Conn, seg *Segment) bool { return bareSyn(seg) && seg.Seq == c.IRS },
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			if c.prof.ChallengeLimit == 0 || c.mayChallenge() {
				c.set(flagSynRepeated, true)
				c.set(flagTiming, false)
				c.wantOutput()
				c.sendSyn()
			}
		}, Then: Done,
	},

	{
		Name: "finwait2-alone-rst", Cite: Cite{9293, "3.10.7.4", "second", ""},
		Says: "nobody here knows any more where a RST should stand: any in the window ends the connection",
		With: FinWait2Alone, On: EvSegment, At: AtSeq, In: in(FinWait2),
		have: flagDetached,
		When: func(c *Conn, seg *Segment) bool { return seg.Flags&RST != 0 && c.within(seg) },
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "finwait2-alone-reset", Cite: Cite{9293, "3.6.1", "", ""},
		Says: "nobody here can hold a FIN behind a gap, or listen to a SYN: both draw a RST, and the connection ends",
		With: FinWait2Alone, On: EvSegment, At: AtSeq, In: in(FinWait2),
		have: flagDetached,
		When: func(c *Conn, seg *Segment) bool {
			first := seg.Seq.In(c.RcvNxt, max(c.RcvWnd, 1))
			return first && (seg.Flags&SYN != 0 || seg.Flags&(FIN|ACK) == FIN|ACK && seg.fin() != c.RcvNxt)
		},
		Do: func(c *Conn, seg *Segment) {
			c.resetAnswer(seg)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},

	{
		Name: "finwait2-alone-outside", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "what lies outside the window is answered, be it a RST: nobody here tells more than that apart",
		With: FinWait2Alone, On: EvSegment, At: AtSeq, In: in(FinWait2),
		have: flagDetached,
		When: func(c *Conn, seg *Segment) bool { return !c.within(seg) },
		Do: func(c *Conn, seg *Segment) {
			if c.features&AnswersLimited != 0 && (seg.SeqLen() == 0 || seg.Flags&SYN != 0) {
				c.challenge()
				return
			}
			ackAndDrop(c, seg)
		}, Then: Done,
	},
	{
		Name: "finwait2-alone-any-ack", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "nobody here knows any more what may be acknowledged: all that counts is text, which draws a RST, and the FIN",
		With: FinWait2Alone, On: EvSegment, At: AtSeq, In: in(FinWait2),
		have: flagDetached,
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&(ACK|RST|SYN) == ACK },
		Do:   (*Conn).noteTimestamp, Then: SkipTo, Skip: AtURG,
	},

	{
		Name: "seq-acceptable", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "a segment with a number in the window is processed",
		On:   EvSegment, At: AtSeq, In: others,
		When: (*Conn).acceptable,
		Do:   (*Conn).noteTimestamp, Then: Next,
	},
	{
		// Two ends that have both sent all that the other's window takes, or
		// probed it closed, and lost it, stand with SND.NXT at the edge of the
		// other's window or one beyond. Without this allowance each would answer
		// the other's ACK, for ever or until a repeated segment gets through.
		Name: "seq-at-edge", Cite: Cite{9293, "A.2", "", ""},
		Says: "who waits for an ACK takes it with the number at the edge of the window: it counts text, or a probe, that was lost",
		On:   EvSegment, At: AtSeq, In: others,
		When: func(c *Conn, seg *Segment) bool {
			return seg.Seq == c.RcvNxt.Add(max(c.RcvWnd, 1)) && seg.SeqLen() == 0 && seg.Flags&RST == 0 && c.SndUna != c.SndNxt
		},
		Then: Next,
	},
	{
		Name: "seq-zero-window", Cite: Cite{9293, "3.10.7.4", "first", "MUST-66"},
		Says: "a closed window keeps text out; the ACK, RST and URG of the segment that comes next count",
		On:   EvSegment, At: AtSeq, In: others,
		When: func(c *Conn, seg *Segment) bool {
			return c.RcvWnd == 0 && seg.Seq == c.RcvNxt && seg.Flags&SYN == 0 && !c.prof.EdgesAccepted
		},
		Do: func(c *Conn, seg *Segment) {
			c.cameTwice(seg)
			seg.Len = 0
			seg.Flags &^= FIN
			c.about = c.concern(seg)
			c.wantAck()
		}, Then: Next,
	},
	{
		Name: "seq-syn-anywhere", Cite: Cite{5961, "4.2", "", ""},
		Says: "a SYN in a synchronized state is challenged whatever its number",
		With: RFC5961Syn, On: EvSegment, At: AtSeq, In: synchronized,
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&(SYN|RST) == SYN },
		Then: SkipTo, Skip: AtSYN,
	},
	{
		Name: "seq-unacceptable-rst", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "a RST outside the window is dropped without a word",
		On:   EvSegment, At: AtSeq, In: others,
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&RST != 0 },
		Do:   dropped, Then: Done,
	},
	{
		Name: "seq-left-of-window", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "all of a segment was received before: it is acknowledged again, and its ACK counts",
		With: AckLeftOfWindow, On: EvSegment, At: AtSeq, In: synchronized &^ in(TimeWait),
		When: func(c *Conn, seg *Segment) bool {
			return seg.Flags&(ACK|SYN) == ACK && seg.end().LessEq(c.RcvNxt) && seg.Seq.Less(c.RcvNxt)
		},
		Do: func(c *Conn, seg *Segment) {
			c.cameTwice(seg)
			seg.Len = 0
			seg.Flags &^= FIN
			c.about = c.concern(seg)
			c.wantAck()
		}, Then: SkipTo, Skip: AtAck,
	},
	{
		Name: "seq-unacceptable-limited", Cite: Cite{5961, "7", "", ""},
		Says: "an empty segment outside the window may be an answer to an answer: what answers it is limited",
		With: AnswersLimited, On: EvSegment, At: AtSeq, In: others,
		When: func(_ *Conn, seg *Segment) bool { return seg.SeqLen() == 0 || seg.Flags&SYN != 0 },
		Do:   func(c *Conn, _ *Segment) { c.challenge() }, Then: Done,
	},
	{
		Name: "seq-unacceptable", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "anything else outside the window is answered with an ACK of what is expected, and dropped",
		On:   EvSegment, At: AtSeq, In: others,
		Do: ackAndDrop, Then: Done,
	},
}

func ackAndDrop(c *Conn, seg *Segment) {
	c.cameTwice(seg)
	c.cameAgain(seg)
	c.wantAck()
	c.drop()
}

// acceptable is the test of RFC 9293 3.10.7.4 Table 6. Of a RST the sequence
// number alone counts, not the text that it may carry (second, 1; SHLD-2).
func (c *Conn) acceptable(seg *Segment) bool {
	if c.prof.EdgesAccepted {
		return c.touches(seg)
	}
	n := seg.SeqLen()
	wnd := c.acceptableWnd()
	first := seg.Seq.In(c.RcvNxt, wnd)
	switch {
	case first && wnd != 0 && seg.Flags&RST == 0: // nearly always
		return true
	case wnd == 0 && seg.Seq == c.RcvNxt:
		return n == 0
	case seg.Flags&RST != 0 && c.exactReset(seg): // a closed window keeps no RST out
		return true
	case wnd == 0:
		return false
	case n == 0 || seg.Flags&RST != 0 && c.features&RFC5961Reset != 0:
		return first
	default:
		return first || seg.Seq.Add(n-1).In(c.RcvNxt, wnd)
	}
}

// touches is the test of EdgesAccepted. A connection that is little more than its numbers
// goes by within.
func (c *Conn) touches(seg *Segment) bool {
	if c.State == SynReceived && c.is(flagPassive) {
		return c.within(seg)
	}
	edge, end := c.RcvNxt.Add(c.RcvWnd), seg.end()
	if end.Less(c.LastAck) {
		return seg.Flags&RST != 0 && c.exactReset(seg)
	}
	if seg.Flags&FIN != 0 {
		end--
	}
	return end.LessEq(edge) || seg.Seq.LessEq(edge) && c.Unread == 0
}

// within reports whether some of a segment lies in the window, or it is empty and at one
// of its edges.
func (c *Conn) within(seg *Segment) bool {
	edge, end := c.RcvNxt.Add(c.RcvWnd), seg.end()
	return seg.Seq == c.RcvNxt || c.RcvNxt.Less(end) && seg.Seq.Less(edge) || seg.Seq == edge && end == edge
}

// maxWindow is the largest window that can be offered (RFC 7323 2.3).
const maxWindow = 65535 << 14

// acceptableWnd is the window that the test of the sequence number goes by: the
// one that was offered, or where the profile has it so, all that there is room for.
func (c *Conn) acceptableWnd() uint32 {
	if c.features&WindowInternal == 0 {
		return c.RcvWnd
	}
	return c.internalWnd()
}

func (c *Conn) internalWnd() uint32 {
	if c.State == SynReceived && c.is(flagPassive) {
		return c.RcvWnd
	}
	return max(c.RcvWnd, min(c.space(), maxWindow))
}
