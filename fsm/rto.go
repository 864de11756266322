package fsm

import "time"

// measured takes a round-trip time of a segment that was sent once (Karn's
// algorithm, RFC 9293 MUST-18) into the RTO.
func (c *Conn) measured(rtt time.Duration) {
	switch {
	case c.features&RFC6298 == 0:
		// RFC 793 3.7 leaves ALPHA 0.8 to 0.9 and BETA 1.3 to 2.0.
		if c.SRTT == 0 {
			c.SRTT = rtt
		} else {
			c.SRTT = c.SRTT*9/10 + rtt/10
		}
	case c.SRTT == 0: // RFC 6298 2.2
		c.SRTT, c.RTTVar = rtt, rtt/2
	default: // RFC 6298 2.3
		c.RTTVar += ((c.SRTT - rtt).Abs() - c.RTTVar) / 4
		c.SRTT += (rtt - c.SRTT) / 8
	}
	c.RTO = c.baseRTO()
}

// baseRTO is the RTO as the round-trip times give it, without backoff.
func (c *Conn) baseRTO() time.Duration {
	rto := c.prof.RTOInitial
	switch {
	case c.SRTT == 0:
	case c.features&RFC6298 == 0:
		rto = c.SRTT * 2
	case c.features&MinVariance != 0:
		rto = c.SRTT + max(4*c.RTTVar, c.prof.RTOMin)
	default: // RFC 6298 2.2 and 2.3
		rto = c.SRTT + 4*c.RTTVar
	}
	if tick := c.prof.Tick; tick > 0 && c.SRTT > 0 {
		rto += tick - rto%tick
	}
	return min(max(rto, c.prof.RTOMin), c.prof.RTOMax)
}

// timeFrom starts the measurement of a segment that ends before end, if none runs.
func (c *Conn) timeFrom(end Seq) {
	if !c.is(flagTiming) {
		c.set(flagTiming, true)
		c.RttSeq, c.RttAt = end, c.now
	}
}

// waitRTO is how long the retransmission timer runs: the RTO, and what the profile
// adds to it.
func (c *Conn) waitRTO() time.Duration {
	if c.prof.RTOSlop == 0 || c.is(flagSynOut) && (c.retries == 0 || c.is(flagPassive)) {
		return c.RTO
	}
	return min(c.RTO+c.prof.RTOSlop, max(c.prof.RTOMax, c.RTO))
}

// backOff lengthens the RTO after an expiry (RFC 6298 5.5).
func (c *Conn) backOff() {
	if c.State == SynSent && c.retries <= c.prof.SynLinear {
		return
	}
	if n := c.prof.BackoffMax; n > 0 && c.RTO >= c.baseRTO()*time.Duration(n) {
		return
	}
	c.RTO = min(c.RTO*time.Duration(max(c.prof.Backoff, 1)), max(c.prof.RTOMax, c.RTO))
}

// repeated counts an expiry of the retransmission timer, and tells the user
// when R1 is reached (RFC 9293 3.8.3).
func (c *Conn) repeated() {
	c.retries = min(c.retries, 254) + 1
	c.set(flagTiming, false)
	c.userWaits()
	if c.retries == c.prof.R1 && !c.is(flagR1) {
		c.set(flagR1, true)
		c.notify(Delivery)
	}
	c.backOff()
	c.RexmtAt = 0 // armTimers starts it again, with the longer RTO
}

// userWaits starts the user timeout at the first repeat or probe, where the profile
// counts from it.
func (c *Conn) userWaits() {
	if c.prof.UserTimeoutFromRepeat && c.UserAt == 0 && c.UserTimeout > 0 {
		c.UserAt = c.now.Add(time.Duration(c.UserTimeout) * time.Millisecond)
	}
}

