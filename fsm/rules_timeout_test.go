package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.8, USER TIMEOUT: all queues are flushed, the user gets
// "connection aborted due to user timeout", CLOSED. RFC 9293 3.8.3 (c), MUST-20.
// RS-6: the peer is not told.
func TestUserTimeout(t *testing.T) {
	for _, s := range []State{Established, CloseWait, FinWait1, Closing, LastAck} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			if canSend.Has(s) {
				tc.call(Send(10))
			}
			tc.pass(5*time.Minute - 1)
			tc.wantState(s)
			tc.forget()
			tc.pass(1)
			tc.wantFiredLast("user-timeout")
			tc.wantResult(TimedOut)
			tc.wantNoneSent()
			tc.wantState(Closed)
			tc.wantTimers()
		})
	}
}

// RFC 9293 3.8.3: what counts is the oldest text that is not acknowledged: an
// ACK of something new starts the timeout again, one of nothing new does not.
func TestUserTimeoutProgress(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(UserTimeout, 60_000))
	tc.call(Send(200))
	tc.forget()
	tc.now = tc.now.Add(10 * time.Millisecond)
	tc.recv(ack(1, 101))
	start := tc.now
	tc.pass(30 * time.Second)
	tc.recv(ack(1, 101))
	require.Equal(t, start.Add(60*time.Second), tc.tcb.UserAt)
	tc.forget()
}

// RFC 9293 3.10.8, TIME-WAIT TIMEOUT, MUST-13: after 2 MSL the TCB is deleted,
// and nothing is sent.
func TestTimeWaitTimeout(t *testing.T) {
	tc := newTestConn(t, TimeWait)
	tc.pass(4*time.Minute - 1)
	tc.wantState(TimeWait)
	tc.pass(1)
	tc.wantFired("timewait-timeout")
	tc.wantNoneSent()
	tc.wantResult()
	tc.wantState(Closed)
	tc.wantTimers()
}

// TO-6: a profile's limit of a FIN-WAIT-2 without a user deletes the TCB and
// sends nothing.
func TestFinWait2Timeout(t *testing.T) {
	tc := newTestConn(t, FinWait2, change(func(p *Profile) { p.FinWait2 = time.Minute }))
	tc.call(Set(Detach, 1))
	tc.forget()
	tc.pass(time.Minute - 1)
	tc.wantState(FinWait2)
	tc.pass(1)
	tc.wantFired("finwait2-timeout")
	tc.wantNoneSent()
	tc.wantState(Closed)
	tc.wantTimers()
}

// LIV-4: without a limit, or with a user, FIN-WAIT-2 lasts.
func TestFinWait2Lasts(t *testing.T) {
	for _, opt := range []testOption{
		change(func(*Profile) {}),
		change(func(p *Profile) { p.FinWait2 = time.Minute }),
	} {
		tc := newTestConn(t, FinWait2, opt)
		if tc.prof.FinWait2 == 0 {
			tc.call(Set(Detach, 1))
			tc.forget()
		}
		tc.wantTimers()
		tc.pass(1000 * time.Hour)
		tc.wantState(FinWait2)
	}
}

// RFC 9293 3.8.3, MUST-23: R2 of a SYN leaves it at least 3 minutes. The SYN
// goes again after 1, 3, 7, 15, 31, 63 and 123 s; at 183 s the user is told.
func TestSynGivenUp(t *testing.T) {
	tc := newTestConn(t, SynSent)
	start := tc.now
	for _, at := range []time.Duration{1, 3, 7, 15, 31, 63, 123} {
		tc.until()
		require.Equal(t, at*time.Second, tc.now.Sub(start))
		tc.wantFired("retransmit-syn")
		tc.wantSent(syn(0))
		if at == 7 {
			tc.wantResult(Delivery) // SHLD-9: R1 is reached
		}
	}
	tc.until()
	require.Equal(t, 183*time.Second, tc.now.Sub(start))
	tc.wantFired("syn-given-up")
	tc.wantNoneSent()
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)
	tc.wantTimers()
}

// RFC 9293 3.8.3: a SYN-RECEIVED that came from SYN-SENT counts from its SYN.
func TestSynGivenUpCrossed(t *testing.T) {
	tc := newActiveSynReceived(t)
	start := tc.now
	for tc.tcb.State == SynReceived {
		tc.forget()
		tc.until()
	}
	require.Equal(t, 183*time.Second, tc.now.Sub(start))
	tc.wantFired("syn-given-up")
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)
}

