package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newSender is an end in ESTABLISHED whose peer offers 20,000 octets: the
// congestion window is what limits it. It starts with ten segments of 100.
func newSender(t *testing.T, opts ...testOption) *testConn {
	t.Helper()
	tc := newTestConn(t, Established, opts...)
	tc.anyRule()
	tc.hear(ack(1, 1))
	tc.forget()
	require.Equal(t, uint32(1000), tc.tcb.Cwnd)
	return tc
}

// hear lets an ACK arrive that offers 20,000 octets.
func (tc *testConn) hear(seg Segment) {
	tc.t.Helper()
	tc.recv(offering(seg, 20_000))
	tc.acked = 0
}

// wantCwnd claims the congestion window and the slow start threshold.
func (tc *testConn) wantCwnd(cwnd, ssthresh uint32) {
	tc.t.Helper()
	require.Equal(tc.t, []uint32{cwnd, ssthresh}, []uint32{tc.tcb.Cwnd, tc.tcb.Ssthresh}, "cwnd, ssthresh")
}

// segments are n full segments that follow each other.
func segments(seq Seq, n int) []Segment {
	var segs []Segment
	for i := range n {
		segs = append(segs, more(seq+Seq(100*i), 100, 1))
	}
	return segs
}

// RFC 6928 2: min (10*MSS, max (2*MSS, 14600)).
func TestInitialWindow(t *testing.T) {
	for mss, want := range map[uint16]uint32{100: 1000, 1460: 14600, 2000: 14600, 9000: 18000} {
		tc := newTestConn(t, Closed)
		tc.anyRule()
		tc.tcb.Init(&tc.prof, mss, false)
		tc.call(ActiveOpen(tc.iss))
		seg := tc.peerSynAck()
		seg.MSS = mss
		tc.recv(seg)
		tc.forget()
		require.Equal(t, want, tc.tcb.Cwnd, "MSS %d", mss)
	}
}

// Without a limit in octets large segments count as small ones do.
func TestInitialWindowInSegments(t *testing.T) {
	for mss, want := range map[uint16]uint32{1460: 14600, 9000: 90000} {
		tc := newTestConn(t, Closed)
		tc.anyRule()
		tc.prof.InitialOctets = 0
		tc.tcb.Init(&tc.prof, mss, false)
		tc.call(ActiveOpen(tc.iss))
		seg := tc.peerSynAck()
		seg.MSS = mss
		tc.recv(seg)
		tc.forget()
		require.Equal(t, want, tc.tcb.Cwnd, "MSS %d", mss)
	}
}

// RFC 5681 3.1: "If the SYN or SYN/ACK is lost, the initial window [...] MUST be
// one segment".
func TestInitialWindowAfterLoss(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.until()
	tc.recv(ack(1, 1))
	tc.forget()
	require.Equal(t, uint32(100), tc.tcb.Cwnd)
	tc.call(Send(500))
	tc.anyRule()
	tc.wantSent(more(1, 100, 1))
	tc.forget()
}

// RFC 5681 2: no text is sent beyond cwnd.
func TestCwndLimits(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(2000))
	tc.wantSent(segments(1, 10)...)
	tc.forget()
}

// RFC 5681 3.1 (2): in slow start cwnd += min (N, SMSS) for each ACK of new text.
func TestSlowStart(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(2000))
	tc.forget()
	tc.hear(ack(1, 101))
	tc.wantCwnd(1100, noLimit)
	tc.wantSent(segments(1001, 2)...)
	tc.hear(ack(1, 301))
	tc.wantCwnd(1200, noLimit)
	tc.wantSent(segments(1201, 3)...)
	tc.hear(ack(1, 311))
	tc.wantCwnd(1210, noLimit)
	tc.forget()
}

// RFC 5681 3.1 (3): in congestion avoidance cwnd += SMSS*SMSS/cwnd for each ACK
// of new text, and at least one octet.
func TestCongestionAvoidance(t *testing.T) {
	tc := newSender(t)
	tc.tcb.Ssthresh = 1000
	tc.call(Send(1000))
	tc.forget()
	tc.hear(ack(1, 201))
	tc.wantCwnd(1010, 1000)
	tc.tcb.Cwnd = 50_000
	tc.hear(ack(1, 301))
	tc.wantCwnd(50_001, 1000)
	tc.tcb.Cwnd, tc.tcb.Ssthresh = 999, 1000
	tc.hear(ack(1, 401))
	tc.wantCwnd(1099, 1000) // "cwnd < ssthresh": slow start
}

