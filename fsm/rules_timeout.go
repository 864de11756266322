package fsm

import "time"

// timeoutRules are the timeouts: those of RFC 9293 3.10.8, and those that other
// sections ask for.
var timeoutRules = []Rule{
	{
		Name: "user-timeout", Cite: Cite{9293, "3.10.8", "USER TIMEOUT", "MUST-20"},
		Says: "what was sent has not been acknowledged for too long: the connection is deleted, the user is told, the peer is not",
		On:   EvTick, At: AtUserTimeout, In: unsent | 1<<SynSent | 1<<SynReceived,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.UserAt) },
		Do: func(c *Conn, _ *Segment) {
			c.notify(TimedOut)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},

	{
		Name: "timewait-timeout", Cite: Cite{9293, "3.10.8", "TIME-WAIT TIMEOUT", "MUST-13"},
		Says: "2 MSL are over: nothing of the connection is left in the network",
		On:   EvTick, At: AtTimeWait, In: in(TimeWait),
		When: func(c *Conn, _ *Segment) bool { return c.due(c.WaitAt) },
		Do:   func(c *Conn, _ *Segment) { c.enter(Closed) }, To: in(Closed), Then: Done,
	},
	{
		Name: "finwait2-timeout", Cite: Cite{9293, "3.6.1", "", ""},
		Says: "a peer that never closes cannot keep a connection for ever that nobody here has a descriptor for",
		On:   EvTick, At: AtTimeWait, In: in(FinWait2),
		When: func(c *Conn, _ *Segment) bool { return c.due(c.WaitAt) },
		Do: func(c *Conn, _ *Segment) {
			if !c.is(flagDetached) && c.prof.FinWait2Held > 0 {
				c.notify(ResetError)
			}
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},

	{
		Name: "syn-given-up", Cite: Cite{9293, "3.8.3", "", "MUST-23"},
		Says: "a SYN that stays unanswered past R2 ends the attempt, and the user is told",
		On:   EvTick, At: AtRexmt, In: in(SynSent, SynReceived) | unsent,
		have: flagSynOut,
		When: func(c *Conn, _ *Segment) bool {
			return c.due(c.RexmtAt) && c.pastR2() && !(c.State == SynReceived && c.is(flagPassive))
		},
		Do: (*Conn).giveUp, To: in(Closed), Then: Done,
	},
	{
		Name: "synrcvd-given-up", Cite: Cite{9293, "3.8.3", "", "MUST-22"},
		Says: "a SYN,ACK that stays unanswered past R2 takes the connection back to LISTEN; nobody is told",
		On:   EvTick, At: AtRexmt, In: in(SynReceived),
		When: func(c *Conn, _ *Segment) bool { return c.due(c.RexmtAt) && c.pastR2() },
		Do:   (*Conn).backToListen, To: in(Listen), Then: Done,
	},
	{
		Name: "retransmit-syn", Cite: Cite{9293, "3.10.8", "RETRANSMISSION TIMEOUT", "MUST-22"},
		Says: "the SYN is sent again; it is at the front of the queue even if a FIN has followed it",
		On:   EvTick, At: AtRexmt, In: in(SynSent, SynReceived) | unsent,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.RexmtAt) && c.is(flagSynOut) },
		Do: func(c *Conn, _ *Segment) {
			c.set(flagSynRepeated, true)
			c.repeated()
			c.sendSyn()
		}, Then: Next,
	},
	{
		Name: "zero-window-given-up", Cite: Cite{9293, "3.8.6.1", "", ""},
		Says: "a closed window that answers no probe any more ends the connection; one without a user ends in any case, later",
		On:   EvTick, At: AtRexmt, In: unsent,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.RexmtAt) && c.timer == timerPersist && c.pastProbes() },
		Do:   (*Conn).giveUp, To: in(Closed), Then: Done,
	},
	{
		Name: "zero-window-probe", Cite: Cite{9293, "3.8.6.1", "", "MUST-36"},
		Says: "a closed window is probed with what waits next, for an ACK that opened it may be lost",
		On:   EvTick, At: AtRexmt, In: unsent,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.RexmtAt) && c.timer == timerPersist },
		Do: func(c *Conn, _ *Segment) {
			c.retries = min(c.retries, 254) + 1
			c.keepProbes = min(c.keepProbes, 1<<16-2) + 1
			c.RexmtAt = 0
			c.userWaits()
			if c.is(flagClosePending) && c.SndUna == c.SndEnd {
				c.finish(nil) // the FIN is what waits
			}
			c.probe()
		}, To: in(LastAck), Then: Next,
	},
	{
		Name: "tail-loss-probe", Cite: Cite{8985, "7.3", "", ""},
		Says: "the last of what was sent goes again: its ACK tells whether anything before it is lost",
		On:   EvTick, At: AtRexmt, In: unsent,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.RexmtAt) && c.timer == timerProbe },
		Do: func(c *Conn, _ *Segment) {
			c.set(flagTailProbed, true)
			c.TailEnd = c.SndNxt
			c.RexmtAt = 0
			c.cause = c.rule
			if c.sendNext(true, true) {
				c.TailEnd = c.SndNxt
				return
			}
			from := maxSeq(c.SndTail, c.textUna())
			n := min(minSeq(c.SndNxt, c.SndEnd).Sub(minSeq(from, c.SndEnd)), c.EffSndMSS())
			c.sendText(from, n, c.FinSent() && from.Add(n) == c.SndEnd)
		}, Then: Next,
	},
	{
		Name: "reordering-timeout", Cite: Cite{8985, "6.2", "", ""},
		Says: "what was sent before something that has arrived is lost, unless it was overtaken: there was time for that",
		On:   EvTick, At: AtRexmt, In: unsent,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.RexmtAt) && c.timer == timerReorder },
		Do: func(c *Conn, _ *Segment) {
			c.RexmtAt = 0
			c.recover()
		}, Then: Next,
	},
	{
		Name: "retransmit-given-up", Cite: Cite{9293, "3.8.3", "(c)", "MUST-20"},
		Says: "what was repeated for as long as R2 says ends the connection, and the user is told",
		On:   EvTick, At: AtRexmt, In: unsent,
		When: func(c *Conn, _ *Segment) bool {
			return c.due(c.RexmtAt) && c.timer == timerRexmt && !c.is(flagSynOut) && c.pastDataR2()
		},
		Do: (*Conn).giveUp, To: in(Closed), Then: Done,
	},
	{
		Name: "override-timeout", Cite: Cite{9293, "3.8.6.2.1", "(4)", "MUST-38"},
		Says: "text that was held back for being small goes all the same",
		On:   EvTick, At: AtRexmt, In: unsent,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.RexmtAt) && c.timer == timerOverride },
		Do: func(c *Conn, _ *Segment) {
			c.RexmtAt = 0
			c.sendAll(true)
		}, Then: Next,
	},
	{
		Name: "retransmit", Cite: Cite{9293, "3.10.8", "RETRANSMISSION TIMEOUT", "MUST-19"},
		Says: "the segment at the front of the queue is sent again, and the timer waits longer for its ACK",
		On:   EvTick, At: AtRexmt, In: unsent,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.RexmtAt) },
		Do: func(c *Conn, _ *Segment) {
			c.repeated()
			c.lost()
			c.wantOutput()
			if c.prof.RepeatInClosedWindow && c.usable(c.SndRtx) == 0 {
				c.sendFirstAgain()
			}
		}, Then: Next,
	},

	{
		Name: "delayed-ack", Cite: Cite{9293, "3.8.6.3", "", "MUST-40"},
		Says: "an ACK that found no company in time goes alone",
		On:   EvTick, At: AtDelayedAck, In: synchronized,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.AckAt) },
		Do: func(c *Conn, _ *Segment) {
			c.ackMissed()
			c.wantAck()
		}, Then: Next,
	},

	{
		Name: "keepalive-dead", Cite: Cite{9293, "3.8.4", "", "MUST-29"},
		Says: "several keep-alives without an answer tell that the peer is dead: the connection is aborted",
		On:   EvTick, At: AtKeepAlive, In: idle,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.KeepAt) && c.pastKeepAlives() },
		Do: func(c *Conn, _ *Segment) {
			c.sendReset()
			c.notify(PeerDead)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "keepalive-probe", Cite: Cite{9293, "3.8.4", "", "MUST-26"},
		Says: "an idle connection is probed with a number that the peer has acknowledged: it answers if it knows the connection",
		On:   EvTick, At: AtKeepAlive, In: idle,
		When: func(c *Conn, _ *Segment) bool { return c.due(c.KeepAt) },
		Do: func(c *Conn, _ *Segment) {
			c.keepProbes = min(c.keepProbes, 1<<16-2) + 1
			c.KeepAt = c.after(time.Duration(c.KeepInterval) * time.Millisecond)
			c.sendAckAt(c.SndNxt - 1)
		}, Then: Next,
	},
}

