package fsm

// finRules are the eighth check of RFC 9293 3.10.7.4: the FIN bit. A FIN counts
// when it is the next number expected, whether it came just now or was held
// behind a gap.
var finRules = []Rule{
	{
		Name: "fin-established", Cite: Cite{9293, "3.10.7.4", "eighth", "MUST-12"},
		Says: "the peer has no more to send: the user learns it when it has received all, and may go on sending",
		On:   EvSegment, At: AtFIN, In: in(Established),
		When: (*Conn).finInOrder,
		Do:   peerClosed(CloseWait), To: in(CloseWait), Then: Next,
	},
	{
		Name: "finwait1-fin-again", Cite: Cite{9293, "3.10.7.4", "eighth", ""},
		Says: "both FINs crossed: ours goes again, with the ACK of the peer's",
		With: FinAgainInClosing, On: EvSegment, At: AtFIN, In: in(FinWait1),
		When: func(c *Conn, seg *Segment) bool { return c.finInOrder(seg) && c.FinSent() && c.SndWnd > 0 },
		Do: func(c *Conn, seg *Segment) {
			peerClosed(Closing)(c, seg)
			c.wantOutput()
			c.sendText(c.SndEnd, 0, true)
		}, To: in(Closing), Then: Next,
	},
	{
		Name: "finwait1-fin", Cite: Cite{9293, "3.10.7.4", "eighth", ""},
		Says: "both FINs crossed: ours is still to be acknowledged",
		On:   EvSegment, At: AtFIN, In: in(FinWait1),
		When: (*Conn).finInOrder,
		Do: func(c *Conn, seg *Segment) {
			peerClosed(Closing)(c, seg)
			if c.prof.FinAckApart {
				c.sendAck()
			}
		}, To: in(Closing), Then: Next,
	},
	{
		Name: "finwait2-fin", Cite: Cite{9293, "3.10.7.4", "eighth", "MUST-13"},
		Says: "both FINs are exchanged: TIME-WAIT, for the case that our last ACK is lost",
		On:   EvSegment, At: AtFIN, In: in(FinWait2),
		When: (*Conn).finInOrder,
		Do:   peerClosed(TimeWait), To: in(TimeWait), Then: Next,
	},
	{
		Name: "fin-behind-gap-after-close", Cite: Cite{9293, "3.6.1", "", "SHLD-3"},
		Says: "nobody is left to receive what is missing before a FIN: a RST tells the peer that it is lost",
		With: NumbersAfterClose, On: EvSegment, At: AtFIN, In: in(FinWait1, FinWait2),
		When: func(c *Conn, seg *Segment) bool { return seg.Flags&FIN != 0 && c.RcvNxt.Less(seg.fin()) && c.gone() },
		Do:   (*Conn).refuse, To: in(Closed), Then: Done,
	},
	{
		Name: "fin-behind-gap", Cite: Cite{9293, "3.10.7.4", "first", "SHLD-31"},
		Says: "a FIN behind a gap is held; the state waits until the gap is filled",
		On:   EvSegment, At: AtFIN, In: finless,
		When: (*Conn).finBehindGap,
		Do: func(c *Conn, seg *Segment) {
			c.holdFin(seg.fin())
			c.wantAck()
		}, Then: Next,
	},
	{
		Name: "fin-old", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "a FIN with a number that was received before cannot be the peer's: it is acknowledged and ignored",
		On:   EvSegment, At: AtFIN, In: finless,
		When: func(c *Conn, seg *Segment) bool { return seg.Flags&FIN != 0 && seg.fin().Less(c.RcvNxt) },
		Do: func(c *Conn, seg *Segment) {
			c.cameTwice(seg)
			c.wantAck()
		}, Then: Next,
	},
	{
		Name: "timewait-fin", Cite: Cite{9293, "3.10.7.4", "eighth", ""},
		Says: "a FIN in TIME-WAIT is acknowledged and the 2 MSL start afresh",
		On:   EvSegment, At: AtFIN, In: in(TimeWait),
		Do: func(c *Conn, _ *Segment) {
			c.WaitAt = c.after(c.prof.TimeWait)
			c.wantAck()
		}, Then: Next,
	},
	{
		Name: "fin-beyond", Cite: Cite{9293, "3.10.7.4", "eighth", ""},
		Says: "a FIN behind the peer's FIN is none: it is dropped without a word",
		With: NumbersAfterClose, On: EvSegment, At: AtFIN, In: in(CloseWait, Closing, LastAck),
		When: func(c *Conn, seg *Segment) bool { return c.RcvNxt.LessEq(seg.Seq) },
		Do:   dropped, Then: Next,
	},
	{
		Name: "fin-again", Cite: Cite{9293, "3.10.7.4", "eighth", ""},
		Says: "the peer's FIN counts once; another is acknowledged and changes nothing",
		On:   EvSegment, At: AtFIN, In: in(CloseWait, Closing, LastAck),
		Do: func(c *Conn, seg *Segment) {
			c.cameTwice(seg)
			c.wantAck()
		}, Then: Next,
	},
}

// peerClosed consumes the peer's FIN and enters a state. The signal comes
// first: the user's RECEIVEs end with what is on hand.
func peerClosed(s State) func(*Conn, *Segment) {
	return func(c *Conn, _ *Segment) {
		c.consumeFin()
		c.notify(ClosingError)
		c.enter(s)
	}
}
