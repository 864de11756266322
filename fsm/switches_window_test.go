package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What kernels do with numbers and windows.

// EV-1e: a segment that lies wholly to the left of the window brings its ACK all the
// same. What else it carries is not taken twice.
func TestSeqLeftOfWindow(t *testing.T) {
	for _, old := range []Segment{text(1, 10, 11), ack(1, 11)} {
		tc := newTestConn(t, Established, with(AckLeftOfWindow))
		tc.recv(text(1, 10, 1))
		tc.call(Send(10))
		tc.forget()
		tc.recv(old)
		tc.wantFired("seq-left-of-window")
		tc.wantAcked(10)
		tc.wantText(0)
		tc.wantSent(ack(11, 11))
		tc.wantTimers()

		tc = newTestConn(t, Established)
		tc.recv(text(1, 10, 1))
		tc.call(Send(10))
		tc.forget()
		tc.recv(old)
		tc.wantFired("seq-unacceptable")
		tc.wantSent(ack(11, 11))
		tc.wantDropped()
	}
}

// EV-1e: the ACK of our FIN counts too, and the peer's FIN only once.
func TestSeqLeftOfWindowFin(t *testing.T) {
	tc := newTestConn(t, FinWait1, with(AckLeftOfWindow))
	tc.recv(ack(0, 2))
	tc.wantFired("seq-left-of-window", "finwait1-fin-acked")
	tc.wantResult(OK)
	tc.wantSent(ack(2, 1))
	tc.wantState(FinWait2)

	tc = newTestConn(t, Closing, with(AckLeftOfWindow))
	tc.recv(fin(1, 1))
	tc.wantFired("seq-left-of-window", "ack-duplicate")
	tc.wantSent(ack(2, 2))
	tc.wantState(Closing)
	tc.recv(fin(1, 2))
	tc.wantFired("seq-left-of-window", "closing-fin-acked")
	tc.wantResult(OK)
	tc.wantSent(ack(2, 2))
	tc.wantState(TimeWait)
}

