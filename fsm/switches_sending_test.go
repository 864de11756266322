package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// How Linux sends, and repeats.

// The Nagle algorithm as modified by Minshall: a small segment waits for an ACK of a small
// one only.
func TestMinshall(t *testing.T) {
	minshall := change(func(p *Profile) { p.Minshall = true })
	tc := newTestConn(t, Established, minshall)
	tc.call(Send(100))
	tc.call(Send(10))
	tc.wantFired("send-text", "send-text")
	tc.wantSent(text(1, 100, 1), text(101, 10, 1))
	tc.call(Send(10)) // behind a small one
	tc.wantFired("send-text")
	tc.wantNoneSent()
	tc.recv(ack(1, 101))
	tc.wantNoneSent()
	tc.recv(ack(1, 111))
	tc.wantSent(text(111, 10, 1))
	tc.forget()

	tc = newTestConn(t, Established)
	tc.call(Send(100))
	tc.call(Send(10))
	tc.wantFired("send-text", "send-text")
	tc.wantSent(text(1, 100, 1))
	tc.forget()
}

// What does not fit the window waits, and as much as fits goes when the override timeout
// says so, pushed; the timeout may be the RTO. Behind full segments less goes at once.
func TestWholeSegments(t *testing.T) {
	whole := change(func(p *Profile) { p.WholeSegments, p.OverrideByRTO = true, true })
	tc := newTestConn(t, Established, whole)
	tc.recvWindow(ack(1, 1), 10)
	tc.call(Send(50))
	tc.wantFired("send-text")
	tc.wantOK(50)
	tc.wantNoneSent()
	tc.wantTimers("override", "user timeout")
	require.Equal(t, tc.tcb.RTO, tc.until())
	tc.wantFired("override-timeout")
	tc.wantSent(text(1, 10, 1))
	tc.wantTimers("retransmission", "user timeout")

	tc = newTestConn(t, Established, whole, change(func(p *Profile) { p.Minshall = true }))
	tc.recvWindow(ack(1, 1), 150)
	tc.call(Send(300))
	tc.wantFired("send-text")
	tc.wantSent(more(1, 100, 1), more(101, 50, 1))
	tc.wantOK(300)

	tc = newTestConn(t, Established)
	tc.recvWindow(ack(1, 1), 10)
	tc.call(Set(NoDelay, 1))
	tc.forget()
	tc.call(Send(50))
	tc.forget()
	tc.wantTimers("override", "user timeout")
	require.Equal(t, tc.prof.SWSOverride, tc.until())
	tc.forget()
}

// One segment is one segment of the congestion window, however small, and so is a FIN.
func TestCwndInSegments(t *testing.T) {
	for _, counts := range []bool{true, false} {
		tc := newTestConn(t, Established, change(func(p *Profile) { p.CwndInSegments = counts }))
		tc.call(Send(60))
		tc.tcb.Cwnd = testMSS
		tc.forget()
		tc.call(Close())
		tc.wantFired("close-established")
		tc.wantResult(OK)
		tc.wantState(FinWait1)
		if counts {
			tc.wantNoneSent()
			tc.recv(ack(1, 61))
			tc.wantAcked(60)
		}
		tc.wantSent(fin(61, 1))
	}
}

// Of segments that leave together the last is pushed: two at a low rate, as many as there
// are at a high one, and none alone.
func TestPushBursts(t *testing.T) {
	push := func(rtt time.Duration) *testConn {
		tc := newTestConn(t, Established, change(func(p *Profile) { p.PushBursts = true }))
		tc.tcb.SRTT = rtt
		return tc
	}
	tc := push(20 * ms)
	tc.call(Event{Kind: EvSend, N: 500})
	tc.wantFired("send-text")
	tc.wantSent(more(1, 100, 1), text(101, 100, 1), more(201, 100, 1), text(301, 100, 1), more(401, 100, 1))
	tc.forget()

	tc = push(100 * time.Microsecond)
	tc.call(Event{Kind: EvSend, N: 300})
	tc.wantFired("send-text")
	tc.wantSent(more(1, 100, 1), more(101, 100, 1), text(201, 100, 1))
	tc.forget()
}

// What was sent by itself is repeated by itself: a FIN behind a full segment, a small
// segment before a full one, and nothing that was never sent.
func TestRepeatsAsSent(t *testing.T) {
	asSent := change(func(p *Profile) { p.RepeatsAsSent, p.R1 = true, 0 })
	tc := newTestConn(t, Established, asSent)
	tc.call(Send(100))
	tc.call(Close())
	tc.forget()
	tc.until()
	tc.wantFired("retransmit", "output-text")
	tc.wantSent(text(1, 100, 1), fin(101, 1))
	tc.forget()

	tc = newTestConn(t, Established, asSent)
	tc.call(Send(5))
	tc.call(Set(NoDelay, 1))
	tc.call(Send(100))
	tc.forget()
	tc.until()
	tc.wantFired("retransmit", "output-text")
	tc.wantSent(text(1, 5, 1))
	tc.forget()

	tc = newTestConn(t, Established, asSent)
	tc.call(Send(5))
	tc.call(Send(50)) // waits
	tc.forget()
	tc.until()
	tc.wantFired("retransmit", "output-text")
	tc.wantSent(text(1, 5, 1))
	tc.forget()
}

