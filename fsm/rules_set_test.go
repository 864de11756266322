package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.7.4, MUST-17: an application can disable the Nagle algorithm on a
// connection. What it held back goes at once.
func TestSetNoDelay(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(10))
	tc.call(Send(10))
	tc.wantSent(text(1, 10, 1))
	tc.forget()
	tc.call(Set(NoDelay, 1))
	tc.wantFired("set-nodelay")
	tc.wantSent(text(11, 10, 1))

	tc.call(Set(NoDelay, 0))
	tc.wantFired("set-nodelay")
	tc.call(Send(10))
	tc.wantFired("send-text")
	tc.wantOK(10)
	tc.wantNoneSent()
}

// RFC 9293 3.9.1.2, MAY-15: without PUSH text may wait for more. A cork holds
// what does not fill a segment; taking it out pushes it.
func TestSetCork(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(Cork, 1))
	tc.wantFired("set-cork")
	tc.call(Send(130))
	tc.wantFired("send-text")
	tc.wantOK(130)
	tc.wantSent(more(1, 100, 1))
	tc.recv(ack(1, 101))
	tc.wantAcked(100)
	tc.wantNoneSent()
	tc.wantFired()
	tc.call(Set(Cork, 0))
	tc.wantFired("set-cork")
	tc.wantSent(text(101, 30, 1))
}

// RFC 9293 3.8.4, MUST-24 and MUST-25: keep-alives are off, and can be turned on
// and off for each connection.
func TestSetKeepAlive(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.wantTimers()
	tc.call(Set(KeepAlive, 1))
	tc.wantFired("set-keepalive")
	tc.wantTimers("keep-alive")
	require.Equal(t, tc.now.Add(2*time.Hour), tc.tcb.KeepAt, "MUST-28")
	tc.call(Set(KeepAlive, 0))
	tc.wantFired("set-keepalive")
	tc.wantTimers()
}

// RFC 9293 3.8.4, MUST-27: the interval is configurable, for a timer that runs
// too.
func TestSetKeepAliveTimes(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(KeepAlive, 1))
	tc.forget()
	tc.call(Set(KeepIdle, 5000))
	tc.wantFired("set-keepalive-times")
	require.Equal(t, tc.now.Add(5*time.Second), tc.tcb.KeepAt)
	tc.call(Set(KeepInterval, 1000))
	tc.call(Set(KeepCount, 2))
	tc.wantFired("set-keepalive-times", "set-keepalive-times")

	require.Equal(t, 5*time.Second, tc.until())
	require.Equal(t, time.Second, tc.until())
	tc.wantFired("keepalive-probe", "keepalive-probe")
	tc.wantSent(ack(0, 1), ack(0, 1))
	require.Equal(t, time.Second, tc.until())
	tc.wantFired("keepalive-dead")
	tc.wantSent(rst(1))
	tc.wantResult(PeerDead)
	tc.wantState(Closed)
}

// RFC 9293 3.8.3 (d), MUST-21: an application can set R2 for a connection. It
// counts from when the oldest text was sent.
func TestSetUserTimeout(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(UserTimeout, 10_000))
	tc.wantFired("set-user-timeout")
	tc.wantTimers()
	tc.call(Send(10))
	tc.forget()
	require.Equal(t, tc.now.Add(10*time.Second), tc.tcb.UserAt)

	tc.pass(500 * time.Millisecond)
	sent := tc.now.Add(-500 * time.Millisecond)
	tc.call(Set(UserTimeout, 3000))
	tc.wantFired("set-user-timeout")
	require.Equal(t, sent.Add(3*time.Second), tc.tcb.UserAt)

	tc.call(Set(UserTimeout, 0))
	tc.wantFired("set-user-timeout")
	tc.wantTimers("retransmission")

	tc.call(Set(UserTimeout, 100))
	tc.wantFired("set-user-timeout")
	require.Greater(t, tc.tcb.UserAt, tc.now, "a timeout that is over ends at the next instant")
	tc.pass(time.Millisecond)
	tc.wantFired("user-timeout")
	tc.wantResult(TimedOut)
	tc.wantState(Closed)
}