// INV-19: before the handshake is over, and in TIME-WAIT, nothing to the left of the
// window counts: there was nothing yet, or there is nothing any more.
func TestSeqLeftOfWindowNot(t *testing.T) {
	tc := newTestConn(t, SynReceived, with(AckLeftOfWindow))
	tc.recv(ack(0, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantState(SynReceived)

	tc = newTestConn(t, TimeWait, with(AckLeftOfWindow))
	tc.recv(ack(1, 2))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()

	tc = newTestConn(t, Established, with(AckLeftOfWindow))
	tc.call(Send(10))
	tc.forget()
	tc.recv(ack(4097, 11)) // to the right, beyond the number at the edge
	tc.forget()
	tc.recv(ack(4098, 11))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(11, 1))
	tc.wantDropped()
}

// EV-1g: answers to what is empty and outside the window are limited; those to text
// are not.
func TestSeqUnacceptableLimited(t *testing.T) {
	tc := newTestConn(t, Established, with(AnswersLimited), change(func(p *Profile) {
		p.ChallengeLimit, p.ChallengeInterval = 1, 500*ms
	}))
	tc.recv(ack(0, 1))
	tc.wantFired("seq-unacceptable-limited")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.pass(400 * ms)
	tc.recv(ack(0, 1))
	tc.wantFired("seq-unacceptable-limited")
	tc.wantNoneSent()
	tc.wantDropped()
	tc.recv(syn(500)) // a challenge ACK counts with them
	tc.wantFired("syn-challenged")
	tc.wantNoneSent()
	tc.wantDropped()
	for range 2 {
		tc.recv(text(1<<32-9, 10, 1))
		tc.wantFired("seq-unacceptable")
		tc.wantSent(ack(1, 1))
		tc.wantDropped()
	}
	tc.pass(100 * ms)
	tc.recv(ack(0, 1))
	tc.wantFired("seq-unacceptable-limited")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()

	tc = newTestConn(t, Established, with(AnswersLimited), without(RFC5961Syn))
	tc.recv(syn(0)) // a SYN has an octet, and no text
	tc.wantFired("seq-unacceptable-limited")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
}

// RFC 5961 5.2 with less than the peer's window: an ACK cannot lie further back than
// what has been acknowledged.
func TestAckRangeAcked(t *testing.T) {
	tc := newTestConn(t, Established, with(AckRangeAcked))
	tc.call(Send(10))
	tc.recv(ack(1, 11))
	tc.forget()
	tc.recv(ack(1, 1))
	tc.wantFired()
	tc.recv(ack(1, 0)) // the SYN was acknowledged too
	tc.wantFired()
	tc.recv(ack(1, 1<<32-1))
	tc.wantFired("ack-too-old")
	tc.wantSent(ack(11, 1))
	tc.wantDropped()
	tc.recv(fin(1, 1<<32-1))
	tc.wantFired("ack-too-old")
	tc.wantSent(ack(11, 1))
	tc.wantDropped()
	tc.recv(text(1, 10, 1<<32-1)) // of text in order nobody looks how old its ACK is
	tc.wantFired("text-in-order")
	tc.wantText(10)

	tc = newTestConn(t, SynReceived, with(AckRangeAcked))
	tc.recv(ack(1, 1))
	tc.forget()
	tc.recv(ack(1, 0)) // but nobody counts that of a passive end
	tc.wantFired("ack-too-old")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()

	tc = newTestConn(t, Established)
	tc.recv(ack(1, 0))
	tc.wantFired()

	// Not even our SYN has been acknowledged.
	tc = newTestConn(t, SynReceived, with(AckRangeAcked|FinStateEager))
	tc.call(Close())
	tc.forget()
	tc.recv(ack(1, 1<<32-5))
	tc.wantFired("ack-too-old")
	tc.wantSent(ack(2, 1))
	tc.wantDropped()
	tc.wantState(FinWait1)
}

// EV-1h: what there is room for is taken, though less was offered: here 90 octets,
// too little to tell the peer.
func TestWindowInternal(t *testing.T) {
	roomy := func(s State, f Features) *testConn {
		tc := newTestConn(t, s, with(f))
		tc.call(Set(RcvBuf, testBuffer+90))
		tc.forget()
		require.Equal(t, uint32(testBuffer), tc.tcb.RcvWnd)
		return tc
	}
	tc := roomy(Established, WindowInternal)
	tc.recv(text(4150, 36, 1))
	tc.wantFired("text-behind-gap")
	tc.wantHeld(Range{4150, 4186})
	tc.wantSent(ack(1, 1))
	tc.recv(fin(4186, 1))
	tc.wantFired("fin-behind-gap")
	tc.wantSent(ack(1, 1))
	tc.recv(text(4187, 10, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()

	tc = roomy(Established, WindowInternal)
	tc.recv(text(4101, 10, 1))
	tc.wantFired("text-behind-gap")
	tc.wantHeld(Range{4101, 4111})
	tc.wantSent(ack(1, 1))
	tc.recv(textFin(1, 4100, 1)) // nothing lies behind a FIN
	tc.wantFired("text-in-order", "fin-established")
	tc.wantText(4100)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 4102))
	tc.wantState(CloseWait)

	tc = roomy(Established, 0)
	tc.recv(text(4150, 10, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
}

// In a passive SYN-RECEIVED what was offered counts, in an active one what there is
// room for: the window of a SYN has no scale.
func TestWindowInternalSynReceived(t *testing.T) {
	large := change(func(p *Profile) { p.RcvBuf = 100_000 })
	tc := newTestConn(t, SynReceived, with(WindowInternal), large)
	tc.recv(ack(65537, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantState(SynReceived)

	tc = newTestConn(t, SynSent, with(WindowInternal), large)
	tc.recv(carrying(flagged(tc.peerSyn(), FIN), 65535))
	tc.wantFired("synsent-syn")
	tc.wantHeld(Range{1, 65536})
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)
	tc.recv(ack(65537, 1))
	tc.wantFired("synrcvd-ack", "fin-established")
	tc.wantText(65535)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 65537))
	tc.wantState(Established, CloseWait)
}

// A window that was closed takes a FIN when there is room again; and what was
// offered is taken although the buffer is smaller now.
func TestWindowInternalClosed(t *testing.T) {
	tc := newTestConn(t, Established, with(WindowInternal), change(func(p *Profile) { p.RcvBuf = 100 }))
	tc.recv(text(1, 100, 1))
	tc.call(Set(RcvBuf, 110))
	tc.forget()
	require.Zero(t, tc.tcb.RcvWnd)
	tc.recv(fin(101, 1))
	tc.wantFired("fin-established")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 102))
	tc.wantState(CloseWait)

	tc = newTestConn(t, Established, with(WindowInternal))
	tc.call(Set(RcvBuf, 10))
	tc.wantFired("set-buffers")
	tc.recv(text(1, 100, 1))
	tc.wantFired("text-in-order")
	tc.wantText(100)
}