// An ACK of a part of the only segment leaves its timer as it is.
func TestRepeatsAsSentPart(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) { p.RepeatsAsSent = true }))
	tc.call(Send(100))
	at := tc.tcb.RexmtAt
	tc.pass(100 * ms)
	tc.recv(ack(1, 51))
	tc.forget()
	require.Equal(t, at, tc.tcb.RexmtAt)

	tc = newTestConn(t, Established)
	tc.call(Send(100))
	at = tc.tcb.RexmtAt
	tc.pass(100 * ms)
	tc.recv(ack(1, 51))
	tc.forget()
	require.NotEqual(t, at, tc.tcb.RexmtAt)
}

// A peer that takes its window back does not stop the repeats of what it has let go.
func TestRepeatInClosedWindow(t *testing.T) {
	for _, repeats := range []bool{true, false} {
		tc := newTestConn(t, FinWait1, change(func(p *Profile) { p.RepeatInClosedWindow = repeats }))
		tc.recvWindow(ack(1, 1), 0)
		tc.forget()
		if !repeats {
			tc.wantTimers("persist", "user timeout")
			continue
		}
		tc.wantTimers("retransmission", "user timeout")
		tc.until()
		tc.wantFired("retransmit")
		tc.wantSent(fin(1, 1))
		tc.until()
		tc.wantFired("retransmit")
		tc.wantSent(fin(1, 1))
	}
}

// Only what is accepted puts a keep-alive off.
func TestIdleByAck(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) { p.IdleByAck = true }))
	tc.anyRule()
	tc.call(Set(KeepAlive, 1))
	at := tc.tcb.KeepAt
	tc.pass(time.Second)
	for _, seg := range []Segment{ack(0, 1), ack(1, 900), {Seq: 1, Len: 1}} {
		tc.recv(seg)
		require.Equal(t, at, tc.tcb.KeepAt, "%v", seg)
	}
	tc.recv(ack(1, 1))
	require.Equal(t, at.Add(time.Second), tc.tcb.KeepAt)
	tc.forget()
}

// RFC 8985 7.3: there is one probe of a tail until all of it is acknowledged.
func TestTailProbedOnce(t *testing.T) {
	tc := probing(t)
	tc.call(Send(10))
	tc.call(Close())
	tc.forget()
	tc.until()
	tc.wantFired("tail-loss-probe")
	tc.wantSent(fin(21, 1))
	tc.recv(ack(1, 21))
	tc.forget()
	tc.wantTimers("retransmission")
}

// The user timeout that comes late is looked at with the next repeat.
func TestUserTimeoutSetLate(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) { p.UserTimeoutFromRepeat, p.UserTimeout, p.R1 = true, 0, 0 }))
	tc.call(Send(10))
	tc.until()
	tc.pass(500 * ms)
	tc.forget()
	at := tc.tcb.RexmtAt
	tc.call(Set(UserTimeout, 100))
	tc.wantFired("set-user-timeout")
	require.Equal(t, at, tc.tcb.UserAt)
}

// The ACK of a segment that has closed the window stays within it, as a RST does.
func TestAckInWindow(t *testing.T) {
	for on, want := range map[Features]Segment{ResetInWindow: ack(1, 11), 0: ack(2, 11)} {
		tc := newTestConn(t, FinWait1, with(on))
		tc.recvWindow(ack(1, 1), 0)
		tc.recvWindow(text(1, 10, 1), 0)
		tc.forget()
		tc.recvWindow(ack(0, 1), 0)
		tc.wantFired("seq-unacceptable")
		tc.wantSent(want)
		tc.wantDropped()
	}
}

// What is not to be pushed goes with the next segment that comes, and with CLOSE, and is
// never pushed. A cork holds it all the same.
func TestMoreOnce(t *testing.T) {
	once := change(func(p *Profile) { p.MoreOnce = true })
	unpushed := func(n uint32) Event {
		ev := Send(n)
		ev.Push = false
		return ev
	}
	tc := newTestConn(t, Established, once)
	tc.call(unpushed(10))
	tc.wantNoneSent()
	tc.recv(ack(1, 1))
	tc.wantSent(more(1, 10, 1))
	tc.recv(ack(1, 11))
	tc.call(unpushed(10))
	tc.call(Close())
	seg := more(11, 10, 1)
	seg.Flags |= FIN
	tc.wantSent(seg)
	tc.forget()

	tc = newTestConn(t, Established, once)
	tc.call(Set(Cork, 1))
	tc.call(Send(10))
	tc.recv(ack(1, 1))
	tc.wantNoneSent()
	tc.call(Set(Cork, 0))
	tc.wantSent(text(1, 10, 1))
	tc.forget()
}
