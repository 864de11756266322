package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Switches that the RFCs' profiles have off: what kernels do otherwise.

// RS-3: the reset of an abort carries an ACK.
func TestResetWithAck(t *testing.T) {
	tc := newTestConn(t, Established, with(ResetWithAck))
	tc.call(Send(100))
	tc.forget()
	tc.call(Abort())
	tc.wantFired("abort-reset")
	tc.wantSent(rstAck(101, 1))
	tc.wantResult(OK, ResetError)
	tc.wantState(Closed)
}

// RS-A3: a RST that answers text sent before our FIN arrived carries the number of
// the peer's FIN, one below RCV.NXT.
func TestResetBelowFin(t *testing.T) {
	for _, s := range []State{CloseWait, Closing, LastAck} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s, with(ResetBelowFin))
			tc.anyRule()
			tc.recv(rst(1))
			tc.forget()
			require.Equal(t, Closed, tc.tcb.State)

			tc = newTestConn(t, s)
			tc.recv(rst(1))
			tc.wantFired("seq-unacceptable-rst")
			tc.wantDropped()
			tc.wantState(s)
		})
	}
	tc := newTestConn(t, Established, with(ResetBelowFin))
	tc.recv(rst(0))
	tc.wantFired("seq-unacceptable-rst")
	tc.wantDropped()
}

// SK-E5: the user of a connection in CLOSING or LAST-ACK learns of a RST too.
func TestRstClosingTold(t *testing.T) {
	for _, s := range []State{Closing, LastAck} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s, with(ResetTold))
			tc.recv(rst(2))
			tc.wantFired("rst-closing-told")
			tc.wantDropped()
			tc.wantResult(ResetError)
			tc.wantState(Closed)
		})
	}
}

// TW-5: a RST elsewhere in the window of TIME-WAIT is dropped.
func TestTimeWaitRstInexact(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(TimeWaitResetExact))
	tc.recv(rst(9))
	tc.wantFired("timewait-rst-inexact")
	tc.wantDropped()
	tc.wantNoneSent()
	tc.recv(rst(2))
	tc.wantFired("rst-closing")
	tc.wantDropped()
	tc.wantState(Closed)
}

// TW-6: a SYN at RCV.NXT does not end TIME-WAIT; one beyond it does.
func TestTimeWaitSynBeyondNext(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(TimeWaitSynBeyond), listener)
	tc.recv(syn(2))
	tc.wantFired("seq-acceptable", "syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.recv(syn(3))
	tc.wantFired("timewait-syn-reopens")
	tc.wantState(Closed)
	tc.wantReopen()
}

// SK-D: shutdown() of both directions answers new text with a RST.
func TestResetAfterShutdown(t *testing.T) {
	tc := newTestConn(t, FinWait2, with(ResetAfterShutdown))
	tc.call(Set(ShutReceive, 1))
	tc.forget()
	tc.recv(text(1, 10, 2))
	tc.wantFired("text-after-close")
	tc.wantSent(rst(2))
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)
}

// The SYN,ACK that crosses ours draws an ACK.
func TestCrossedSynAcked(t *testing.T) {
	tc := newActiveSynReceived(t, with(CrossedSynAcked))
	tc.recv(synAck(0, 1))
	tc.wantFired("synrcvd-crossing-syn-ack", "synrcvd-ack")
	tc.wantSent(ack(1, 1))
	tc.wantState(Established)
}

// A SYN is repeated 8 ms after an unacceptable ACK, once.
func TestSynAgainOnBadAck(t *testing.T) {
	tc := newTestConn(t, SynSent, with(SynAgainOnBadAck))
	tc.recv(ack(5000, 777))
	tc.forget()
	require.Equal(t, 8*ms, tc.until())
	tc.wantFired("retransmit-syn")
	tc.wantSent(syn(0))
	tc.recv(ack(5000, 777))
	tc.forget()
	require.Greater(t, tc.until(), time.Second)
	tc.forget()
}

// On a wheel of 4 ms that is 8 to 12 ms, wherever the wheel stands.
func TestSynAgainOnWheel(t *testing.T) {
	for d := time.Duration(0); d < 4*ms; d += ms {
		p := RFC9293
		p.Features |= SynAgainOnBadAck
		p.Tick = 4 * ms
		tc := newTestConn(t, SynSent, under(p))
		tc.pass(d)
		tc.recv(ack(5000, 777))
		tc.forget()
		again := tc.until()
		require.GreaterOrEqual(t, again, 8*ms)
		require.LessOrEqual(t, again, 12*ms)
		tc.forget()
	}
}