// after gives the instant at which a timer of d expires. Where the profile has a
// tick, timers stand on a wheel of eight levels: each has 64 slots and turns eight
// times slower than the one before it. A timer is never early, and up to an eighth
// late. Where the wheel stands at time 0 is the chance of a boot; the phase was
// fitted to recorded runs.
func (c *Conn) after(d time.Duration) Time {
	if c.prof.Tick == 0 {
		return c.now.Add(d)
	}
	tick := int64(c.prof.Tick)
	const phase = int64(15 * time.Millisecond)
	now := (int64(c.now) + phase) / tick
	expires := now + (int64(d)+tick-1)/tick
	shift := 0
	for delta := expires - now; delta >= 63<<shift && shift < 21; shift += 3 {
	}
	return Time((expires>>shift+1)<<shift*tick - phase)
}

func (c *Conn) stopTimers() {
	c.RexmtAt, c.AckAt, c.WaitAt, c.UserAt, c.KeepAt = 0, 0, 0, 0, 0
	c.timer = timerRexmt
}

// due reports whether the deadline at has come.
func (c *Conn) due(at Time) bool { return at != 0 && at <= c.now }

// armTimers makes the timers agree with what the step has left: each runs if
// and only if it has something to wait for. A timer that runs goes on.
func (c *Conn) armTimers() {
	if c.State == TimeWait {
		return
	}
	if c.SndUna == c.SndNxt && c.SndNxt == c.SndEnd && c.flags&(flagFinQueued|flagClosePending|flagKeepAlive) == 0 {
		c.RexmtAt, c.timer, c.UserAt, c.KeepAt = 0, timerRexmt, 0, 0 // what most steps leave: nothing to wait for
		return
	}
	c.armRexmt()
	outstanding := c.SndUna != c.SndNxt || c.Unsent() > 0 || c.finWaits()
	opening := c.prof.OpenTimeout > 0 && !c.is(flagPassive) && (c.State == SynSent || c.State == SynReceived)
	switch {
	case opening:
		if c.UserAt == 0 {
			c.UserAt = c.FirstAt.Add(c.prof.OpenTimeout)
		}
	case !outstanding || c.UserTimeout == 0:
		c.UserAt = 0
	case c.UserAt == 0 && c.State == SynSent && c.prof.UserTimeoutFromRepeat:
		c.UserAt = c.FirstAt.Add(time.Duration(c.UserTimeout) * time.Millisecond)
	case c.UserAt == 0 && !c.prof.UserTimeoutFromRepeat:
		c.UserAt = c.now.Add(time.Duration(c.UserTimeout) * time.Millisecond)
	}
	switch {
	case !c.is(flagKeepAlive) || outstanding || !c.State.Synchronized() || c.keepAliveOver():
		c.KeepAt = 0
	case c.KeepAt == 0:
		c.KeepAt = c.after(time.Duration(c.KeepIdle) * time.Millisecond)
	}
}

// keepAliveOver reports whether the connection is so far closed that the profile sends
// no keep-alives.
func (c *Conn) keepAliveOver() bool {
	return c.State == FinWait2 && c.is(flagDetached) && c.features&FinWait2Alone != 0 ||
		c.prof.KeepAliveEnds && in(FinWait2, LastAck).Has(c.State)
}

// armRexmt arms the slot that retransmission, persist and override share.
func (c *Conn) armRexmt() {
	want, after := timerRexmt, time.Duration(0)
	switch {
	case c.blockedByWindow():
		want, after = timerPersist, c.persistInterval(c.retries)
	case c.mayReorder():
		want, after = timerReorder, max(c.SRTT/time.Duration(c.prof.Reordering), time.Nanosecond)
	case c.mayProbeTail():
		want, after = timerProbe, c.tailTimeout()
	case c.SndUna != c.SndNxt:
		after = c.waitRTO()
	case c.Unsent() > 0 && c.State.Synchronized():
		want, after = timerOverride, c.prof.SWSOverride
		if c.prof.OverrideByRTO {
			after = c.RTO
		}
	}
	if after == 0 {
		c.RexmtAt, c.timer = 0, timerRexmt
		return
	}
	if c.RexmtAt == 0 || c.timer != want {
		if c.timer != want && (c.timer == timerPersist || want == timerPersist) {
			c.retries = 0
		}
		c.RexmtAt, c.timer = c.after(after), want
	}
}