// pastKeepAlives reports whether enough keep-alives have stayed without an answer: as many
// as the user says, or, where the profile has it so, for as long as its user timeout says.
func (c *Conn) pastKeepAlives() bool {
	if c.UserTimeout == 0 || !c.prof.KeepAliveUserTimeout {
		return c.keepProbes >= uint16(c.keepCount)
	}
	silent := uint64(c.KeepIdle) + uint64(c.keepProbes)*uint64(c.KeepInterval)
	return c.keepProbes > 0 && (silent >= uint64(c.UserTimeout) || c.keepProbes == 1<<16-1)
}

// pastR2 reports whether the SYN has been repeated for as long, or as often, as R2
// says. Repeats without a backoff come beyond that number, but not beyond the time that
// the others would take.
func (c *Conn) pastR2() bool {
	limit := c.prof.SynR2
	if c.is(flagPassive) {
		limit = c.prof.SynAckR2
	}
	if linear := min(c.prof.SynLinear, limit); linear > 0 && !c.is(flagPassive) {
		if c.State != SynSent {
			limit -= linear
		}
		if c.now.Sub(c.FirstAt) >= c.prof.RTOInitial+c.repeating(c.prof.RTOInitial, c.prof.SynR2-linear) {
			return true
		}
	}
	if limit > 0 {
		return c.retries >= limit
	}
	return !c.State.Synchronized() && c.prof.R2Syn > 0 && c.now.Sub(c.FirstAt) >= c.prof.R2Syn
}