// INV-29: a connection that is over has no timers, whatever its user states.
func TestSetUserTimeoutClosed(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(10))
	tc.recv(rst(1))
	tc.forget()
	tc.call(Set(UserTimeout, 1000))
	tc.wantFired("set-user-timeout")
	tc.wantState(Closed)
	tc.wantTimers()
}

// RFC 9293 3.8.6: the window follows the buffer; SHLD-14: a smaller buffer does
// not take back what was offered.
func TestSetBuffers(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(RcvBuf, 1000))
	tc.wantFired("set-buffers")
	tc.recv(text(5, 10, 1)) // draws an ACK at once
	tc.wantWindow(testBuffer)
	tc.forget()
	tc.call(Set(RcvBuf, 20_000))
	tc.wantFired("set-buffers")
	tc.recv(text(5, 10, 1))
	tc.wantWindow(20_000)
	tc.forget()

	tc.call(Set(SndBuf, 30))
	tc.wantFired("set-buffers")
	tc.call(Send(50))
	tc.wantFired("send-text")
	tc.wantOK(30)
	tc.forget()
}

// RFC 9293 3.7.1, MUST-16: a segment is the smaller of what the peer takes and
// what the user allows; the MSS option tells the peer of it.
func TestSetMaxSegment(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.call(Set(MaxSegment, 60))
	tc.wantFired("set-max-segment")
	tc.call(ActiveOpen(tc.iss))
	require.Equal(t, uint16(60), tc.last.MSS)
	tc.recv(tc.peerSynAck())
	tc.forget()
	tc.call(Send(100))
	tc.wantFired("send-text")
	tc.wantOK(100)
	tc.wantSent(more(1, 60, 1))

	tc.call(Set(MaxSegment, 5000))
	tc.wantFired("set-max-segment")
	require.Equal(t, uint16(60), tc.tcb.RcvMSS, "not more than before")
}

// RFC 9293 3.6.1, MAY-1: giving up reading sends nothing and changes no state.
func TestSetShutReceive(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(ShutReceive, 1))
	tc.wantFired("set-shut-receive")
	tc.wantNoneSent()
	tc.wantState(Established)
	tc.recv(text(1, 10, 1))
	tc.wantFired("text-in-order")
	tc.wantText(10)
}

// RFC 9293 3.6.1, MAY-1: once the user is gone only TCP is left. In FIN-WAIT-2
// the limit of a profile that has one begins then (TO-6, SK-C7).
func TestSetDetach(t *testing.T) {
	tc := newTestConn(t, FinWait2, change(func(p *Profile) { p.FinWait2 = time.Minute }))
	tc.wantTimers()
	tc.call(Set(Detach, 1))
	tc.wantFired("set-detach")
	require.True(t, tc.tcb.Detached())
	tc.wantTimers("FIN-WAIT-2")
	require.Equal(t, tc.now.Add(time.Minute), tc.tcb.WaitAt)

	tc = newTestConn(t, FinWait2)
	tc.call(Set(Detach, 1))
	tc.wantFired("set-detach")
	tc.wantTimers() // LIV-4: RFC 9293 sets no limit
}

// LIV-4: a user who goes before the FIN is acknowledged leaves a FIN-WAIT-2 that
// has its limit from the start.
func TestSetDetachBeforeFinWait2(t *testing.T) {
	tc := newTestConn(t, FinWait1, change(func(p *Profile) { p.FinWait2 = time.Minute }))
	tc.call(Set(Detach, 1))
	tc.wantFired("set-detach")
	tc.pass(200 * time.Millisecond)
	tc.recv(ack(1, 2))
	tc.wantFired("finwait1-fin-acked")
	tc.wantResult(OK)
	tc.wantState(FinWait2)
	require.Equal(t, tc.now.Add(time.Minute), tc.tcb.WaitAt)
}