// mayProbeTail reports whether the last segment may be lost, and nothing tells of it
// (RFC 8985 7.2).
func (c *Conn) mayProbeTail() bool {
	return c.prof.LossProbe && c.SndUna != c.SndNxt && c.SRTT > 0 && c.retries == 0 && c.sacked == 0 && c.SndRtx == c.SndNxt &&
		c.flags&(flagSACK|flagRecovery|flagTailProbed|flagSynOut) == flagSACK
}

// tailDone lets the tail be probed again when all that the last probe was about is
// acknowledged.
func (c *Conn) tailDone() {
	if c.is(flagTailProbed) && c.TailEnd.LessEq(c.SndUna) {
		c.set(flagTailProbed, false)
		c.TailEnd = 0
	}
}

// tailTimeout is PTO (RFC 8985 7.2): two round trips, and what the peer may wait with
// its ACK if only one segment is out. It is not longer than the RTO.
func (c *Conn) tailTimeout() time.Duration {
	pto := 2*c.SRTT + 2*c.prof.Tick
	if c.SndTail.LessEq(c.SndUna) {
		pto = 2*c.SRTT + c.prof.RTOMin
	}
	return min(pto, c.waitRTO())
}

// mayReorder reports whether the peer has told of a hole that may be filled yet by what
// was overtaken (RFC 8985 6.2).
func (c *Conn) mayReorder() bool {
	return c.prof.Reordering > 0 && c.sacked > 0 && !c.is(flagRecovery) && c.retries == 0 && c.SndRtx == c.SndNxt && c.mayRecover()
}

// blockedByWindow reports whether the peer's window is closed and something
// waits for it to open (RFC 9293 3.8.6.1).
func (c *Conn) blockedByWindow() bool {
	if c.prof.RepeatInClosedWindow && c.SndUna != c.SndNxt {
		return false
	}
	return c.SndWnd == 0 && c.State.Synchronized() && !c.is(flagSynOut) &&
		(c.SndUna != c.SndNxt || c.Unsent() > 0 || c.finWaits() || c.is(flagClosePending))
}

// persistInterval is the time from one zero-window probe to the next, by how many
// went before: one RTO at first, then longer and longer (RFC 9293 SHLD-29, SHLD-30).
func (c *Conn) persistInterval(probes uint8) time.Duration {
	d := c.RTO
	for range probes {
		if d >= c.prof.RTOMax {
			break
		}
		d *= 2
	}
	d = min(d, max(c.prof.RTOMax, c.RTO))
	if c.prof.PersistMax > 0 {
		d = min(max(d, c.prof.PersistMin), c.prof.PersistMax)
	}
	return d
}

// limitFinWait2 starts the limit of FIN-WAIT-2, if the profile has one: nobody
// is left to read what the peer may still send.
func (c *Conn) limitFinWait2() {
	gone := c.is(flagDetached) || c.is(flagRcvShut) && c.prof.FinWait2Shut
	limit := c.prof.FinWait2
	if c.FinWait2 > 0 {
		limit = time.Duration(c.FinWait2) * time.Millisecond
	}
	if c.prof.FinWait2ByRTO && limit > 0 {
		limit = max(limit, c.RTO*7/2)
	}
	if c.State == FinWait2 && c.is(flagDetached) && c.features&FinWait2Alone != 0 {
		c.held, c.Held = 0, [MaxHeld]Range{}
		c.AckAt = 0
		c.forgetTwice()
		c.forgetFin()
		c.forgetAnswers()
	}
	switch {
	case c.State != FinWait2:
	case gone && limit > 0:
		c.WaitAt = c.after(limit)
	case c.prof.FinWait2Held > 0 && c.WaitAt == 0:
		c.WaitAt = c.after(c.prof.FinWait2Held)
	}
}

// heard notes that a segment has arrived: the connection is not idle.
func (c *Conn) heard() { c.KeepAt, c.keepProbes = 0, 0 }
