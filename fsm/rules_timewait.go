package fsm

// timeWaitSynRules are what TIME-WAIT looks at before all else: a SYN may be the
// next incarnation's.
var timeWaitSynRules = []Rule{
	{
		Name: "timewait-syn-reopens", Cite: Cite{6191, "2", "", "SHLD-4"},
		Says: "timestamps, or a sequence number beyond all old ones, show that a SYN is new: TIME-WAIT makes way for it",
		With: RFC6191, On: EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(c *Conn, seg *Segment) bool { return c.ev.Listens && bareSyn(seg) && c.newIncarnation(seg) },
		Do: func(c *Conn, _ *Segment) {
			c.act(Reopen).Seq = c.SndNxt
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "timewait-syn-unheard", Cite: Cite{9293, "3.10.7.4", "fourth", ""},
		Says: "a SYN that is new, and that nobody listens for, is answered with an ACK, however often it comes",
		With: TimeWaitRestarts, On: EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(c *Conn, seg *Segment) bool { return bareSyn(seg) && c.newIncarnation(seg) },
		Do:   ackAndDrop, Then: Done,
	},

	{
		Name: "syn-fin-dropped", Cite: Cite{9293, "3.10.7.2", "third", ""},
		Says: "a SYN with a FIN asks for a connection that ends before it begins: it is dropped",
		With: SynFinDropped, On: EvSegment, At: AtSeq, In: in(Listen, SynSent, TimeWait),
		When: func(_ *Conn, seg *Segment) bool { return synFin(seg) },
		Do:   dropped, Then: Done,
	},
	{
		Name: "timewait-syn-beyond", Cite: Cite{9293, "3.6.1", "", "MAY-2"},
		Says: "a SYN with a number beyond all old ones is new: TIME-WAIT makes way for it",
		With: SynBeyondReopens, On: EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(c *Conn, seg *Segment) bool {
			return (c.ev.Listens || c.features&TimeWaitSynUnheard != 0) && bareSyn(seg) && c.RcvNxt.Less(seg.Seq)
		},
		Do: func(c *Conn, _ *Segment) {
			c.act(Reopen).Seq = c.SndNxt
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "timewait-ackless", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "TIME-WAIT drops without a word what carries no ACK",
		With: TimeWaitAckless, On: EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&(ACK|RST) == 0 },
		Do:   dropped, Then: Done,
	},
	{
		Name: "timewait-restarts", Cite: Cite{9293, "3.6.1", "", ""},
		Says: "whatever comes with an ACK tells that the peer is not done: the 2 MSL start afresh",
		With: TimeWaitRestarts, On: EvSegment, At: AtAckBit, In: in(TimeWait),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&(ACK|RST) == ACK },
		Do:   func(c *Conn, _ *Segment) { c.WaitAt = c.after(c.prof.TimeWait) }, Then: Next,
	},
}

// timeWaitRules are the segments that TIME-WAIT knows by their numbers, and sees to
// before the sequence number is checked.
var timeWaitRules = []Rule{
	{
		// The FIN's number is one below RCV.NXT, so the segment fails the test;
		// the timer must start again here (RFC 9293 3.10.7.4 fifth and eighth
		// never see it).
		Name: "timewait-fin-again", Cite: Cite{9293, "3.10.7.4", "eighth", ""},
		Says: "the peer's FIN comes again: our ACK of it was lost; it is repeated and the 2 MSL start afresh",
		On:   EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(c *Conn, seg *Segment) bool {
			return seg.Flags&(FIN|ACK|SYN|RST) == FIN|ACK && seg.fin()+1 == c.RcvNxt
		},
		Do: func(c *Conn, _ *Segment) {
			c.WaitAt = c.after(c.prof.TimeWait)
			c.wantAck()
			c.drop()
		}, Then: Done,
	},
	{
		Name: "timewait-mute", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "only the peer's FIN, a SYN and a RST count in TIME-WAIT: the rest is ignored without a word",
		With: TimeWaitMute, On: EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&(SYN|RST) == 0 },
		Do:   dropped, Then: Done,
	},
	{
		Name: "timewait-empty-ignored", Cite: Cite{9293, "3.10.7.4", "fifth", ""},
		Says: "an empty segment with the number that is expected is ignored, whatever it acknowledges",
		With: TimeWaitRestarts, On: EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(c *Conn, seg *Segment) bool {
			return seg.Flags&RST == 0 && seg.SeqLen() == 0 && seg.Seq == c.RcvNxt
		},
		Do: dropped, Then: Done,
	},
	{
		Name: "timewait-rest-acked", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "all else is answered with an ACK, wherever it lies and with an ACK of its own or without; what is empty, within the limit",
		With: TimeWaitRestarts, On: EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(_ *Conn, seg *Segment) bool { return seg.Flags&(SYN|RST) == 0 },
		Do: func(c *Conn, seg *Segment) {
			if seg.SeqLen() == 0 && c.features&AnswersLimited != 0 {
				c.challenge()
				return
			}
			ackAndDrop(c, seg)
		}, Then: Done,
	},
	{
		Name: "timewait-acks-all", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "all but the ACK that is expected is answered with an ACK",
		With: TimeWaitAcksAll, On: EvSegment, At: AtSeq, In: in(TimeWait),
		When: func(c *Conn, seg *Segment) bool {
			expected := seg.SeqLen() == 0 && seg.Seq == c.RcvNxt && seg.Ack == c.SndNxt
			return seg.Flags&(ACK|RST) == ACK && !expected
		},
		Do: ackAndDrop, Then: Done,
	},
}

// synFin reports whether a segment is a SYN with a FIN, and no answer to ours.
func synFin(seg *Segment) bool { return seg.Flags&(SYN|FIN|ACK|RST) == SYN|FIN }

func bareSyn(seg *Segment) bool { return seg.Flags&(SYN|ACK|RST) == SYN }

// newIncarnation is the test of RFC 6191 2 for a SYN in TIME-WAIT. The last
// number seen is that of the peer's FIN, the one before RCV.NXT.
func (c *Conn) newIncarnation(seg *Segment) bool {
	beyond := c.RcvNxt.Less(seg.Seq) || c.RcvNxt == seg.Seq && c.features&TimeWaitSynBeyond == 0
	switch has := seg.Has&OptTimestamps != 0; {
	case c.is(flagTimestamps) && has:
		newer := int32(seg.TSVal - c.TSRecent)
		return newer > 0 || newer == 0 && beyond
	case !c.is(flagTimestamps) && has && c.features&TimeWaitSynBeyond == 0:
		return true
	default:
		return beyond
	}
}
