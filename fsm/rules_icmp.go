package fsm

// icmpRules are the ICMP messages that tell of a segment that we have sent (RFC 9293
// 3.9.2.2).
var icmpRules = []Rule{
	{
		Name: "icmp-quench", Cite: Cite{9293, "3.9.2.2", "", "MUST-55"},
		Says: "a source quench is discarded without a word",
		On:   EvICMP, In: anyState,
		When: func(c *Conn, _ *Segment) bool { return c.ev.Advice == Quench },
		Do:   dropped, Then: Done,
	},
	{
		Name: "icmp-not-in-flight", Cite: Cite{5927, "4.1", "", ""},
		Says: "a message that quotes a number which is not in flight may be forged: it is dropped",
		On:   EvICMP, In: anyState,
		When: func(c *Conn, seg *Segment) bool {
			return !seg.Seq.In(c.SndUna, c.SndNxt.Sub(c.SndUna)+uint32(c.prof.ICMPBeyond)) || c.State == Closed || c.State == Listen
		},
		Do: dropped, Then: Done,
	},
	{
		Name: "icmp-hard-passive", Cite: Cite{9293, "3.9.2.2", "", "SHLD-26"},
		Says: "who asked for the connection cannot be reached: a connection that came from LISTEN goes back there",
		On:   EvICMP, In: in(SynReceived),
		have: flagPassive,
		When: func(c *Conn, _ *Segment) bool { return c.ev.Advice == HardError },
		Do:   (*Conn).backToListen, To: in(Listen), Then: Done,
	},
	{
		Name: "icmp-hard", Cite: Cite{9293, "3.9.2.2", "", "SHLD-26"},
		Says: "the peer cannot be reached, and will not be: the connection is aborted",
		On:   EvICMP, In: anyState,
		When: func(c *Conn, _ *Segment) bool { return c.ev.Advice == HardError },
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.advise(Unreachable)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "icmp-soft", Cite: Cite{9293, "3.9.2.2", "", "MUST-56"},
		Says: "what cannot be reached now may be reached later: the user can learn of it, and the connection goes on",
		On:   EvICMP, In: anyState,
		Do: func(c *Conn, _ *Segment) {
			c.drop()
			c.advise(Advised)
		}, Then: Done,
	},
}

// advise tells the user what an ICMP message was about.
func (c *Conn) advise(r Result) {
	c.notify(r)
	c.out[len(c.out)-1].N = c.ev.N
}
