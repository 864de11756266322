package fsm

// ackRules are the fifth check of RFC 9293 3.10.7.4: the ACK field.
var ackRules = []Rule{
	{
		Name: "ack-current", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "with nothing outstanding, an ACK of all that was sent says nothing new",
		On:   EvSegment, At: AtAck, In: synchronized &^ in(TimeWait),
		When: func(c *Conn, seg *Segment) bool {
			return seg.Flags&ACK != 0 && seg.Ack == c.SndUna && c.SndUna == c.SndNxt
		},
		Then: Next,
	},
	{
		Name: "ack-missing", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "every segment of a connection carries an ACK; one without is dropped",
		On:   EvSegment, At: AtAck, In: others,
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&ACK == 0 },
		Do:   dropped, Then: Done,
	},
	{
		// In SYN-RECEIVED a RST answers every ACK that is not acceptable: that
		// is how an old duplicate SYN is found out (RFC 9293 3.5.2, group 2).
		Name: "ack-too-old", Cite: Cite{5961, "5.2", "", "MAY-12"},
		Says: "an ACK further back than the peer's largest window may be forged: a challenge ACK, and the segment is dropped",
		With: RFC5961Ack, On: EvSegment, At: AtAck, In: synchronized,
		When: func(c *Conn, seg *Segment) bool { return seg.Ack.Less(c.SndUna-Seq(c.ackRange())) && !c.plain(seg) },
		Do:   func(c *Conn, _ *Segment) { c.challenge() }, Then: Done,
	},

	{
		Name: "synrcvd-ack", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "an ACK of our SYN establishes the connection; what came with the peer's SYN is now processed",
		On:   EvSegment, At: AtAck, In: in(SynReceived),
		When: func(c *Conn, seg *Segment) bool {
			return c.SndUna.Less(seg.Ack) && seg.Ack.LessEq(c.SndNxt)
		},
		Do: (*Conn).establish, To: in(Established), Then: SkipTo, Skip: AtURG,
	},
	{
		Name: "synrcvd-ack-of-nothing", Cite: Cite{793, "3.9", "fifth", ""},
		Says: "RFC 793 lets an ACK of nothing new establish the connection",
		With: AckOfNothing, On: EvSegment, At: AtAck, In: in(SynReceived),
		When: func(c *Conn, seg *Segment) bool { return seg.Ack == c.SndUna },
		Do:   (*Conn).establish, To: in(Established), Then: SkipTo, Skip: AtURG,
	},
	{
		Name: "synrcvd-ack-of-nothing-crossed", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "where the SYNs have crossed, any ACK that is not beyond what was sent establishes the connection",
		With: CrossedSynAcked, On: EvSegment, At: AtAck, In: in(SynReceived),
		When: func(c *Conn, seg *Segment) bool { return seg.Ack == c.SndUna && !c.is(flagPassive) },
		Do:   (*Conn).establish, To: in(Established), Then: SkipTo, Skip: AtURG,
	},
	{
		Name: "synrcvd-ack-unacceptable", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "an ACK of something else draws a RST; the SYN is still to be acknowledged",
		On:   EvSegment, At: AtAck, In: in(SynReceived),
		Do: (*Conn).resetAnswer, Then: Done,
	},

	{
		Name: "timewait-any-ack", Cite: Cite{793, "3.9", "fifth", ""},
		Says: "RFC 793 takes whatever comes for the peer's FIN: it is acknowledged and the 2 MSL start afresh",
		With: TimeWaitAnyAck, On: EvSegment, At: AtAck, In: in(TimeWait),
		Do: func(c *Conn, _ *Segment) {
			c.WaitAt = c.after(c.prof.TimeWait)
			c.wantAck()
			c.drop()
		}, Then: Done,
	},
	{
		Name: "ack-unsent-limited", Cite: Cite{5961, "7", "", ""},
		Says: "an ACK of what was never sent may be an answer to an answer: what answers it is limited",
		With: AnswersLimited, On: EvSegment, At: AtAck, In: synchronized,
		When: func(c *Conn, seg *Segment) bool { return c.SndNxt.Less(seg.Ack) },
		Do:   func(c *Conn, _ *Segment) { c.challenge() }, Then: Done,
	},
	{
		Name: "ack-unsent", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "an ACK of what was never sent is answered with an ACK, and the segment is dropped",
		On:   EvSegment, At: AtAck, In: synchronized,
		When: func(c *Conn, seg *Segment) bool { return c.SndNxt.Less(seg.Ack) },
		Do:   ackAndDrop, Then: Done,
	},
	{
		Name: "timewait-ack", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "only a FIN can still come; a mere ACK is ignored",
		On:   EvSegment, At: AtAck, In: in(TimeWait),
		When: func(_ *Conn, seg *Segment) bool { return seg.SeqLen() == 0 },
		Do:   dropped, Then: Done,
	},
	{
		Name: "ack-new", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "an ACK of something new takes it off the retransmission queue",
		On:   EvSegment, At: AtAck, In: synchronized &^ in(TimeWait),
		When: func(c *Conn, seg *Segment) bool { return c.SndUna.Less(seg.Ack) },
		Do: func(c *Conn, seg *Segment) {
			n, syn := seg.Ack.Sub(c.SndUna), c.is(flagSynOut)
			c.acknowledge(seg.Ack)
			if syn { // CLOSE came before the handshake was over
				c.openWindow()
				c.deliverSynText()
			}
			c.sackArrived(seg)
			c.newAck(n)
			c.wantOutput()
		}, Then: Next,
	},
	{
		Name: "ack-third-duplicate", Cite: Cite{5681, "3.2", "2", ""},
		Says: "three duplicate ACKs tell that a segment is lost: it is sent again without waiting for the timer",
		With: CongestionControl, On: EvSegment, At: AtAck, In: synchronized &^ in(TimeWait),
		When: func(c *Conn, seg *Segment) bool {
			return c.dupAcks == 2 && !c.is(flagRecovery) && c.isDuplicate(seg) && c.mayRecover()
		},
		Do: func(c *Conn, seg *Segment) {
			c.sackArrived(seg)
			c.duplicate()
			c.recover()
		}, Then: Next,
	},
	{
		Name: "ack-duplicate", Cite: Cite{5681, "2", "", ""},
		Says: "an ACK that only repeats the last one, while something is outstanding, is counted",
		With: CongestionControl, On: EvSegment, At: AtAck, In: synchronized &^ in(TimeWait),
		When: (*Conn).isDuplicate,
		Do: func(c *Conn, seg *Segment) {
			c.sackArrived(seg)
			c.duplicate()
		}, Then: Next,
	},
	{
		Name: "ack-old", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "an ACK of nothing new is ignored; the rest of the segment is not",
		On:   EvSegment, At: AtAck, In: synchronized &^ in(TimeWait),
		Then: Next,
	},
	{
		Name: "loss-reported", Cite: Cite{6675, "5", "(2)", ""},
		Says: "the peer reports so much beyond a gap that what is missing is lost, however many ACKs have told so",
		With: CongestionControl | SACK, On: EvSegment, At: AtLoss, In: synchronized &^ in(TimeWait),
		have: flagSACK,
		When: func(c *Conn, _ *Segment) bool {
			return c.sacked > 0 && !c.is(flagRecovery) && c.SndWnd > 0 && c.mayRecover() && c.reportedLost()
		},
		Do: func(c *Conn, _ *Segment) { c.recover() }, Then: Next,
	},

	// The send window.
	{
		Name: "window-update", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "the send window is taken from the newest segment",
		With: WindowOnEqualAck, On: EvSegment, At: AtWindow, In: synchronized &^ in(TimeWait),
		When: func(c *Conn, seg *Segment) bool { return seg.Ack == c.SndUna && c.newerWindow(seg) },
		Do:   (*Conn).updateWindow, Then: Next,
	},
	{
		Name: "window-update-on-new-ack", Cite: Cite{1122, "4.2.2.20", "(g)", ""},
		Says: "RFC 793 takes the send window only from an ACK of something new",
		On:   EvSegment, At: AtWindow, In: synchronized &^ in(TimeWait),
		When: func(c *Conn, _ *Segment) bool { return c.advanced },
		Do:   (*Conn).updateWindow, Then: Next,
	},

	// The states that wait for an ACK of our FIN.
	{
		Name: "finwait1-no-finwait2", Cite: Cite{9293, "3.6.1", "", ""},
		Says: "a user that wants no FIN-WAIT-2 without itself has left: the ACK of our FIN is answered with a RST",
		On:   EvSegment, At: AtFinAcked, In: in(FinWait1),
		have: flagDetached,
		When: func(c *Conn, _ *Segment) bool { return c.FinAcked() && c.FinWait2 == NoFinWait2 },
		Do: func(c *Conn, seg *Segment) {
			c.resetAnswer(seg)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "finwait1-fin-acked", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "our FIN is acknowledged: FIN-WAIT-2, and the user's CLOSE is done",
		On:   EvSegment, At: AtFinAcked, In: in(FinWait1),
		When: func(c *Conn, _ *Segment) bool { return c.FinAcked() },
		Do: func(c *Conn, _ *Segment) {
			c.notify(OK)
			c.enter(FinWait2)
		}, To: in(FinWait2), Then: Next,
	},
	{
		Name: "closing-fin-acked-alone", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "our FIN is acknowledged, and the peer's came before: TIME-WAIT; what else the segment has lies behind the peer's FIN",
		With: NumbersAfterClose, On: EvSegment, At: AtFinAcked, In: in(Closing),
		When: func(c *Conn, _ *Segment) bool { return c.FinAcked() },
		Do: func(c *Conn, _ *Segment) {
			c.notify(OK)
			c.enter(TimeWait)
		}, To: in(TimeWait), Then: Done,
	},
	{
		Name: "closing-fin-acked", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "our FIN is acknowledged, and the peer's came before: TIME-WAIT",
		On:   EvSegment, At: AtFinAcked, In: in(Closing),
		When: func(c *Conn, _ *Segment) bool { return c.FinAcked() },
		Do: func(c *Conn, _ *Segment) {
			c.notify(OK)
			c.enter(TimeWait)
		}, To: in(TimeWait), Then: Next,
	},
	{
		Name: "lastack-fin-acked", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "our FIN is acknowledged: the connection is over",
		On:   EvSegment, At: AtFinAcked, In: in(LastAck),
		When: func(c *Conn, _ *Segment) bool { return c.FinAcked() },
		Do: func(c *Conn, _ *Segment) {
			c.notify(OK)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
}

// ackRange is how far back an ACK may lie: the largest window that the peer has
// offered (RFC 5961 5.2), and where the profile has it so, no further than anything
// has been acknowledged.
func (c *Conn) ackRange() uint32 {
	if c.features&AckRangeAcked != 0 {
		acked := c.textUna().Sub(c.ISS + 1)
		if !c.is(flagPassive) {
			acked++ // the SYN counts too
		}
		return min(c.MaxWnd, acked)
	}
	return c.MaxWnd
}

// plain reports whether a segment is text in order and nothing else: where the profile has
// it so, nobody looks how old its ACK is.
func (c *Conn) plain(seg *Segment) bool {
	return c.features&AckRangeAcked != 0 && c.State == Established && seg.Seq == c.RcvNxt && seg.Len > 0 &&
		seg.Flags&(FIN|URG) == 0 && c.held == 0 && !c.is(flagFinHeld) && c.window(seg) == c.SndWnd
}

// isDuplicate is the definition of a duplicate ACK (RFC 5681 2); with SACK, it is
// one that reports something new, whatever else it brings (RFC 6675 2). The
// answers to probes of a closed window tell of no loss.
func (c *Conn) isDuplicate(seg *Segment) bool {
	if seg.Ack != c.SndUna || c.SndUna == c.SndNxt || c.SndWnd == 0 {
		return false
	}
	if c.is(flagSACK) {
		return c.reportsNew(seg)
	}
	return seg.SeqLen() == 0 && c.window(seg) == c.SndWnd
}

// establish takes the ACK of our SYN in SYN-RECEIVED.
func (c *Conn) establish(seg *Segment) {
	if c.SndUna.Less(seg.Ack) {
		c.acknowledge(seg.Ack)
	}
	c.setWindow(seg)
	c.openWindow()
	if c.is(flagPassive) {
		c.forgetAnswers()
	}
	c.enter(Established)
	c.deliverSynText()
	c.wantOutput()
}

// newerWindow reports whether the segment is newer than the one that last
// updated the send window, or the same. A higher ACK than any before it makes a
// segment newer too, although it may be a repeated one with an old sequence
// number (RFC 9293 3.8.6): SND.WND counts from SND.UNA, and the old window
// there would reach beyond what the peer has offered.
func (c *Conn) newerWindow(seg *Segment) bool {
	return c.advanced || c.SndWl1.Less(seg.Seq) || c.SndWl1 == seg.Seq && c.SndWl2.LessEq(seg.Ack)
}

// updateWindow takes the window. When a closed one opens, what probed it goes
// first; while it stays closed, the answer shows that the peer is alive (RFC
// 9293 MUST-37).
func (c *Conn) updateWindow(seg *Segment) {
	closed := c.SndWnd == 0
	c.setWindow(seg)
	switch {
	case closed && c.SndWnd > 0:
		if c.timer == timerPersist {
			c.retries = 0
		}
		c.SndRtx = c.textUna()
		c.RexmtAt = 0
		c.wantOutput()
	case closed && !c.prof.UserTimeoutFromRepeat:
		c.UserAt = 0
	}
}
