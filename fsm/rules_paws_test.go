package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 7323 5.3 R1: SEG.TSval < TS.Recent: an ACK is sent and the segment is
// dropped, although its number is the next expected.
func TestPawsOldTimestamp(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000))
	for _, old := range []uint32{999, 0, 1<<31 + 1001} {
		tc.recv(stamped(text(1, 10, 1), old))
		tc.wantFired("paws-old-timestamp")
		tc.wantSent(ack(1, 1))
		require.Equal(t, uint32(1000), tc.last.TSEcr)
		tc.wantDropped()
		tc.wantText(0)
	}
	tc.recv(stamped(fin(1, 1), 999))
	tc.wantFired("paws-old-timestamp")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantState(Established)

	tc.recv(stamped(text(1, 10, 1), 1000))
	tc.wantFired("text-in-order")
	tc.wantText(10)
}

// RFC 7323 5.2: "less than" is modulo 2^32.
func TestPawsWraps(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1<<32-5))
	tc.recv(stamped(text(1, 10, 1), 3))
	tc.wantFired("text-in-order")
	tc.wantText(10)
	require.Equal(t, uint32(3), tc.tcb.TSRecent)
	tc.recv(stamped(text(11, 10, 1), 1<<32-5))
	tc.wantFired("paws-old-timestamp")
	tc.wantSent(ack(1, 11))
	tc.wantDropped()
}

// RFC 7323 5.3 R3 and 4.3 (2): TS.Recent is set by a segment that begins at or
// before the last ACK sent, and by no other.
func TestTimestampToEcho(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000))
	tc.anyRule()
	// Segments arrive in order, and the ACK is delayed: the earliest is echoed.
	tc.recv(stamped(text(1, 10, 1), 1001))
	tc.recv(stamped(text(11, 10, 1), 1002))
	tc.wantSent(ack(1, 21))
	require.Equal(t, uint32(1001), tc.last.TSEcr)
	// A segment behind a gap: the one that last advanced RCV.NXT is echoed.
	tc.recv(stamped(text(41, 10, 1), 1005))
	tc.wantSent(ack(1, 21))
	require.Equal(t, uint32(1001), tc.last.TSEcr)
	// The segment that fills the gap is echoed.
	tc.recv(stamped(text(21, 20, 1), 1004))
	tc.wantSent(ack(1, 51))
	require.Equal(t, uint32(1004), tc.last.TSEcr)
	tc.forget()
}

// RFC 7323 5.3 R2: a segment outside the window is rejected, and its timestamp
// with it.
func TestTimestampOutsideWindow(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000))
	tc.recv(stamped(ack(0, 1), 5000))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	require.Equal(t, uint32(1000), tc.tcb.TSRecent)
}

// RFC 7323 5.5: after more than 24 days without a segment TS.Recent is not valid
// any more, and the next segment sets it anew.
func TestPawsOutdated(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000))
	tc.pass(24 * 24 * time.Hour)
	tc.recv(stamped(text(1, 10, 1), 500))
	tc.wantFired("paws-old-timestamp")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.pass(time.Second)
	tc.recv(stamped(text(1, 10, 1), 500))
	tc.wantFired("text-in-order")
	tc.wantText(10)
	require.Equal(t, uint32(500), tc.tcb.TSRecent)
}

// RFC 7323 3.2: "If a non-<RST> segment is received without a TSopt, a TCP
// SHOULD silently drop the segment."
func TestTimestampMissing(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000), with(TimestampsRequired))
	tc.recvExactly(offering(text(1, 10, 1), testWindow))
	tc.wantFired("timestamp-missing")
	tc.wantText(0)
	tc.wantNoneSent()
	tc.wantDropped()

	tc = newTestConn(t, Established, timestamps(1000))
	tc.recvExactly(offering(text(1, 10, 1), testWindow))
	tc.wantFired("text-in-order")
	tc.wantText(10)
	tc.forget()
}

// RFC 7323 3.2 speaks of a segment of the connection: a SYN is none, and is
// challenged (RFC 5961 4.2); a RST is exempt.
func TestTimestampMissingOnSynAndRst(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000), with(TimestampsRequired))
	tc.recvExactly(syn(500))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.recvExactly(rst(1))
	tc.wantFired("rst-reset")
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)
}

// RFC 7323 3.2: "If a TSopt is received on a connection where TSopt was not
// negotiated [...], the TSopt MUST be ignored and the packet processed normally."
func TestTimestampNotNegotiated(t *testing.T) {
	tc := newTestConn(t, Established, with(Timestamps))
	tc.recv(stamped(text(1, 10, 1), 7))
	tc.wantFired("text-in-order")
	tc.wantText(10)
	tc.recv(stamped(text(11, 10, 1), 3))
	tc.wantFired("text-in-order")
	tc.wantText(10)
	tc.wantSent(ack(1, 21))
	require.Zero(t, tc.last.Has&OptTimestamps)
}
