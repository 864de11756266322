package fsm

// newText gives the part of a segment's text that is new and lies in the
// window: [lo, hi), empty if there is none. Nothing lies behind a FIN.
func (c *Conn) newText(seg *Segment) (lo, hi Seq) {
	lo = maxSeq(seg.text(), c.RcvNxt)
	return lo, maxSeq(lo, c.textEnd(seg))
}

// textEnd is where a segment's text ends, as far as the window takes it.
func (c *Conn) textEnd(seg *Segment) Seq {
	hi := seg.fin()
	if !c.prof.EdgesAccepted {
		hi = minSeq(hi, c.RcvNxt.Add(c.acceptableWnd()))
	}
	if c.is(flagFinHeld) && !c.prof.HeldFinCovered {
		hi = minSeq(hi, c.RcvFin)
	}
	return hi
}

// deliver advances RCV.NXT over text that is in order, up to hi and on over what
// was held right behind it, and makes it readable. The right edge of the window
// stays where it is.
func (c *Conn) deliver(hi Seq) {
	from := c.RcvNxt
	c.RcvNxt = maxSeq(c.RcvNxt, hi)
	for c.held > 0 && c.joinHeld() {
	}
	if c.is(flagFinHeld) && c.RcvFin.Less(c.RcvNxt) {
		c.forgetFin()
	}
	n := c.RcvNxt.Sub(from)
	if n == 0 {
		return
	}
	c.RcvWnd -= min(n, c.RcvWnd)
	c.Unread += n
	a := c.act(Deliver)
	a.Seq, a.N = from, n
}

// joinHeld takes one held range that RCV.NXT has reached.
func (c *Conn) joinHeld() bool {
	for i, r := range c.Held[:c.held] {
		if r.Lo.LessEq(c.RcvNxt) {
			c.RcvNxt = maxSeq(c.RcvNxt, r.Hi)
			c.removeHeld(i)
			return true
		}
	}
	return false
}

func (c *Conn) removeHeld(i int) {
	copy(c.Held[i:], c.Held[i+1:c.held])
	c.held--
	c.Held[c.held] = Range{}
}

// hold keeps text behind a gap (RFC 9293 SHLD-31) and reports whether there was
// room for one more range. The range that the segment joined comes first, as
// SACK wants it (RFC 2018 4).
func (c *Conn) hold(lo, hi Seq) bool {
	r := Range{lo, hi}
	for i := 0; i < int(c.held); {
		if h := c.Held[i]; h.Lo.LessEq(r.Hi) && r.Lo.LessEq(h.Hi) {
			r = Range{minSeq(r.Lo, h.Lo), maxSeq(r.Hi, h.Hi)}
			c.removeHeld(i)
			continue
		}
		i++
	}
	if c.held == MaxHeld {
		return false
	}
	copy(c.Held[1:], c.Held[:c.held])
	c.Held[0] = r
	c.held++
	c.set(flagFinLast, false)
	a := c.act(Take)
	a.Seq, a.N = lo, hi.Sub(lo)
	return true
}

// holdFin keeps a FIN behind a gap until the gap is filled. Of two FINs with
// different numbers the first counts: a peer sends only one. What was held beyond
// it was never part of the stream.
func (c *Conn) holdFin(fin Seq) {
	if c.is(flagFinHeld) {
		return
	}
	c.set(flagFinHeld|flagFinLast, true)
	c.RcvFin = fin
	if !c.prof.HeldFinCovered {
		c.cutHeld()
	}
}

// forgetFin forgets the FIN that is held.
func (c *Conn) forgetFin() {
	c.set(flagFinHeld, false)
	c.RcvFin = 0
}

// cutHeld forgets what is held beyond the FIN that is held.
func (c *Conn) cutHeld() {
	fin := c.RcvFin
	for i := 0; i < int(c.held); {
		if c.Held[i].Hi = minSeq(c.Held[i].Hi, fin); c.Held[i].Lo.Less(c.Held[i].Hi) {
			i++
		} else {
			c.removeHeld(i)
		}
	}
}

// finInOrder reports whether the peer's FIN is the next number expected, and
// lies in the window: it came just now, or the gap before it has been filled.
func (c *Conn) finInOrder(seg *Segment) bool {
	if c.is(flagFinHeld) && c.RcvFin == c.RcvNxt {
		return true
	}
	return seg.Flags&FIN != 0 && seg.fin() == c.RcvNxt && (c.acceptableWnd() > 0 || c.prof.EdgesAccepted)
}