// RFC 7323 2.3: no window is larger than 2^30, however large the buffer.
func TestWindowInternalBound(t *testing.T) {
	tc := newTestConn(t, Established, with(WindowInternal))
	tc.call(Set(RcvBuf, 1<<32-1))
	tc.forget()
	tc.recv(text(1<<30, 10, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.recv(text(1, 10, 1))
	tc.wantFired("text-in-order")
	tc.wantText(10)
}

// The window follows the user octet by octet; only one of little use is kept back.
func TestWindowFollows(t *testing.T) {
	tc := newTestConn(t, Established, with(WindowFollows), change(func(p *Profile) { p.RcvBuf = 300 }))
	tc.anyRule()
	tc.recv(text(1, 100, 1))
	tc.call(Receive(10))
	tc.recv(text(101, 100, 1))
	tc.wantSent(ack(1, 201))
	tc.wantWindow(110)
	tc.recv(text(201, 100, 1))
	tc.pass(tc.prof.DelayedAck)
	tc.wantSent(ack(1, 301))
	tc.wantWindow(10)
	tc.recv(text(301, 10, 1))
	tc.pass(tc.prof.DelayedAck)
	tc.wantSent(ack(1, 311))
	tc.wantWindow(0)
	tc.call(Receive(74)) // less than a quarter, and than a segment
	tc.wantNoneSent()
	tc.call(Receive(1))
	tc.wantSent(ack(1, 311))
	tc.wantWindow(75)
	tc.forget()

	// A segment is of use, however large the buffer.
	tc = newTestConn(t, Established, with(WindowFollows), change(func(p *Profile) { p.RcvBuf = 800 }))
	tc.anyRule()
	for i := range Seq(8) {
		tc.recv(text(1+100*i, 100, 1))
	}
	tc.call(Receive(99))
	tc.forget()
	tc.call(Receive(1))
	tc.wantSent(ack(1, 801))
	tc.wantWindow(100)
	tc.forget()

	tc = newTestConn(t, Established)
	tc.anyRule()
	tc.recv(text(1, 100, 1))
	tc.call(Receive(10))
	tc.recv(text(101, 100, 1))
	tc.wantWindow(testBuffer - 200)
	tc.forget()
}

// The buffer is rounded up to whole segments when the handshake is over, at both
// ends.
func TestRoundedBuffer(t *testing.T) {
	rounded := change(func(p *Profile) { p.RoundedBuffer = true })
	small := change(func(p *Profile) { p.RcvBuf = 250 })
	tc := newTestConn(t, SynSent, rounded, small)
	require.Equal(t, uint32(250), tc.tcb.Option(RcvBuf))
	tc.recv(tc.peerSynAck())
	tc.forget()
	require.Equal(t, uint32(300), tc.tcb.Option(RcvBuf))

	tc = newTestConn(t, Established, rounded, small, func(tc *testConn) { tc.syn.MSS = 70 })
	require.Equal(t, uint32(280), tc.tcb.Option(RcvBuf), "segments are the peer's, if they are smaller")

	tc = newTestConn(t, SynReceived, rounded, small)
	require.Equal(t, uint32(250), tc.tcb.Option(RcvBuf))
	tc.recv(ack(1, 1))
	tc.forget()
	require.Equal(t, uint32(300), tc.tcb.Option(RcvBuf))

	tc = newTestConn(t, Established, rounded, change(func(p *Profile) { p.RcvBuf = 300 }))
	require.Equal(t, uint32(300), tc.tcb.Option(RcvBuf), "it is whole already")
	tc = newTestConn(t, Established, small)
	require.Equal(t, uint32(250), tc.tcb.Option(RcvBuf))
}

// RFC 2018 4: a block ends with what is held; whether a FIN counts is open.
func TestSackFinSwitch(t *testing.T) {
	for _, x := range []struct {
		name string
		opt  testOption
		seg  Segment
		want []Range
	}{
		{"text and FIN", with(SackFin), textFin(11, 10, 1), []Range{{11, 22}}},
		{"FIN alone", with(SackFin), fin(11, 1), []Range{{11, 12}}},
		{"text and FIN, off", without(SackFin), textFin(11, 10, 1), []Range{{11, 21}}},
		{"FIN alone, off", without(SackFin), fin(11, 1), nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			tc := newTestConn(t, Established, sack, x.opt)
			tc.anyRule()
			tc.recv(x.seg)
			tc.wantSent(ack(1, 1))
			require.Equal(t, x.want, append([]Range(nil), tc.last.Sack[:tc.last.NSack]...))
			require.Equal(t, x.want != nil, tc.last.Has&OptSACK != 0)
			tc.forget()
		})
	}
}

// A user that asks for a small buffer is offered no more shift than it needs: with more
// the header could not tell of its window.
func TestScaleByBuffer(t *testing.T) {
	for _, x := range []struct {
		buffer uint32
		by     bool
		shift  uint8
	}{
		{65536, true, 7}, {65535, true, 7}, {65534, true, 0}, {1000, true, 0}, {1000, false, 7},
	} {
		tc := newTestConn(t, Closed, change(func(p *Profile) {
			p.Features |= WindowScale
			p.RcvBuf, p.ScaleByBuffer = 65535, x.by
		}))
		tc.anyRule()
		tc.call(Set(RcvBuf, x.buffer))
		tc.call(ActiveOpen(tc.iss))
		require.Equal(t, x.shift, tc.last.WScale, "%d octets", x.buffer)
		tc.forget()
	}
	tc := newTestConn(t, Closed, change(func(p *Profile) { p.Features, p.RcvBuf = p.Features|WindowScale, 1<<20 }))
	tc.anyRule()
	tc.call(Set(RcvBuf, 1<<19))
	tc.call(ActiveOpen(tc.iss))
	require.Equal(t, uint8(4), tc.last.WScale, "65535 << 4 covers it, << 3 does not")
	tc.forget()
}