// RFC 5681 2: what makes an ACK a duplicate.
func TestDuplicateAck(t *testing.T) {
	for _, x := range []struct {
		name string
		seg  Segment
		wnd  uint16
		want uint8
	}{
		{"all hold", ack(1, 1), 20_000, 1},
		{"it carries text", text(1, 10, 1), 20_000, 0},
		{"FIN is on", fin(1, 1), 20_000, 0},
		{"it acknowledges something", ack(1, 101), 20_000, 0},
		{"it is older than the last", ack(1, 0), 20_000, 0},
		{"the window is another", ack(1, 1), 19_999, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			tc := newSender(t)
			tc.call(Send(1000))
			tc.recv(offering(x.seg, x.wnd))
			require.Equal(t, x.want, tc.tcb.dupAcks)
			tc.forget()
		})
	}
	tc := newSender(t)
	tc.hear(ack(1, 1))
	require.Zero(t, tc.tcb.dupAcks, "nothing is outstanding")
}

// RFC 5681 2: an ACK that is counted is named so.
func TestAckDuplicate(t *testing.T) {
	tc := newSender(t)
	tc.anyRules = false
	tc.call(Send(1000))
	tc.forget()
	tc.hear(ack(1, 1))
	tc.wantFired("ack-duplicate")
	require.Equal(t, uint8(1), tc.tcb.dupAcks)
	tc.wantNoneSent()
}

// RFC 5681 3.2 (2) and (3): the third duplicate ACK: ssthresh = max (FlightSize
// / 2, 2*SMSS), the segment at SND.UNA goes again, cwnd = ssthresh + 3*SMSS. (4)
// and (5): each further one adds SMSS, and lets new text go. (6), RFC 6582 3.2:
// the ACK of all deflates cwnd to min (ssthresh, max(FlightSize, SMSS) + SMSS).
func TestAckThirdDuplicate(t *testing.T) {
	tc := newSender(t)
	tc.anyRules = false
	tc.call(Send(1000))
	tc.forget()
	tc.hear(ack(1, 1))
	tc.hear(ack(1, 1))
	tc.wantFired("ack-duplicate", "ack-duplicate")
	tc.wantNoneSent()
	tc.wantCwnd(1000, noLimit)
	tc.hear(ack(1, 1))
	tc.wantFired("ack-third-duplicate")
	tc.wantSent(more(1, 100, 1))
	tc.wantCwnd(800, 500)

	tc.call(Send(300))
	tc.wantFired("send-text")
	tc.wantOK(300)
	tc.wantNoneSent()
	tc.hear(ack(1, 1))
	tc.hear(ack(1, 1))
	tc.wantNoneSent()
	tc.hear(ack(1, 1))
	tc.wantFired("ack-duplicate", "ack-duplicate", "ack-duplicate")
	tc.wantSent(segments(1001, 1)...)
	tc.wantCwnd(1100, 500)

	tc.hear(ack(1, 1001)) // 100 octets are outstanding
	tc.wantCwnd(200, 500)
	tc.wantSent(segments(1101, 1)...)
	tc.wantFired()
}

// RFC 5681 3.2 (1): the first and second duplicate ACK let one new segment go
// each, and do not change cwnd.
func TestLimitedTransmit(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(2000))
	tc.forget()
	for i := range Seq(2) {
		tc.hear(ack(1, 1))
		tc.wantSent(segments(1001+100*i, 1)...)
		tc.wantCwnd(1000, noLimit)
	}
}

// RFC 5681 3.2 (2): "additional data sent in limited transmit MUST NOT be
// included in this calculation" of ssthresh.
func TestLimitedTransmitNotInFlightSize(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(2000))
	for range 3 {
		tc.hear(ack(1, 1))
	}
	tc.forget()
	tc.wantCwnd(800, 500)
}

// RFC 5681 3.2 (1): "a sender using SACK MUST NOT send new data unless the
// incoming duplicate acknowledgment contains new SACK information."
func TestLimitedTransmitWithSACK(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(2000))
	tc.forget()
	tc.hear(ack(1, 1))
	tc.wantNoneSent()
	tc.hear(reporting(ack(1, 1), Range{101, 201}))
	require.NotEmpty(t, tc.sent)
	tc.forget()
	tc.hear(reporting(ack(1, 1), Range{101, 201})) // nothing new
	tc.wantNoneSent()
}

