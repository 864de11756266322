package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const ms = time.Millisecond

// exchange sends text and lets its ACK come after rtt.
func (tc *testConn) exchange(rtt time.Duration) {
	tc.t.Helper()
	tc.call(Send(10))
	tc.now = tc.now.Add(rtt)
	tc.recv(ack(tc.tcb.RcvNxt-tc.irs, tc.tcb.SndNxt-tc.iss))
	tc.forget()
}

// RFC 6298 2.1: "Until a round-trip time (RTT) measurement has been made [...],
// the sender SHOULD set RTO <- 1 second."
func TestRTOInitial(t *testing.T) {
	tc := newTestConn(t, SynSent)
	require.Equal(t, time.Second, tc.tcb.RTO)
	require.Equal(t, tc.now.Add(time.Second), tc.tcb.RexmtAt)
}

// RFC 6298 2.2 and 2.3: SRTT <- R, RTTVAR <- R/2; then RTTVAR <- (1 - beta) *
// RTTVAR + beta * |SRTT - R'|, SRTT <- (1 - alpha) * SRTT + alpha * R', with
// alpha 1/8 and beta 1/4; RTO <- SRTT + 4*RTTVAR. The SYN is measured too.
func TestRTOComputed(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.now = tc.now.Add(400 * ms)
	tc.recv(tc.peerSynAck())
	tc.forget()
	require.Equal(t, []time.Duration{400 * ms, 200 * ms, 1200 * ms}, []time.Duration{tc.tcb.SRTT, tc.tcb.RTTVar, tc.tcb.RTO})
	tc.exchange(600 * ms)
	require.Equal(t, []time.Duration{425 * ms, 200 * ms, 1225 * ms}, []time.Duration{tc.tcb.SRTT, tc.tcb.RTTVar, tc.tcb.RTO})
	tc.exchange(345 * ms) // RTTVAR 150+20, SRTT 415
	require.Equal(t, []time.Duration{415 * ms, 170 * ms, 1095 * ms}, []time.Duration{tc.tcb.SRTT, tc.tcb.RTTVar, tc.tcb.RTO})
}

// RFC 6298 2.4: an RTO below one second is rounded up; 2.5: it has a maximum of
// 60 seconds or more.
func TestRTOBounds(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.now = tc.now.Add(10 * ms)
	tc.recv(tc.peerSynAck())
	tc.forget()
	require.Equal(t, time.Second, tc.tcb.RTO)
	tc.tcb.SRTT, tc.tcb.RTTVar = 50*time.Second, 40*time.Second
	tc.exchange(900 * ms)
	require.Equal(t, 60*time.Second, tc.tcb.RTO)
}

// RFC 6298 3, MUST-18: no measurement of a segment that was sent again.
func TestKarn(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.exchange(400 * ms)
	srtt := tc.tcb.SRTT
	tc.call(Send(10))
	tc.until()
	tc.now = tc.now.Add(50 * ms)
	tc.recv(ack(1, 21))
	tc.forget()
	require.Equal(t, srtt, tc.tcb.SRTT)
	require.Equal(t, 2400*ms, tc.tcb.RTO, "RFC 6298 5: it stays backed off")
	tc.exchange(400 * ms) // RTTVAR 150, SRTT 400
	require.Equal(t, 1000*ms, tc.tcb.RTO, "and a new measurement brings it back")
}

// MUST-18: a fast retransmission makes the answer ambiguous too, and so does a
// probe of a closed window.
func TestKarnFastRetransmit(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(1000))
	tc.now = tc.now.Add(100 * ms)
	for range 3 {
		tc.hear(ack(1, 1))
	}
	tc.now = tc.now.Add(900 * ms)
	tc.hear(ack(1, 1001))
	require.Zero(t, tc.tcb.SRTT)
	tc.forget()

	tc = newTestConn(t, Established)
	tc.anyRule()
	tc.call(Send(10))
	tc.recvWindow(ack(1, 1), 0)
	tc.until()
	tc.recv(ack(1, 11))
	require.Zero(t, tc.tcb.SRTT)
	tc.forget()
}

// RFC 6298 3: at least one measurement in a round trip; the timed segment's ACK
// counts, not that of one sent later.
func TestOneMeasurementAtATime(t *testing.T) {
	tc := newTestConn(t, Established, without(Nagle))
	tc.call(Send(10))
	tc.now = tc.now.Add(300 * ms)
	tc.call(Send(10))
	tc.now = tc.now.Add(100 * ms)
	tc.recv(ack(1, 21)) // both: 400 ms for the first
	tc.forget()
	require.Equal(t, 400*ms, tc.tcb.SRTT)
}

// An ACK of a part of the timed segment is no measurement.
func TestMeasurementOfAll(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(50))
	tc.now = tc.now.Add(100 * ms)
	tc.recv(ack(1, 50))
	require.Zero(t, tc.tcb.SRTT)
	tc.now = tc.now.Add(100 * ms)
	tc.recv(ack(1, 51))
	require.Equal(t, 200*ms, tc.tcb.SRTT)
	tc.forget()
}

