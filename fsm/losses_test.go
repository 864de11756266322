package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// probing has a round trip of 20 ms behind it, and probes tails as Linux does.
func probing(t *testing.T) *testConn {
	tc := newTestConn(t, Established, with(SACK|MinVariance), sack, change(func(p *Profile) {
		p.LossProbe, p.Reordering, p.RTOMin, p.UserTimeout = true, 4, 200*ms, 0
	}))
	tc.call(Set(NoDelay, 1))
	tc.call(Send(10))
	tc.pass(20 * ms)
	tc.recv(ack(1, 11))
	tc.forget()
	return tc
}

// RFC 8985 7.2 and 7.3: the last segment goes again after two round trips, once; then
// the RTO counts, from the probe.
func TestTailLossProbe(t *testing.T) {
	tc := probing(t)
	tc.call(Send(10))
	tc.pass(5 * ms)
	tc.call(Send(10))
	tc.forget()
	tc.wantTimers("loss probe")
	srtt := tc.tcb.SRTT
	require.Equal(t, 2*srtt, tc.until(), "from the last segment")
	tc.wantFired("tail-loss-probe")
	tc.wantSent(text(21, 10, 1))
	tc.wantTimers("retransmission")
	rto := tc.tcb.RTO
	require.Equal(t, rto, tc.until(), "no second probe, and no backoff before the first expiry")
	tc.wantFired("retransmit", "output-text")
	tc.wantSent(text(11, 20, 1))
	tc.recv(ack(1, 31))
	tc.call(Send(10))
	tc.forget()
	tc.wantTimers("loss probe") // the next tail has a probe of its own

	tc = probing(t) // one segment: the peer may wait with its ACK, but not beyond the RTO
	tc.call(Close())
	tc.forget()
	require.Equal(t, tc.tcb.RTO, tc.until())
	tc.forget()
	tc.wantTimers("retransmission")

	tc = probing(t) // new text goes instead, if there is some
	tc.tcb.Cwnd = 10
	tc.call(Send(10))
	tc.call(Send(30))
	tc.forget()
	tc.tcb.Cwnd = 1000
	tc.until()
	tc.wantFired("tail-loss-probe")
	tc.wantSent(text(21, 30, 1))
	tc.forget()
}

// RFC 8985 6.2: a hole below a SACK is lost after a quarter of a round trip.
func TestReorderingTimeout(t *testing.T) {
	tc := probing(t)
	tc.call(Send(10))
	tc.call(Send(10))
	tc.forget()
	tc.recv(reporting(ack(1, 11), Range{21, 31}))
	tc.wantNoneSent()
	tc.forget()
	tc.wantTimers("reordering")
	require.Equal(t, tc.tcb.SRTT/4, tc.until())
	tc.wantFired("reordering-timeout")
	tc.wantSent(carrying(ack(11, 1), 10))
	tc.forget()

	tc = probing(t) // it was only late
	tc.call(Send(10))
	tc.call(Send(10))
	tc.forget()
	tc.recv(reporting(ack(1, 11), Range{21, 31}))
	tc.pass(time.Millisecond)
	tc.recv(ack(1, 31))
	tc.wantNoneSent()
	tc.wantTimers()
	tc.forget()
}