// TCB.Option gives back what Set has stated.
func TestOption(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.anyRule()
	want := map[Param]uint32{
		NoDelay: 1, Cork: 1, KeepAlive: 1, KeepIdle: 1000, KeepInterval: 2000, KeepCount: 3,
		UserTimeout: 4000, FinWait2Limit: 4500, RcvBuf: 5000, SndBuf: 6000, MaxSegment: 70, NoOptions: 1, ShutReceive: 1, Detach: 1,
	}
	require.Zero(t, tc.tcb.Option(NoDelay)+tc.tcb.Option(Cork)+tc.tcb.Option(KeepAlive)+
		tc.tcb.Option(ShutReceive)+tc.tcb.Option(Detach))
	for p := NoDelay; p <= Detach; p++ {
		if p == CloseLater { // it states no value, and without a SYN nothing at all
			continue
		}
		require.Contains(t, want, p)
		tc.call(Set(p, want[p]))
		require.Equal(t, want[p], tc.tcb.Option(p), "parameter %d", p)
	}
	tc.call(Set(KeepCount, 1000))
	require.Equal(t, uint32(255), tc.tcb.Option(KeepCount), "the largest that counts")
	tc.call(Set(NoDelay, 0))
	require.Zero(t, tc.tcb.Option(NoDelay))
	require.Zero(t, tc.tcb.Option(Param(200)))
}

// Both ends must know options, and neither need send one (RFC 9293 MUST-4): without them our
// SYN is bare, and what the peer offers is not used.
func TestSetNoOptions(t *testing.T) {
	tc := newTestConn(t, Closed, timestamps(1000), sack)
	tc.call(Set(NoOptions, 1))
	tc.wantFired("set-no-options")
	tc.call(ActiveOpen(tc.iss))
	tc.wantFired("open-active")
	tc.wantSent(syn(0))
	require.Zero(t, tc.tcb.Option(NoOptions)-1)
	tc.wantState(SynSent)
	tc.recv(tc.peerSynAck())
	tc.wantFired("synsent-syn-ack")
	tc.wantSent(ack(1, 1))
	ts, sack, _ := tc.tcb.Negotiated()
	require.False(t, ts || sack)
	tc.wantState(Established)
	tc.forget()
}

// What a SYN has offered holds, whatever the user says then.
func TestSetNoOptionsTooLate(t *testing.T) {
	tc := newTestConn(t, SynSent, timestamps(1000))
	tc.call(Set(NoOptions, 1))
	tc.wantFired("set-no-options")
	require.Zero(t, tc.tcb.Option(NoOptions))
	tc.recv(tc.peerSynAck())
	ts, _, _ := tc.tcb.Negotiated()
	require.True(t, ts)
	tc.forget()
}

// RFC 9293 3.10.1: an OPEN can state its own timeout.
func TestOpenTimeoutStated(t *testing.T) {
	tc := newTestConn(t, Closed, change(func(p *Profile) { p.OpenTimeout, p.UserTimeout = time.Minute, 0 }))
	open := ActiveOpen(tc.iss)
	open.N = 5000
	tc.call(open)
	tc.anyRule()
	began := tc.now
	for tc.tcb.State == SynSent {
		tc.until()
	}
	require.Equal(t, 5*time.Second, tc.now.Sub(began))
	tc.wantState(SynSent, Closed)
	tc.forget()
}

// A window scale that was offered holds, whatever size the user gives its buffer then (RFC
// 7323 2.2): the peer shifts by it.
func TestSetBufferAfterSyn(t *testing.T) {
	tc := newTestConn(t, Closed, with(WindowScale), change(func(p *Profile) { p.WScale, p.ScaleByBuffer, p.RcvBuf = 7, true, 1<<20 }))
	tc.anyRule()
	tc.syn.Has |= OptWindowScale
	tc.call(ActiveOpen(tc.iss))
	tc.call(Set(RcvBuf, 1000))
	require.Equal(t, uint8(7), tc.sent[0].WScale)
	tc.until()
	require.Equal(t, uint8(7), tc.sent[1].WScale, "again")
	tc.recv(tc.peerSynAck())
	_, shift := tc.tcb.Shifts()
	require.Equal(t, 7, shift)
	tc.wantState(SynSent, Established)
	tc.forget()
}
