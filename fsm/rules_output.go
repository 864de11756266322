package fsm

// outputRules end every event: what the step has made possible is sent. What
// they send bears the name of the rule that made it possible.
var outputRules = []Rule{
	{
		Name: "close-after-open", Cite: Cite{9293, "3.10.4", "SYN-RECEIVED", ""},
		Says: "a CLOSE that waited for the connection is carried out",
		At:   AtClose, In: in(Established),
		have: flagClosePending,
		Do: func(c *Conn, _ *Segment) {
			c.queueFin()
			c.enter(FinWait1)
		}, To: in(FinWait1), Then: Next,
	},
	{
		Name: "close-after-text", Cite: Cite{9293, "3.10.4", "CLOSE-WAIT", ""},
		Says: "all text can be segmentized now: the FIN goes with it, and the state is LAST-ACK",
		At:   AtClose, In: in(CloseWait),
		have: flagClosePending,
		When: func(c *Conn, _ *Segment) bool { return c.canFinish() },
		Do:   (*Conn).finish, To: in(LastAck), Then: Next,
	},
	{
		Name: "output-text", Cite: Cite{9293, "3.8.6.2.1", "", "MUST-38"},
		Says: "text and FIN are sent as far as the windows allow",
		At:   AtOutputText, In: unsent,
		When: func(c *Conn, _ *Segment) bool {
			return c.SndRtx != c.SndNxt || c.Unsent() > 0 || c.finWaits()
		},
		Do: func(c *Conn, _ *Segment) { c.sendAll(false) }, Then: Next,
	},
	{
		Name: "close-behind-text", Cite: Cite{9293, "3.10.4", "CLOSE-WAIT", ""},
		Says: "the last of the text has just been segmentized: the FIN follows it, and the state is LAST-ACK",
		At:   AtCloseBehind, In: in(CloseWait),
		have: flagClosePending,
		When: func(c *Conn, _ *Segment) bool { return c.segmentized() },
		Do: func(c *Conn, seg *Segment) {
			c.finish(seg)
			c.sendAll(false)
		}, To: in(LastAck), Then: Next,
	},
	{
		Name: "output-ack", Cite: Cite{9293, "3.10.7.4", "", "MUST-58"},
		Says: "an ACK that nothing could carry is sent alone",
		At:   AtOutputAck, In: others,
		When: func(c *Conn, _ *Segment) bool { return c.ackNow },
		Do:   func(c *Conn, _ *Segment) { c.segment(c.ownSeq(), 0, false) }, Then: Next,
	},
}

// segmentized reports whether all the text has been sent once, and the window
// leaves a place for the FIN behind it.
func (c *Conn) segmentized() bool { return c.Unsent() == 0 && c.usable(c.SndNxt) > 0 }

// canFinish reports whether all the text that waits, and the FIN behind it, may
// be sent now.
func (c *Conn) canFinish() bool {
	n := c.Unsent()
	return c.SndRtx == c.SndNxt && c.usable(c.SndNxt) > n && c.pipe()+n <= c.allowed()
}

// finish carries out a CLOSE that waited in CLOSE-WAIT.
func (c *Conn) finish(*Segment) {
	c.queueFin()
	c.enter(LastAck)
}
