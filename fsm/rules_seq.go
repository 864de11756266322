package fsm

import "time"

// others are the states of RFC 9293 3.10.7.4.
const others = synchronized | 1<<SynReceived

// seqRules are the first, second and fourth check of RFC 9293 3.10.7.4: the
// sequence number, the RST bit and the SYN bit.
var seqRules = []Rule{
	// TIME-WAIT looks at a SYN before the sequence number: it may be the next
	// incarnation's.
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
		Name: "paws-old-timestamp", Cite: Cite{7323, "5.3", "R1", ""},
		Says: "a segment with a timestamp older than the last in sequence is an old duplicate: it is acknowledged and dropped",
		With: Timestamps, On: EvSegment, At: AtSeq, In: others,
		have: flagTimestamps, When: (*Conn).pawsRejects,
		Do: ackAndDrop, Then: Done,
	},
	{
		// A SYN tells of another connection, and RFC 6191 has a use for one
		// without timestamps.
		Name: "timestamp-missing", Cite: Cite{7323, "3.2", "", ""},
		Says: "where every segment carries timestamps, one without them is dropped without a word",
		With: Timestamps | TimestampsRequired, On: EvSegment, At: AtSeq, In: others,
		have: flagTimestamps,
		When: func(_ *Conn, seg *Segment) bool { return seg.Has&OptTimestamps == 0 && seg.Flags&(RST|SYN) == 0 },
		Do:   dropped, Then: Done,
	},

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
			return c.RcvWnd == 0 && seg.Seq == c.RcvNxt && seg.Flags&SYN == 0
		},
		Do: func(c *Conn, seg *Segment) {
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
		Name: "seq-unacceptable", Cite: Cite{9293, "3.10.7.4", "first", ""},
		Says: "anything else outside the window is answered with an ACK of what is expected, and dropped",
		On:   EvSegment, At: AtSeq, In: others,
		Do: ackAndDrop, Then: Done,
	},

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
		Name: "synrcvd-syn-passive", Cite: Cite{9293, "3.10.7.4", "fourth", ""},
		Says: "a new SYN in the window takes a connection that came from LISTEN back there",
		With: PassiveSynListen, On: EvSegment, At: AtSYN, In: in(SynReceived),
		When: func(c *Conn, _ *Segment) bool { return c.is(flagPassive) },
		Do:   (*Conn).backToListen, To: in(Listen), Then: Done,
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
		Do: func(c *Conn, seg *Segment) {
			c.resetAnswer(seg)
			c.notify(ResetError)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
}

// exactReset reports whether a RST is where its sender must have known to put it:
// at RCV.NXT, or where the profile has it so, at the peer's FIN before it.
func (c *Conn) exactReset(seg *Segment) bool {
	return seg.Seq == c.RcvNxt || seg.Seq == c.RcvNxt-1 &&
		c.features&ResetBelowFin != 0 && in(CloseWait, Closing, LastAck).Has(c.State)
}

func bareSyn(seg *Segment) bool { return seg.Flags&(SYN|ACK|RST) == SYN }

func ackAndDrop(c *Conn, _ *Segment) {
	c.wantAck()
	c.drop()
}

// acceptable is the test of RFC 9293 3.10.7.4 Table 6. Of a RST the sequence
// number alone counts, not the text that it may carry (second, 1; SHLD-2).
func (c *Conn) acceptable(seg *Segment) bool {
	n := seg.SeqLen()
	first := seg.Seq.In(c.RcvNxt, c.RcvWnd)
	switch {
	case first && c.RcvWnd != 0 && seg.Flags&RST == 0: // nearly always
		return true
	case c.RcvWnd == 0:
		return n == 0 && seg.Seq == c.RcvNxt
	case seg.Flags&RST != 0 && c.exactReset(seg):
		return true
	case n == 0 || seg.Flags&RST != 0 && c.features&RFC5961Reset != 0:
		return first
	default:
		return first || seg.Seq.Add(n-1).In(c.RcvNxt, c.RcvWnd)
	}
}

// tsIdle is how long TS.Recent counts: "more than 24 days" later the clock may
// have wrapped (RFC 7323 5.5).
const tsIdle = 24 * 24 * time.Hour

// pawsRejects reports whether the segment is older than TS.Recent allows. A RST
// is not tested: it may come from an end that has lost its clock (RFC 7323 5.2).
func (c *Conn) pawsRejects(seg *Segment) bool {
	return seg.Has&OptTimestamps != 0 && seg.Flags&RST == 0 &&
		int32(seg.TSVal-c.TSRecent) < 0 && c.now.Sub(c.TSRecentAt) <= tsIdle
}

// noteTimestamp sets TS.Recent from an acceptable segment that begins at or
// before the last ACK sent (RFC 7323 4.3 and 5.3 R3). A RST changes nothing (RFC
// 7323 5.2).
func (c *Conn) noteTimestamp(seg *Segment) {
	if c.is(flagTimestamps) && seg.Has&OptTimestamps != 0 && seg.Flags&RST == 0 && seg.Seq.LessEq(c.LastAck) {
		c.TSRecent, c.TSRecentAt = seg.TSVal, c.now
	}
}

// newIncarnation is the test of RFC 6191 2 for a SYN in TIME-WAIT. The last
// number seen is that of the peer's FIN, the one before RCV.NXT.
func (c *Conn) newIncarnation(seg *Segment) bool {
	beyond := c.RcvNxt.Less(seg.Seq) || c.RcvNxt == seg.Seq && c.features&TimeWaitSynBeyond == 0
	switch has := seg.Has&OptTimestamps != 0; {
	case c.is(flagTimestamps) && has:
		newer := int32(seg.TSVal - c.TSRecent)
		return newer > 0 || newer == 0 && beyond
	case !c.is(flagTimestamps) && has:
		return true
	default:
		return beyond
	}
}

// backToListen flushes the connection and listens again.
func (c *Conn) backToListen(*Segment) {
	c.drop()
	c.restart()
	c.enter(Listen)
}