// finBehindGap reports whether the segment's FIN lies in the window behind a gap.
func (c *Conn) finBehindGap(seg *Segment) bool {
	return seg.Flags&FIN != 0 && c.RcvNxt.Less(seg.fin()) && (c.prof.EdgesAccepted || seg.fin().In(c.RcvNxt, c.acceptableWnd()))
}

// consumeFin advances RCV.NXT over the peer's FIN. What was held behind it was
// never part of the stream.
func (c *Conn) consumeFin() {
	c.RcvNxt++
	c.RcvWnd -= min(1, c.RcvWnd)
	c.forgetFin()
	c.forgetTwice()
	c.held, c.Held = 0, [MaxHeld]Range{}
	c.ackFin()
}

// ackFin acknowledges the peer's FIN: at once, or in ESTABLISHED a little later,
// so that the FIN of a user that closes at the end of the stream can carry it.
func (c *Conn) ackFin() {
	delay := c.prof.FinAckDelay
	if c.RcvNxt == c.IRS+2 { // there was nothing but the FIN
		delay = c.prof.FinAckTick
	}
	switch {
	case delay == 0 || c.State != Established:
		c.wantAck()
	case c.prof.AckAdapts:
		c.set(flagAnswers, true) // the user is expected to close
		if c.fullSegmentWaits() {
			c.wantAck()
			return
		}
		c.ackIn(delay)
	case c.AckAt == 0:
		c.AckAt = c.now.Add(delay)
	default:
		c.AckAt = min(c.AckAt, c.now.Add(delay))
	}
}

// deliverSynText delivers what came with the SYN, now that the connection is
// established.
func (c *Conn) deliverSynText() {
	gap := c.held > 1 || c.is(flagFinHeld)
	if c.deliver(c.RcvNxt); c.Unread > 0 {
		c.ackText(gap)
	}
}

// holdSynText keeps text and FIN that came with a SYN until the connection is
// established: they must not reach the user before (RFC 9293 3.5).
func (c *Conn) holdSynText(seg *Segment) {
	if lo, hi := c.newText(seg); lo != hi {
		c.hold(lo, hi)
	}
	if seg.Flags&FIN != 0 && seg.fin().In(c.RcvNxt, c.acceptableWnd()) {
		c.holdFin(seg.fin())
	}
}

// blocks fills in the SACK blocks of an ACK: what is held behind gaps, the
// latest first (RFC 2018 4). A held FIN counts as held too, where the profile has it so.
func (c *Conn) blocks(o *Options) {
	finHeld := c.is(flagFinHeld) && c.features&SackFin != 0
	twice := c.is(flagTwice)
	if c.held == 0 && !finHeld && !twice {
		return
	}
	room := uint8(MaxSACKBlocks)
	if o.Has&OptTimestamps != 0 {
		room--
	}
	if twice { // RFC 2883 4: the first block
		o.Sack[0], o.NSack = c.Twice, 1
		c.forgetTwice()
	}
	finIn := false
	if finHeld && c.is(flagFinLast) && c.finAlone() && o.NSack < room {
		o.Sack[o.NSack] = Range{c.RcvFin, c.RcvFin + 1}
		o.NSack++
		finIn = true
	}
	for _, r := range c.Held[:c.held] {
		if o.NSack == room {
			break
		}
		if finHeld && r.Hi == c.RcvFin {
			r.Hi++
			finIn = true
		}
		o.Sack[o.NSack] = r
		o.NSack++
	}
	if finHeld && !finIn && o.NSack < room && c.RcvNxt.Less(c.RcvFin) {
		o.Sack[o.NSack] = Range{c.RcvFin, c.RcvFin + 1}
		o.NSack++
	}
	if o.NSack > 0 {
		o.Has |= OptSACK
	}
}

// finAlone reports whether the held FIN lies behind a gap of its own.
func (c *Conn) finAlone() bool {
	for _, r := range c.Held[:c.held] {
		if r.Hi == c.RcvFin {
			return false
		}
	}
	return c.RcvNxt.Less(c.RcvFin)
}

// sackOctets is the room that reports of what is held, and of what came twice, take in a
// segment with text.
func (c *Conn) sackOctets() uint32 {
	if !c.prof.SackOnAll || !c.is(flagSACK) {
		return 0
	}
	n := uint32(c.held)
	if c.is(flagFinHeld) && c.finAlone() {
		n++
	}
	if c.is(flagTwice) {
		n++
	}
	most := uint32(MaxSACKBlocks)
	if c.is(flagTimestamps) {
		most--
	}
	if n == 0 {
		return 0
	}
	return 4 + 8*min(n, most)
}