// RFC 6582 3.2 (3): a partial ACK shows that the next segment is lost too: it
// goes again, cwnd shrinks by what was acknowledged and grows by SMSS; fast
// recovery goes on, and the timer starts again.
func TestPartialAck(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(1000))
	for range 3 {
		tc.hear(ack(1, 1))
	}
	tc.forget()
	tc.now = tc.now.Add(500 * ms)
	tc.hear(ack(1, 301))
	tc.wantSent(more(301, 100, 1))
	tc.wantCwnd(600, 500)
	require.Equal(t, tc.now.Add(tc.tcb.RTO), tc.tcb.RexmtAt)
	tc.hear(ack(1, 401))
	tc.wantSent(more(401, 100, 1))
	tc.wantCwnd(600, 500)
	tc.hear(ack(1, 451)) // less than one SMSS
	tc.wantCwnd(550, 500)
	tc.forget()
	tc.hear(ack(1, 1001))
	tc.wantCwnd(200, 500)
	require.False(t, tc.tcb.is(flagRecovery))
}

// RFC 6582 3.2 (2): fast retransmit begins only if the ACK covers more than
// recover, "ack_number - 1 > recover", the highest number that was outstanding.
func TestRecoverGuards(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(1000))
	for range 3 {
		tc.hear(ack(1, 1))
	}
	tc.hear(ack(1, 1001)) // recover is 1000
	tc.forget()
	tc.tcb.Cwnd = 1000
	tc.call(Send(500))
	tc.forget()
	for range 3 {
		tc.hear(ack(1, 1001)) // 1001 - 1 is not more than 1000
	}
	tc.wantNoneSent()
	tc.hear(ack(1, 1101))
	tc.forget()
	for range 3 {
		tc.hear(ack(1, 1101))
	}
	require.Equal(t, lines([]Segment{more(1101, 100, 1)}, plain), lines(tc.sent[:min(1, len(tc.sent))], plain))
	tc.forget()
}

// RFC 6582 3.2 (4): after a timeout recover is the highest number sent: ACKs
// that duplicate the repeated text do not begin fast recovery.
func TestRecoverAfterTimeout(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(1000))
	tc.until()
	tc.forget()
	for range 4 {
		tc.hear(ack(1, 1))
	}
	require.False(t, tc.tcb.is(flagRecovery))
	tc.forget()
}

// RFC 5681 2: "a TCP MUST NOT send data with a sequence number higher than the
// sum of the highest acknowledged sequence number and the minimum of cwnd and
// rwnd". After a timeout cwnd is one segment, and only an ACK of something new
// opens it: limited transmit (RFC 5681 3.2 step 1) is for text never sent.
func TestTimeoutThenDuplicateAcks(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(1000))
	tc.until()
	tc.forget()
	tc.hear(ack(1, 1))
	tc.hear(ack(1, 1))
	tc.wantCwnd(100, 500)
	tc.wantNoneSent()
}

// RFC 5681 3.2 (1): the third duplicate is none of "the first and second".
func TestLimitedTransmitOfTwo(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(900))
	tc.tcb.Recover = tc.tcb.SndNxt // fast retransmit must not begin
	tc.hear(ack(1, 1))
	tc.hear(ack(1, 1))
	tc.call(Send(600))
	tc.forget()
	tc.hear(ack(1, 1))
	tc.wantNoneSent()
}

// RFC 5681 3.1 (4): a timeout sets ssthresh = max (FlightSize / 2, 2*SMSS) and
// cwnd to one segment; when the same segment times out again ssthresh stays.
func TestTimeoutCwnd(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(1000))
	tc.forget()
	tc.until()
	tc.wantSent(more(1, 100, 1))
	tc.wantCwnd(100, 500)
	tc.hear(ack(1, 101))
	tc.wantSent(segments(101, 2)...)
	tc.wantCwnd(200, 500)
	tc.until()
	tc.wantSent(more(101, 100, 1))
	tc.wantCwnd(100, 450)
	tc.until()
	tc.wantCwnd(100, 450)
	tc.hear(ack(1, 1001))
	tc.wantCwnd(200, 450)
	tc.forget()

	tc.call(Send(100))
	tc.until()
	tc.wantCwnd(100, 200) // 2*SMSS
	tc.forget()
}

// RFC 5681 4.1: "a TCP SHOULD set cwnd to no more than RW before beginning
// transmission if the TCP has not sent data in an interval exceeding the
// retransmission timeout", where RW = min(IW,cwnd).
func TestRestartAfterIdle(t *testing.T) {
	tc := newSender(t)
	tc.tcb.Cwnd, tc.tcb.Ssthresh = 5000, 5000
	tc.pass(time.Minute)
	tc.call(Send(3000))
	require.Len(t, tc.sent, 10)
	tc.forget()
}