// RFC 6298 5.7: a SYN that was sent again leaves an RTO of 3 seconds "when data
// transmission begins".
func TestRTOAfterSyn(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.until()
	tc.recv(tc.peerSynAck())
	tc.forget()
	require.Equal(t, 3*time.Second, tc.tcb.RTO)
	require.Zero(t, tc.tcb.SRTT, "MUST-18: nor is it measured")

	tc = newTestConn(t, SynReceived)
	tc.until()
	tc.recv(ack(1, 1))
	tc.forget()
	require.Equal(t, 3*time.Second, tc.tcb.RTO)
}

// RFC 6298 5.1: text sent starts the timer if it does not run; 5.3: an ACK of
// something new starts it again.
func TestRTOTimer(t *testing.T) {
	tc := newTestConn(t, Established, without(Nagle))
	start := tc.now
	tc.call(Send(10))
	require.Equal(t, start.Add(time.Second), tc.tcb.RexmtAt)
	tc.pass(300 * ms)
	tc.call(Send(10))
	require.Equal(t, start.Add(time.Second), tc.tcb.RexmtAt, "5.1: it runs already")
	tc.recv(ack(1, 1))
	require.Equal(t, start.Add(time.Second), tc.tcb.RexmtAt, "nothing new")
	tc.recv(ack(1, 11))
	require.Equal(t, tc.now.Add(tc.tcb.RTO), tc.tcb.RexmtAt, "5.3")
	tc.recv(ack(1, 21))
	require.Zero(t, tc.tcb.RexmtAt, "5.2")
	tc.forget()
}

// RFC 793 3.7: SRTT = ( ALPHA * SRTT ) + ((1-ALPHA) * RTT), RTO = min[UBOUND,
// max[LBOUND,(BETA*SRTT)]], ALPHA 0.8 to 0.9, BETA 1.3 to 2.0.
func TestRTOOf1981(t *testing.T) {
	tc := newTestConn(t, SynSent, under(RFC793))
	require.Equal(t, 3*time.Second, tc.tcb.RTO, "RFC 1122 4.2.3.1")
	tc.now = tc.now.Add(1000 * ms)
	tc.recv(tc.peerSynAck())
	tc.forget()
	require.Equal(t, 1000*ms, tc.tcb.SRTT)
	tc.exchange(2000 * ms)
	require.GreaterOrEqual(t, tc.tcb.SRTT, 1100*ms)
	require.LessOrEqual(t, tc.tcb.SRTT, 1200*ms)
	require.GreaterOrEqual(t, tc.tcb.RTO, tc.tcb.SRTT*13/10)
	require.LessOrEqual(t, tc.tcb.RTO, tc.tcb.SRTT*2)
	tc.tcb.SRTT = 100 * time.Second
	tc.exchange(0)
	require.Equal(t, 60*time.Second, tc.tcb.RTO, "UBOUND")
	tc.tcb.SRTT = 10 * ms
	tc.exchange(0)
	require.Equal(t, time.Second, tc.tcb.RTO, "LBOUND")
}

// Backoff is bounded by the maximum, and does not shorten an RTO beyond it.
func TestBackoffBound(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(10))
	tc.tcb.RTO = 90 * time.Second
	tc.until()
	require.Equal(t, 90*time.Second, tc.tcb.RTO)
	tc.forget()
}

// RFC 9293 3.8.6.1, SHLD-29: the first probe comes one RTO after the window has
// closed, also where a retransmission timer ran before.
func TestPersistAfterRexmt(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(150))
	tc.pass(400 * ms)
	tc.recvWindow(ack(1, 101), 0)
	tc.wantTimers("persist", "user timeout")
	require.Equal(t, tc.now.Add(tc.tcb.RTO), tc.tcb.RexmtAt)
	tc.recv(ack(1, 101))
	tc.wantTimers("retransmission", "user timeout")
	tc.forget()
}

// MUST-26: keep-alives wait while something is outstanding, and start again.
func TestKeepAliveWaits(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(KeepAlive, 1))
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	tc.wantTimers("persist", "user timeout")
	tc.forget()
}

// A connection without a user whose probes stay unanswered ends with the first one
// that is due when nothing has been heard for PersistMax.
func TestZeroWindowUnheard(t *testing.T) {
	limits := change(func(p *Profile) {
		p.UserTimeout, p.DataR2, p.OrphanR2 = 0, 12, 12
		p.PersistMin, p.PersistMax, p.RTOMax = 5*time.Second, time.Minute, 64*time.Second
	})
	for _, answered := range []bool{false, true} {
		tc := newTestConn(t, FinWait1, limits)
		tc.anyRule()
		tc.recvWindow(ack(1, 1), 0)
		tc.call(Set(Detach, 1))
		start := tc.now
		for tc.tcb.State != Closed && tc.now.Sub(start) < time.Hour {
			tc.until()
			if answered {
				tc.recvWindow(ack(1, 1), 0)
			}
		}
		if answered {
			require.Equal(t, FinWait1, tc.tcb.State, "as long as the peer answers")
		} else {
			// Probes after 5, 10, 15, 23, 39 s; the next would have gone at 71 s.
			require.Equal(t, 71*time.Second, tc.now.Sub(start))
		}
		tc.forget()
	}
}