// EffSndMSS is Eff.snd.MSS, less what is told of what is held, where the profile tells it
// on every segment.
func (c *Conn) EffSndMSS() uint32 {
	return max(c.block.EffSndMSS()-min(c.block.EffSndMSS(), c.sackOctets()), 1)
}

// cameTwice notes the first part of a segment that had come before, to be reported (RFC
// 2883 4): of what is delivered, or of what is held. What was noted before is old.
func (c *Conn) cameTwice(seg *Segment) {
	c.forgetTwice()
	if !c.prof.DSACK || !c.is(flagSACK) || c.State == TimeWait || seg.Flags&(RST|SYN) != 0 || c.State == FinWait2 && c.is(flagDetached) && c.features&FinWait2Alone != 0 {
		return // alone in FIN-WAIT-2, nobody knows of SACK any more
	}
	lo, hi := seg.Seq, seg.end()
	if lo.Less(c.RcvNxt) && lo.Less(hi) {
		c.noteTwice(Range{lo, minSeq(hi, c.RcvNxt)})
		return
	}
	for _, h := range c.Held[:c.held] {
		both := Range{maxSeq(lo, h.Lo), minSeq(hi, h.Hi)}
		if both.Lo.Less(both.Hi) && (!c.is(flagTwice) || both.Lo.Less(c.Twice.Lo)) {
			c.noteTwice(both)
		}
	}
}

func (c *Conn) noteTwice(r Range) {
	c.set(flagTwice, true)
	c.Twice = r
}

func (c *Conn) forgetTwice() {
	c.set(flagTwice, false)
	c.Twice = Range{}
}

// offer gives the window to be offered in a segment, as the header has it, and
// makes it ours. The right edge never moves left (RFC 9293 SHLD-14), and moves
// right only by as much as silly window avoidance asks (RFC 9293 3.8.6.2.2).
func (c *Conn) offer(syn bool) uint16 {
	if syn { // the window of a SYN is not scaled (RFC 7323 2.2)
		wnd := min(c.nextWnd(), 65535)
		c.RcvWnd = max(c.RcvWnd, wnd)
		return uint16(wnd)
	}
	c.RcvWnd = c.nextWnd()
	return uint16(min(c.RcvWnd>>c.rcvShift, 65535))
}

// space is how many octets more there is room for.
func (c *Conn) space() uint32 {
	if c.features&WindowInSegments == 0 {
		return c.RcvBuf - min(c.Unread, c.RcvBuf)
	}
	mss := uint32(max(c.RcvMSS, 1))
	if c.is(flagTimestamps) {
		mss -= min(mss-1, 12)
	}
	holds := (c.RcvBuf + mss - 1) / mss * mss
	left := holds - min(c.Unread, holds)
	return min(left-left%mss, max(c.RcvBuf/mss, 1)*mss)
}

// roundBuffer makes RCV.BUFF whole segments, where the profile has it so: when the
// peer's MSS is known, and not to a listener.
func (c *Conn) roundBuffer() {
	if mss := uint32(max(min(c.SndMSS, c.RcvMSS), 1)); c.prof.RoundedBuffer {
		c.RcvBuf = (c.RcvBuf + mss - 1) / mss * mss
	}
}

// nextWnd is the window that may be offered now, in octets.
func (c *Conn) nextWnd() uint32 {
	space := min(c.space(), 65535<<c.rcvShift)
	if space <= c.RcvWnd {
		return c.RcvWnd
	}
	if c.features&WindowFollows != 0 {
		if space < c.RcvBuf/4 && space < uint32(c.RcvMSS) {
			return c.RcvWnd
		}
		return space
	}
	if c.features&SillyWindow != 0 && space-c.RcvWnd < min(c.RcvBuf/2, c.EffSndMSS()) {
		return c.RcvWnd
	}
	return space
}

// received lets the user's n octets go, and tells the peer of the room if it
// may be waiting for it: it was offered less than half the buffer. One that has given up
// reading asks for no more.
func (c *Conn) received(n uint32) {
	c.Unread -= n
	if c.is(flagUrgent) && c.RcvUp.LessEq(c.consumed()) {
		c.set(flagUrgent, false)
		c.RcvUp = 0
	}
	if finless.Has(c.State) && c.flags&(flagFinHeld|flagRcvShut) == 0 && c.RcvWnd < c.RcvBuf/2 && c.nextWnd() > c.RcvWnd {
		c.wantAck()
	}
	c.readAnswers()
}
