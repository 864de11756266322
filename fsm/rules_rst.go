package fsm

// rstRules are the second and fourth check of RFC 9293 3.10.7.4: the RST bit and
// the SYN bit.
var rstRules = []Rule{
	// Second, check the RST bit.
	{
		Name: "timewait-rst-ignored", Cite: Cite{1337, "3", "F1", ""},
		Says: "TIME-WAIT is not assassinated: it ignores every RST",
		With: RFC1337, On: EvSegment, At: AtRST, In: in(TimeWait),
		Do: dropped, Then: Done,
	},
	{
		Name: "timewait-rst-inexact", Cite: Cite{5961, "3.2", "3", ""},
		Says: "TIME-WAIT has nothing to lose by a RST that is not at RCV.NXT, and does not ask back",
		With: RFC5961Reset | TimeWaitResetExact, On: EvSegment, At: AtRST, In: in(TimeWait),
		When: func(c *Conn, seg *Segment) bool { return seg.Seq != c.RcvNxt },
		Do:   dropped, Then: Done,
	},
	{
		Name: "rst-inexact-challenged", Cite: Cite{5961, "3.2", "3", ""},
		Says: "a RST in the window but not at RCV.NXT may be forged: a challenge ACK lets the peer prove it",
		With: RFC5961Reset, On: EvSegment, At: AtRST, In: others,
		When: func(c *Conn, seg *Segment) bool { return !c.exactReset(seg) },
		Do:   func(c *Conn, _ *Segment) { c.challenge() }, Then: Done,
	},
	{
		Name: "synrcvd-rst-passive", Cite: Cite{9293, "3.10.7.4", "second", "MUST-11"},
		Says: "a connection that came from LISTEN goes back there; the user need not know",
		On:   EvSegment, At: AtRST, In: in(SynReceived),
		When: func(c *Conn, _ *Segment) bool { return c.is(flagPassive) },
		Do:   (*Conn).backToListen, To: in(Listen), Then: Done,
	},
	{
		Name: "synrcvd-rst-active", Cite: Cite{9293, "3.10.7.4", "second", "MUST-12"},
		Says: "a connection that came from SYN-SENT is refused",
		On:   EvSegment, At: AtRST, In: in(SynReceived),
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.notify(Refused)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "rst-reset", Cite: Cite{9293, "3.10.7.4", "second", "MUST-12"},
		Says: "a valid RST ends the connection; calls that wait, and the user, learn that it was reset",
		On:   EvSegment, At: AtRST, In: in(Established, FinWait1, FinWait2, CloseWait),
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.notify(ResetError)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "rst-closing-told", Cite: Cite{9293, "3.10.7.4", "second", "MUST-12"},
		Says: "a valid RST ends a connection that is closing; the user, if there is one, learns of it",
		With: ResetTold, On: EvSegment, At: AtRST, In: in(Closing, LastAck),
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.notify(ResetError)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "rst-closing", Cite: Cite{9293, "3.10.7.4", "second", ""},
		Says: "a valid RST ends a connection that is closing anyway; nobody need be told",
		On:   EvSegment, At: AtRST, In: in(Closing, LastAck, TimeWait),
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},

	// Fourth, check the SYN bit.
	{
		Name: "synrcvd-syn-passive-reset", Cite: Cite{9293, "3.10.7.4", "fourth", ""},
		Says: "a new SYN in the window of a connection that came from LISTEN draws a RST, and the connection is forgotten",
		With: PassiveSynReset, On: EvSegment, At: AtSYN, In: in(SynReceived),
		When: func(c *Conn, _ *Segment) bool { return c.is(flagPassive) },
		Do: func(c *Conn, seg *Segment) {
			c.resetAnswer(seg)
			c.restart()
			c.enter(Listen)
		}, To: in(Listen), Then: Done,
	},
	{
		Name: "synrcvd-syn-passive", Cite: Cite{9293, "3.10.7.4", "fourth", ""},
		Says: "a new SYN in the window takes a connection that came from LISTEN back there",
		With: PassiveSynListen, On: EvSegment, At: AtSYN, In: in(SynReceived),
		When: func(c *Conn, _ *Segment) bool { return c.is(flagPassive) },
		Do:   (*Conn).backToListen, To: in(Listen), Then: Done,
	},
	{
		Name: "syn-exact-reset", Cite: Cite{9293, "3.10.7.4", "fourth", "MUST-12"},
		Says: "a SYN that has the very number that is expected can hardly be forged: both ends are reset",
		With: SynExactReset, On: EvSegment, At: AtSYN, In: others &^ in(TimeWait),
		When: func(c *Conn, seg *Segment) bool { return seg.Seq == c.RcvNxt },
		Do:   resetBySyn, To: in(Closed), Then: Done,
	},
	{
		Name: "syn-challenged", Cite: Cite{5961, "4.2", "", ""},
		Says: "a SYN may be forged, or tell of a restart: a challenge ACK lets the peer reset a connection that it has forgotten",
		With: RFC5961Syn, On: EvSegment, At: AtSYN, In: others,
		Do: func(c *Conn, _ *Segment) { c.challenge() }, Then: Done,
	},
	{
		Name: "syn-in-window-reset", Cite: Cite{9293, "3.10.7.4", "fourth", "MUST-12"},
		Says: "without RFC 5961 a SYN in the window is an error: both ends are reset",
		On:   EvSegment, At: AtSYN, In: others,
		Do: resetBySyn, To: in(Closed), Then: Done,
	},
}

// resetBySyn ends a connection on whose other end a new one begins.
func resetBySyn(c *Conn, seg *Segment) {
	if c.features&ResetWithAck != 0 {
		c.drop()
		c.sendReset()
	} else {
		c.resetAnswer(seg)
	}
	c.notify(ResetError)
	c.enter(Closed)
}

// exactReset reports whether a RST is where its sender must have known to put it:
// at RCV.NXT, or where the profile has it so, at the peer's FIN before it.
func (c *Conn) exactReset(seg *Segment) bool {
	if c.features&ResetAtLastAck != 0 {
		return seg.Seq == c.LastAck
	}
	return seg.Seq == c.RcvNxt || seg.Seq == c.RcvNxt-1 &&
		c.features&ResetBelowFin != 0 && in(CloseWait, Closing, LastAck).Has(c.State) ||
		c.prof.ResetAtSack && c.is(flagSACK) && seg.Seq == c.heldEnd()
}

// heldEnd is the number behind all that is held: RCV.NXT if there is nothing.
func (c *Conn) heldEnd() Seq {
	end := c.RcvNxt
	for _, r := range c.Held[:c.held] {
		end = maxSeq(end, r.Hi)
	}
	if c.is(flagFinHeld) {
		end = maxSeq(end, c.RcvFin+1)
	}
	return end
}

// backToListen flushes the connection and listens again.
func (c *Conn) backToListen(*Segment) {
	c.drop()
	c.restart()
	c.enter(Listen)
}