// MUST-22: a SYN,ACK that stays unanswered is given up in the same way; the
// connection goes back to LISTEN, and neither user nor peer is told.
func TestSynRcvdGivenUp(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	start := tc.now
	for range 7 {
		tc.until()
		tc.wantFired("retransmit-syn")
		tc.wantSent(synAck(0, 1))
	}
	tc.forget()
	tc.until()
	require.Equal(t, 183*time.Second, tc.now.Sub(start))
	tc.wantFired("synrcvd-given-up")
	tc.wantDropped()
	tc.wantNoneSent()
	tc.wantResult()
	tc.wantState(Listen)
	tc.wantTimers()
}

// RFC 9293 3.10.8, RETRANSMISSION TIMEOUT: "send the segment at the front of the
// retransmission queue again, reinitialize the retransmission timer". The SYN
// stays at the front although a FIN has followed it.
func TestRetransmitSyn(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Close())
	tc.forget()
	require.Equal(t, time.Second, tc.until())
	tc.wantFired("retransmit-syn")
	tc.wantSent(synAck(0, 1))
	tc.wantState(FinWait1)
	require.Equal(t, 2*time.Second, tc.tcb.RexmtAt.Sub(tc.now), "RFC 6298 5.5")
	tc.recv(ack(1, 1)) // the SYN is acknowledged; the FIN was lost
	tc.forget()
	tc.until()
	tc.wantFired("retransmit")
	tc.wantSent(fin(1, 1))
}

// RFC 9293 3.8.6.1, MUST-36: a closed window is probed with the next octet.
// SHLD-29: first after one RTO; SHLD-30: then after ever longer intervals.
func TestZeroWindowProbe(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	tc.forget()
	tc.wantTimers("persist", "user timeout")
	for _, after := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		require.Equal(t, after*time.Second, tc.until())
		tc.wantFired("zero-window-probe")
		tc.wantSent(more(1, 1, 1))
		tc.recvWindow(ack(1, 1), 0)
		tc.forget()
	}
	tc.recv(ack(1, 2)) // the last probe was taken
	tc.wantFired()
	tc.wantAcked(1)
	tc.wantSent(text(2, 9, 1))
}

// MUST-37, LIV-6: as long as the peer answers the probes the connection stays
// open; when it falls silent the user timeout ends it.
func TestZeroWindowProbeAnswered(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	for range 60 {
		tc.until()
		tc.recvWindow(ack(1, 1), 0)
	}
	require.Greater(t, tc.now, Time(30*time.Minute))
	tc.forget()
	tc.wantState(Established)
	tc.pass(5*time.Minute + time.Second)
	tc.wantFiredLast("user-timeout")
	tc.wantResult(TimedOut)
	tc.wantState(Closed)
	tc.forget()
}

// RFC 9293 3.8.6.1: a FIN that the window keeps back is probed with too.
func TestZeroWindowProbeFin(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Close())
	tc.forget()
	tc.wantTimers("persist", "user timeout")
	tc.until()
	tc.wantFired("zero-window-probe")
	tc.wantSent(fin(1, 1))
	tc.recvWindow(ack(1, 2), 0)
	tc.wantFired("finwait1-fin-acked")
	tc.wantResult(OK)
	tc.wantState(FinWait2)
	tc.wantTimers()
}

// RFC 9293 3.8.6, MUST-35: a window that shrinks to zero below text that was
// sent is probed in the standard way, and the text is not timed out (SHLD-17).
func TestZeroWindowProbeShrunk(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(100))
	tc.recvWindow(ack(1, 1), 0)
	tc.forget()
	tc.wantTimers("persist", "user timeout")
	tc.until()
	tc.wantFired("zero-window-probe")
	tc.wantSent(more(1, 1, 1))
	tc.recv(ack(1, 1)) // it opens: what probed it, and the rest, go again
	tc.wantFired()
	tc.wantSent(text(1, 100, 1))
}

// RFC 9293 3.8.6.2.1 (4): "or if the override timeout occurs", 0.1 to 1.0 s
// after text was held back for being small.
func TestOverrideTimeout(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(offering(ack(1, 1), 10))
	tc.call(Send(50))
	tc.forget()
	tc.wantTimers("override", "user timeout")
	after := tc.until()
	require.GreaterOrEqual(t, after, 100*time.Millisecond)
	require.LessOrEqual(t, after, time.Second)
	tc.wantFired("override-timeout")
	tc.wantSent(more(1, 10, 1))
	tc.wantTimers("retransmission", "user timeout")
}

