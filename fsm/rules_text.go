package fsm

// textRules are the sixth and the seventh check of RFC 9293 3.10.7.4: urgent
// data and text.
var textRules = []Rule{
	{
		Name: "urg-signalled", Cite: Cite{9293, "3.10.7.4", "sixth", "MUST-32"},
		Says: "the user learns of urgent data that is still to be received, or of more of it",
		On:   EvSegment, At: AtURG, In: finless,
		When: func(c *Conn, seg *Segment) bool {
			up := seg.Seq.Add(uint32(seg.Up))
			return c.consumed().Less(up) && (!c.is(flagUrgent) || c.RcvUp.Less(up))
		},
		Do: func(c *Conn, seg *Segment) {
			c.RcvUp = seg.Seq.Add(uint32(seg.Up))
			c.set(flagUrgent, true)
			c.notify(Urgent)
		}, Then: Next,
	},
	{
		Name: "urg-known", Cite: Cite{9293, "3.10.7.4", "sixth", ""},
		Says: "the user knows of this urgent data, or has received it",
		On:   EvSegment, At: AtURG, In: finless,
		Then: Next,
	},
	{
		Name: "urg-ignored", Cite: Cite{9293, "3.10.7.4", "sixth", ""},
		Says: "behind the peer's FIN there is no urgent data",
		On:   EvSegment, At: AtURG, In: in(CloseWait, Closing, LastAck, TimeWait),
		Then: Next,
	},

	{
		Name: "text-after-close", Cite: Cite{9293, "3.6.1", "", "SHLD-3"},
		Says: "nobody is left to receive new text: a RST tells the peer that it is lost",
		With: ResetAfterClose, On: EvSegment, At: AtText, In: in(FinWait1, FinWait2),
		When: func(c *Conn, seg *Segment) bool {
			lo, hi := c.newText(seg)
			return c.gone() && lo != hi
		},
		Do: (*Conn).refuse, To: in(Closed), Then: Done,
	},
	{
		Name: "text-after-shut-receive", Cite: Cite{9293, "3.6.1", "", "SHLD-3"},
		Says: "the user has given up reading: a RST tells the peer that its text is lost",
		With: TextAfterShutReset, On: EvSegment, At: AtText, In: finless,
		When: func(c *Conn, seg *Segment) bool {
			lo, hi := c.newText(seg)
			return c.is(flagRcvShut) && lo != hi
		},
		Do: (*Conn).refuse, To: in(Closed), Then: Done,
	},
	{
		Name: "text-in-order", Cite: Cite{9293, "3.10.7.4", "seventh", ""},
		Says: "text in order is delivered and acknowledged",
		On:   EvSegment, At: AtText, In: finless,
		When: func(c *Conn, seg *Segment) bool {
			return seg.text().LessEq(c.RcvNxt) && c.RcvNxt.Less(c.textEnd(seg))
		},
		Do: (*Conn).takeInOrder, Then: Next,
	},
	{
		Name: "text-behind-gap", Cite: Cite{9293, "3.10.7.4", "first", "SHLD-31"},
		Says: "text behind a gap is held, and an ACK at once tells the peer of the gap",
		On:   EvSegment, At: AtText, In: finless,
		When: func(c *Conn, seg *Segment) bool {
			lo, hi := c.newText(seg)
			return lo != hi
		},
		Do: func(c *Conn, seg *Segment) {
			c.cameTwice(seg)
			if lo, hi := c.newText(seg); !c.hold(lo, hi) {
				c.drop()
			}
			c.wantAck()
		}, Then: Next,
	},
	{
		Name: "text-old", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "text that was received before is acknowledged again",
		On:   EvSegment, At: AtText, In: finless,
		Do: func(c *Conn, seg *Segment) {
			c.cameTwice(seg)
			c.cameAgain(seg)
			c.wantAck()
		}, Then: Next,
	},
	{
		Name: "timewait-text", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "text in TIME-WAIT is acknowledged and ignored",
		On:   EvSegment, At: AtText, In: in(TimeWait),
		Do: func(c *Conn, _ *Segment) { c.wantAck() }, Then: Next,
	},
	{
		Name: "text-across-fin", Cite: Cite{9293, "3.6.1", "", "SHLD-3"},
		Says: "text that begins before the peer's FIN and goes beyond it is lost: a RST tells the peer so",
		With: NumbersAfterClose, On: EvSegment, At: AtText, In: in(CloseWait, Closing, LastAck),
		When: func(c *Conn, seg *Segment) bool { return seg.Seq.Less(c.RcvNxt) && c.RcvNxt.Less(seg.fin()) },
		Do:   (*Conn).refuse, To: in(Closed), Then: Done,
	},
	{
		Name: "text-before-fin", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "text that was received before the peer's FIN is acknowledged again",
		With: NumbersAfterClose, On: EvSegment, At: AtText, In: in(CloseWait, Closing, LastAck),
		When: func(c *Conn, seg *Segment) bool { return seg.Seq.Less(c.RcvNxt) },
		Do:   ackAndDrop, Then: Next,
	},
	{
		Name: "text-ignored", Cite: Cite{9293, "3.10.7.4", "seventh", ""},
		Says: "behind the peer's FIN there is no text",
		On:   EvSegment, At: AtText, In: in(CloseWait, Closing, LastAck),
		Do: dropped, Then: Next,
	},
}