// A closed window is probed with an old number, and SND.NXT stays.
func TestProbeOldNumber(t *testing.T) {
	tc := newTestConn(t, Established, with(ProbeOldNumber))
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	tc.forget()
	tc.until()
	tc.wantFired("zero-window-probe")
	tc.wantSent(ack(0, 1))
	require.Equal(t, tc.snd(1), tc.tcb.SndNxt)
	tc.recv(ack(1, 1))
	tc.wantFired()
	tc.wantSent(text(1, 10, 1))
}

// TO-5: the user timeout counts from the first repeat, and goes on while a closed
// window is answered.
func TestUserTimeoutFromRepeat(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) { p.UserTimeoutFromRepeat = true }))
	tc.anyRule()
	tc.call(Set(UserTimeout, 5000))
	tc.call(Send(10))
	tc.wantTimers("retransmission")
	first := tc.until()
	tc.forget()
	require.Equal(t, tc.now.Add(5*time.Second), tc.tcb.UserAt)
	for tc.tcb.State != Closed {
		tc.until()
	}
	tc.wantResult(TimedOut)
	require.Less(t, first, 5*time.Second)
	tc.forget()

	tc = newTestConn(t, Established, change(func(p *Profile) { p.UserTimeoutFromRepeat = true }))
	tc.anyRule()
	tc.call(Set(UserTimeout, 5000))
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	for tc.tcb.State != Closed {
		tc.until()
		if tc.tcb.State != Closed {
			tc.recvWindow(ack(1, 1), 0)
		}
	}
	tc.forget()
}

// RTO = SRTT + max (RTOMin, 4 * RTTVAR).
func TestMinVariance(t *testing.T) {
	tc := newTestConn(t, Established, with(MinVariance), change(func(p *Profile) { p.RTOMin = 200 * ms }))
	tc.anyRule()
	tc.call(Send(10))
	tc.pass(20 * ms)
	tc.recv(ack(1, 11))
	tc.forget()
	require.Equal(t, tc.tcb.SRTT+200*ms, tc.tcb.RTO)
}

// R2 of text in repeats: it ends when the time since the first repeat is what so many
// would take from RTOMin on.
func TestRetransmitGivenUp(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) {
		p.UserTimeout, p.DataR2, p.OrphanR2, p.R1 = 0, 3, 1, 0
	}))
	tc.call(Send(10))
	tc.forget()
	for _, after := range []time.Duration{1, 2, 4} {
		require.Equal(t, after*time.Second, tc.until())
		tc.wantFired("retransmit")
		tc.forget()
	}
	require.Equal(t, 8*time.Second, tc.until()) // 14 s of the 15 are over
	tc.wantFired("retransmit")
	tc.forget()
	tc.until()
	tc.wantFired("retransmit-given-up")
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)
	tc.wantNoneSent()
}

// A timer on a wheel is never early, and at most an eighth and a slot late.
func TestTickWheel(t *testing.T) {
	prof := RFC9293
	prof.Tick = 4 * ms
	c := NewConn(&prof, &TCB{})
	for _, now := range []Time{0, 1, 5e6, 1e9, 77777777777} {
		for _, d := range []time.Duration{1, 4 * ms, 200 * ms, time.Second, time.Minute, time.Hour} {
			c.now = now
			late := c.after(d).Sub(now.Add(d))
			require.GreaterOrEqual(t, late, time.Duration(0), "%v after %v", d, now)
			require.LessOrEqual(t, late, d/7+2*prof.Tick, "%v after %v", d, now)
		}
	}
}

// The ACK of a FIN may wait for ours: longer where text has come before.
func TestFinAckDelay(t *testing.T) {
	delayed := change(func(p *Profile) { p.FinAckDelay, p.FinAckTick = 40*ms, 4*ms })
	tc := newTestConn(t, Established, delayed)
	tc.recv(fin(1, 1))
	tc.wantFired("fin-established")
	tc.wantResult(ClosingError)
	tc.wantNoneSent()
	tc.wantState(CloseWait)
	tc.call(Close())
	tc.wantFired("close-closewait")
	tc.wantSent(fin(1, 2))
	tc.wantResult(OK)
	tc.wantState(LastAck)

	tc = newTestConn(t, Established, delayed)
	tc.anyRule()
	tc.recv(text(1, 10, 1))
	tc.recv(fin(11, 1))
	require.Equal(t, 40*ms, tc.until())
	tc.wantSent(ack(1, 12))
	tc.forget()
}