// RFC 9293 3.10.8, RETRANSMISSION TIMEOUT, and RFC 6298 5.4 to 5.6: the earliest
// segment goes again, and the RTO doubles, up to 60 s. SHLD-9 and SHLD-10: the
// user learns at R1, the third repeat.
func TestRetransmit(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(100))
	tc.call(Send(100))
	tc.forget()
	for i, after := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		require.Equal(t, after*time.Second, tc.until())
		tc.wantFired("retransmit")
		tc.wantSent(more(1, 100, 1))
		if i == 2 {
			tc.wantResult(Delivery)
		}
	}
	tc.wantState(Established)
	tc.recv(ack(1, 201))
	tc.wantFired()
	tc.wantAcked(200)
	require.Equal(t, 60*time.Second, tc.tcb.RTO, "RFC 6298 5: until a new measurement")
}

// RFC 793 3.7 knows no backoff.
func TestRetransmitWithoutBackoff(t *testing.T) {
	tc := newTestConn(t, Established, under(RFC793))
	tc.call(Send(10))
	tc.forget()
	for range 5 {
		require.Equal(t, tc.tcb.RTO, tc.until())
		tc.wantFired("retransmit")
		tc.wantSent(text(1, 10, 1))
	}
}

// RFC 9293 3.8.6.3, MUST-40: an ACK is not delayed by 0.5 s or more.
func TestDelayedAck(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(1, 10, 1))
	tc.forget()
	require.Less(t, tc.until(), 500*time.Millisecond)
	tc.wantFired("delayed-ack")
	tc.wantSent(ack(1, 11))
	tc.wantTimers()
}

// RFC 9293 3.8.6.3: an ACK that finds a segment to ride on does not go alone.
func TestDelayedAckRides(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(1, 10, 1))
	tc.forget()
	tc.call(Send(5))
	tc.wantFired("send-text")
	tc.wantOK(5)
	tc.wantSent(text(1, 5, 11))
	tc.wantTimers("retransmission", "user timeout")
}

// RFC 9293 3.8.4, MUST-26: keep-alives only on an idle connection with nothing
// outstanding: after 2 hours (MUST-28), <SEQ=SND.NXT-1><ACK=RCV.NXT><CTL=ACK>
// without text (SHLD-12).
func TestKeepAliveProbe(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(KeepAlive, 1))
	tc.forget()
	tc.pass(time.Hour)
	tc.recv(ack(1, 1)) // not idle
	tc.forget()
	require.Equal(t, 2*time.Hour, tc.until())
	tc.wantFired("keepalive-probe")
	tc.wantSent(ack(0, 1))
	tc.pass(10 * time.Second)
	tc.recv(ack(1, 1)) // it is answered
	tc.forget()
	require.Equal(t, 2*time.Hour, tc.until())
	tc.wantFired("keepalive-probe")
	tc.wantSent(ack(0, 1))

	tc.call(Send(10))
	tc.forget()
	tc.wantTimers("retransmission", "user timeout")
	tc.recv(ack(1, 11))
	tc.forget()
	tc.wantTimers("keep-alive")
	require.Equal(t, tc.now.Add(2*time.Hour), tc.tcb.KeepAt)
}

// RFC 9293 3.8.4, MUST-29: one probe without an answer says nothing; several do.
// RS-3: the connection is aborted with a RST.
func TestKeepAliveDead(t *testing.T) {
	tc := newTestConn(t, FinWait2) // TO-4: FIN-WAIT-2 too
	tc.call(Set(KeepAlive, 1))
	tc.forget()
	tc.pass(2 * time.Hour)
	for range 8 {
		require.Equal(t, 75*time.Second, tc.until())
	}
	for range 9 {
		require.Contains(t, tc.fired, "keepalive-probe")
	}
	require.Len(t, tc.sent, 9)
	tc.wantState(FinWait2)
	tc.forget()
	require.Equal(t, 75*time.Second, tc.until())
	tc.wantFired("keepalive-dead")
	tc.wantSent(rst(2))
	tc.wantResult(PeerDead)
	tc.wantState(Closed)
	tc.wantTimers()
}