// refuse answers what nobody can take with a RST, and ends the connection.
func (c *Conn) refuse(seg *Segment) {
	c.resetAnswer(seg)
	c.notify(ResetError)
	c.enter(Closed)
}

// gone reports whether the user that has closed has given up reading too.
func (c *Conn) gone() bool {
	return c.is(flagDetached) || c.is(flagRcvShut) && c.features&ResetAfterShutdown != 0
}

// takeInOrder takes text at RCV.NXT. Its ACK may wait a little for company: but
// not behind a second segment, nor when it fills a gap (RFC 9293 3.8.6.3).
func (c *Conn) takeInOrder(seg *Segment) {
	hi := c.textEnd(seg)
	gap := c.held > 0 || c.is(flagFinHeld)
	if c.prof.DSACK || c.is(flagTwice) {
		c.cameTwice(seg)
	}
	if seg.Flags&FIN != 0 && hi == seg.fin() && (c.prof.EdgesAccepted || seg.fin().In(c.RcvNxt, c.acceptableWnd())) {
		if c.prof.HeldFinCovered {
			c.forgetFin() // this one counts
		}
		c.holdFin(seg.fin())
		c.cutHeld() // what is held beyond it must not be joined
	}
	c.deliver(hi)
	if c.prof.AckAdapts {
		c.adapt(seg)
	}
	if seg.Flags&FIN != 0 && c.is(flagFinHeld) && c.RcvFin == c.RcvNxt && c.State == Established && c.prof.FinAckDelay > 0 &&
		(c.prof.AckAdapts || c.RcvNxt.Sub(c.LastAck) <= uint32(c.RcvMSS)) {
		return // the ACK of the FIN is that of the text
	}
	c.ackText(gap || c.is(flagTwice) && c.prof.DSACKAtOnce)
}

// ackText acknowledges text: at once if it must be, as when it filled a gap, and if it is
// the second segment.
func (c *Conn) ackText(now bool) {
	switch {
	case now || c.prof.DelayedAck == 0:
		c.wantAck()
	case c.prof.AckAdapts:
		c.ackAdapted()
	case c.AckAt != 0:
		c.wantAck()
	default:
		c.AckAt = c.now.Add(c.prof.DelayedAck)
	}
}

// UrgentLeft is how many octets are still to be received up to the end of the
// urgent data that the peer has announced (RFC 9293 MUST-33).
func (c *Conn) UrgentLeft() uint32 {
	if next := c.consumed(); c.is(flagUrgent) && next.Less(c.RcvUp) {
		return c.RcvUp.Sub(next)
	}
	return 0
}