// The window is whole segments, and one that has begun is held.
func TestWindowInSegments(t *testing.T) {
	tc := newTestConn(t, Established, with(WindowInSegments), change(func(p *Profile) { p.RcvBuf = 250 }))
	tc.anyRule()
	require.Equal(t, uint32(200), tc.tcb.RcvWnd)
	tc.recv(text(1, 100, 1))
	tc.recv(text(101, 100, 1))
	tc.wantWindow(100)
	tc.recv(text(201, 100, 1))
	tc.pass(tc.prof.DelayedAck)
	tc.wantWindow(0)
	tc.forget()
}

// TCP_LINGER2: the limit of FIN-WAIT-2 of one connection.
func TestSetFinWait2Limit(t *testing.T) {
	tc := newTestConn(t, FinWait2)
	tc.call(Set(FinWait2Limit, 1000))
	tc.wantFired("set-finwait2-limit")
	require.Equal(t, uint32(1000), tc.tcb.Option(FinWait2Limit))
	tc.call(Set(Detach, 1))
	tc.wantFired("set-detach")
	require.Equal(t, time.Second, tc.until())
	tc.wantFired("finwait2-timeout")
	tc.wantState(Closed)
}

// Without FIN-WAIT-2 the ACK of our FIN is answered with a RST.
func TestFinWait1NoFinWait2(t *testing.T) {
	tc := newTestConn(t, FinWait1)
	tc.call(Set(FinWait2Limit, NoFinWait2))
	tc.call(Set(Detach, 1))
	tc.forget()
	tc.recv(ack(1, 2))
	tc.wantFired("finwait1-no-finwait2")
	tc.wantSent(rst(2))
	tc.wantDropped()
	tc.wantState(Closed)
}

// A user that leaves in FIN-WAIT-2 resets the connection at once.
func TestSetDetachFinWait2(t *testing.T) {
	tc := newTestConn(t, FinWait2)
	tc.call(Set(FinWait2Limit, NoFinWait2))
	tc.forget()
	tc.call(Set(Detach, 1))
	tc.wantFired("set-detach-finwait2")
	tc.wantSent(rst(2))
	tc.wantState(Closed)
}

// R2 of a closed window: probes that nobody answers, or the bound of the interval when
// the user is gone.
func TestZeroWindowGivenUp(t *testing.T) {
	limits := change(func(p *Profile) { p.UserTimeout, p.DataR2, p.OrphanR2 = 0, 3, 100 })
	tc := newTestConn(t, Established, limits, with(ProbeOldNumber))
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	tc.forget()
	for range 2 {
		tc.until()
		tc.wantFired("zero-window-probe")
		tc.forget()
	}
	tc.recvWindow(ack(1, 1), 0) // it is there
	tc.forget()
	for range 3 {
		tc.until()
		tc.wantFired("zero-window-probe")
		tc.forget()
	}
	tc.until()
	tc.wantFired("zero-window-given-up")
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)

	tc = newTestConn(t, FinWait1, limits, with(ProbeOldNumber))
	tc.anyRule()
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Set(Detach, 1))
	start := tc.now
	for tc.tcb.State != Closed {
		tc.until()
		if tc.tcb.State != Closed {
			tc.recvWindow(ack(1, 1), 0)
		}
	}
	require.Greater(t, tc.now.Sub(start), tc.prof.RTOMax)
	tc.forget()
}

// A SYN,ACK that nobody acknowledges is given up in FIN-WAIT-1 too.
func TestSynGivenUpInFinWait(t *testing.T) {
	tc := newTestConn(t, SynReceived, with(FinStateEager), change(func(p *Profile) { p.SynAckR2, p.UserTimeout = 2, 0 }))
	tc.anyRule()
	tc.call(Close())
	tc.forget()
	tc.until()
	tc.until()
	tc.wantState(FinWait1)
	tc.forget()
	tc.until()
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)
	tc.forget()
}