// pastDataR2 reports whether text or FIN has been repeated for as long as R2 says:
// R2 is a number of repeats, and what counts is the time that they would take if
// the RTO were RTOMin (RFC 9293 3.8.3 "R2 may be measured in time units").
func (c *Conn) pastDataR2() bool {
	r2 := c.prof.DataR2
	if c.is(flagDetached) {
		r2 = c.prof.OrphanR2
	}
	if r2 == 0 || c.UserTimeout > 0 {
		return false
	}
	if c.prof.R2Counts {
		return c.retries >= r2
	}
	return c.repeating(c.baseRTO(), c.retries) >= c.prof.RTOMin+c.repeating(c.prof.RTOMin, r2)
}

// pastProbes reports whether a closed window has been probed enough: R2 is how many
// probes may stay unanswered. Without a user probing ends when the time between
// probes has reached RTOMax, or when nothing has been heard for PersistMax.
func (c *Conn) pastProbes() bool {
	r2 := c.prof.DataR2
	if c.is(flagDetached) {
		if r2 = c.prof.OrphanR2; r2 > 0 && c.persistInterval(c.retries) >= c.prof.RTOMax {
			return true
		}
		if c.prof.PersistMax > 0 && c.unheard() >= c.prof.PersistMax {
			return true
		}
	}
	return r2 > 0 && c.keepProbes >= uint16(r2)
}

// unheard is for how long the probes of a closed window have stayed unanswered: the
// waits before each of them, and the one that is over now.
func (c *Conn) unheard() time.Duration {
	if c.keepProbes == 0 {
		return 0 // the last one was answered
	}
	sum := time.Duration(0)
	for k := range c.keepProbes + 1 {
		sum += c.persistInterval(c.retries - uint8(min(k, uint16(c.retries))))
	}
	return sum
}

// repeating is the time from the first repeat to the expiry after the n-th, if the
// RTO was base before the first.
func (c *Conn) repeating(base time.Duration, n uint8) time.Duration {
	sum := time.Duration(0)
	for range n {
		base = min(2*base, c.prof.RTOMax)
		sum += base
	}
	return sum
}

// giveUp deletes the connection for want of an answer.
func (c *Conn) giveUp(*Segment) {
	if c.features&ResetGivenUp != 0 && !c.is(flagSynOut) {
		c.sendReset()
	}
	c.notify(NoAnswer)
	c.enter(Closed)
}
