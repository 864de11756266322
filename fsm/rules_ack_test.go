package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.7.4, fifth: an ACK of all that was sent, when nothing is
// outstanding, says nothing new. The text of its segment counts.
func TestAckCurrent(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(1, 10, 1))
	tc.wantFired("seq-acceptable", "ack-current", "window-update", "text-in-order")
	tc.wantText(10)
	tc.wantNoneSent()
}

// RFC 9293 3.10.7.4, fifth: "if the ACK bit is off, drop the segment and return".
func TestAckMissing(t *testing.T) {
	for _, s := range (others).Each() {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			next := tc.tcb.RcvNxt - tc.irs
			for _, seg := range []Segment{{Seq: next, Len: 10}, {Seq: next, Flags: FIN}, {Seq: next, Flags: URG, Up: 3}} {
				tc.recv(seg)
				tc.wantFired("ack-missing")
				tc.wantDropped()
				tc.wantNoneSent()
			}
			tc.wantState(s)
		})
	}
}

// RFC 5961 5.2, MAY-12: an ACK before SND.UNA - MAX.SND.WND is discarded with
// its segment, and an ACK sent back. One at the edge is an old duplicate: its
// text counts.
func TestAckTooOld(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(1, 10, 1<<32+1-testWindow-1))
	tc.wantFired("ack-too-old")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantText(0)
	tc.recv(text(1, 10, 1<<32+1-testWindow))
	tc.wantFired("text-in-order")
	tc.wantText(10)
}

// RFC 9293 3.10.7.4, fifth, ESTABLISHED: without RFC 5961 any old ACK can be
// ignored, and the text of its segment counts.
func TestAckTooOldTaken(t *testing.T) {
	tc := newTestConn(t, Established, without(RFC5961Ack))
	tc.recv(text(1, 10, 1<<31+2))
	tc.wantFired("text-in-order")
	tc.wantText(10)
}

// RFC 9293 3.10.7.4, fifth, SYN-RECEIVED: "If SND.UNA < SEG.ACK =< SND.NXT, then
// enter ESTABLISHED state and continue processing with the variables below set".
func TestSynRcvdAck(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.recv(offering(ack(1, 1), 700))
	tc.wantFired("synrcvd-ack")
	tc.wantNoneSent()
	tc.wantState(Established)
	require.Equal(t, tc.snd(1), tc.tcb.SndUna)
	require.Equal(t, uint32(700), tc.tcb.SndWnd)
	require.Equal(t, tc.rcv(1), tc.tcb.SndWl1)
	require.Equal(t, tc.snd(1), tc.tcb.SndWl2)
	tc.wantTimers()
}

// RFC 9293 3.10.7.4, fifth: processing goes on with text and FIN.
func TestSynRcvdAckWithTextAndFin(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.recv(textFin(1, 10, 1))
	tc.wantFired("synrcvd-ack", "text-in-order", "fin-established")
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 12))
	tc.wantState(Established, CloseWait)
}

// RFC 793 3.9, fifth, SYN-RECEIVED: "If SND.UNA =< SEG.ACK =< SND.NXT then enter
// ESTABLISHED state": the "=" lets an ACK of nothing pass.
func TestSynRcvdAckOfNothing(t *testing.T) {
	tc := newTestConn(t, SynReceived, under(RFC793))
	tc.recv(ack(1, 0))
	tc.wantFired("synrcvd-ack-of-nothing")
	tc.wantNoneSent()
	tc.wantState(Established)
	require.Equal(t, tc.snd(0), tc.tcb.SndUna)
	tc.wantTimers("retransmission", "user timeout")
}

// RFC 9293 3.10.8: the segment at the front of the queue is still the SYN when
// an ACK of nothing has established the connection.
func TestSynRcvdAckOfNothingThenTimeout(t *testing.T) {
	tc := newTestConn(t, SynReceived, under(RFC793))
	tc.anyRule()
	tc.recv(ack(1, 0))
	tc.forget()
	tc.until()
	tc.wantSent(synAck(0, 1))
}

// RFC 9293 3.10.7.4, fifth, SYN-RECEIVED: "If the segment acknowledgment is not
// acceptable, form a reset segment <SEQ=SEG.ACK><CTL=RST> and send it."
func TestSynRcvdAckUnacceptable(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.recv(ack(1, 0))
	tc.wantFired("synrcvd-ack-unacceptable")
	tc.wantSent(rst(0))
	tc.wantDropped()
	tc.wantState(SynReceived)
	tc.wantTimers("retransmission", "user timeout")

	tc = newTestConn(t, SynReceived, without(RFC5961Ack))
	for _, bad := range []Seq{2, 500, 1<<31 + 5} {
		tc.recv(text(1, 10, bad))
		tc.wantFired("synrcvd-ack-unacceptable")
		tc.wantSent(rst(bad))
		tc.wantDropped()
	}
	tc.wantState(SynReceived)
}

// RFC 9293 3.5.2, group 2: in a state that is not synchronized a segment that
// "acknowledges something not yet sent (the segment carries an unacceptable ACK)"
// draws a reset: an old duplicate SYN is found out so. The range check of RFC
// 5961 5 is for the states in which there is a connection to protect.
func TestSynRcvdAckOutOfRange(t *testing.T) {
	for _, bad := range []Seq{2, 500, 1<<32 - testWindow - 1} {
		tc := newTestConn(t, SynReceived)
		tc.recv(ack(1, bad))
		tc.wantFired("synrcvd-ack-unacceptable")
		tc.wantSent(rst(bad))
		tc.wantDropped()
		tc.wantState(SynReceived)
	}
}

// RFC 9293 3.10.7.4, fifth, ESTABLISHED: "If the ACK acks something not yet sent
// (SEG.ACK > SND.NXT), then send an ACK, drop the segment, and return."
func TestAckUnsent(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(10))
	tc.forget()
	for _, bad := range []Seq{12, 500} {
		tc.recv(text(1, 10, bad))
		tc.wantFired("ack-unsent")
		tc.wantSent(ack(11, 1))
		tc.wantDropped()
		tc.wantText(0)
	}
	require.Equal(t, tc.snd(1), tc.tcb.SndUna)
}

// RFC 5961 7: where answers are limited, so is this one, text or not.
func TestAckUnsentLimited(t *testing.T) {
	tc := newTestConn(t, Established, with(AnswersLimited), change(func(p *Profile) {
		p.ChallengeLimit, p.ChallengeInterval = 1, 500*time.Millisecond
	}))
	for range 2 {
		tc.recv(text(1, 10, 500))
		tc.wantFired("ack-unsent-limited")
		tc.wantSent(ack(1, 1))
		tc.wantDropped()
		tc.recv(ack(1, 500))
		tc.wantFired("ack-unsent-limited")
		tc.wantNoneSent()
		tc.wantDropped()
		tc.pass(500 * time.Millisecond)
	}
	tc.wantText(0)
}

// RFC 793 3.9, fifth, TIME-WAIT: whatever comes is taken for the peer's FIN: it
// is acknowledged, and the 2 MSL start again.
func TestTimeWaitAnyAck(t *testing.T) {
	tc := newTestConn(t, TimeWait, under(RFC793))
	tc.pass(tc.prof.TimeWait / 2)
	tc.recv(ack(2, 2))
	tc.wantFired("timewait-any-ack")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.wantState(TimeWait)
	require.Equal(t, tc.now.Add(tc.prof.TimeWait), tc.tcb.WaitAt)
}

// TW-3: a bare ACK at RCV.NXT in TIME-WAIT is ignored: it is no FIN.
func TestTimeWaitAck(t *testing.T) {
	tc := newTestConn(t, TimeWait)
	tc.pass(tc.prof.TimeWait / 2)
	at := tc.tcb.WaitAt
	tc.recv(ack(2, 2))
	tc.wantFired("timewait-ack")
	tc.wantNoneSent()
	tc.wantDropped()
	require.Equal(t, at, tc.tcb.WaitAt)
}

// RFC 9293 3.10.7.4, fifth, ESTABLISHED: "If SND.UNA < SEG.ACK =< SND.NXT, then
// set SND.UNA <- SEG.ACK", and what is acknowledged leaves the queue. RFC 6298
// 5.2 and 5.3: the timer starts again, or stops.
func TestAckNew(t *testing.T) {
	tc := newTestConn(t, Established, without(Nagle))
	tc.call(Send(100))
	tc.call(Send(100))
	tc.wantSent(text(1, 100, 1), text(101, 100, 1))
	tc.forget()
	tc.pass(400e6)
	tc.recv(ack(1, 151))
	tc.wantFired("seq-acceptable", "ack-new", "window-update")
	tc.wantAcked(150)
	require.Equal(t, tc.snd(151), tc.tcb.SndUna)
	require.Equal(t, tc.now.Add(tc.tcb.RTO), tc.tcb.RexmtAt)
	require.Equal(t, tc.now.Add(tc.prof.UserTimeout), tc.tcb.UserAt)
	tc.recv(ack(1, 201))
	tc.wantFired("seq-acceptable", "ack-new", "window-update")
	tc.wantAcked(50)
	tc.wantTimers()
}

// RFC 9293 3.10.7.4, fifth, ESTABLISHED: "If the ACK is a duplicate (SEG.ACK =<
// SND.UNA), it can be ignored"; the text of its segment cannot.
func TestAckOld(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(10))
	tc.recv(ack(1, 11))
	tc.forget()
	tc.recv(text(1, 10, 5))
	tc.wantFired("seq-acceptable", "ack-old", "text-in-order")
	tc.wantText(10)
	tc.wantAcked(0)
	require.Equal(t, tc.snd(11), tc.tcb.SndUna)
}

// RFC 9293 3.10.7.4, fifth: "If (SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and
// SND.WL2 =< SEG.ACK)), set SND.WND <- SEG.WND, set SND.WL1 <- SEG.SEQ, and set
// SND.WL2 <- SEG.ACK." RFC 1122 4.2.2.20 (g): an equal ACK counts.
func TestWindowUpdate(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(100))
	tc.recv(ack(1, 101))
	tc.forget()
	for _, x := range []struct {
		seg  Segment
		want uint32
	}{
		{offering(ack(1, 101), 2000), 2000},
		{offering(ack(1, 101), 1500), 1500}, // the newest counts, a smaller one too
		{offering(ack(7, 101), 1800), 1800}, // SND.WL1 < SEG.SEQ
		{offering(ack(6, 101), 900), 1800},  // SEG.SEQ < SND.WL1
		{offering(ack(8, 100), 900), 1800},  // SEG.ACK < SND.UNA
	} {
		tc.recv(x.seg)
		require.Equal(t, x.want, tc.tcb.SndWnd, "%v", x.seg)
	}
	tc.wantFired(
		"seq-acceptable", "ack-current", "window-update", "seq-acceptable", "ack-current", "window-update",
		"seq-acceptable", "ack-current", "window-update", "seq-acceptable", "ack-current",
		"seq-acceptable", "ack-old")
	require.Equal(t, tc.rcv(7), tc.tcb.SndWl1)
	require.Equal(t, tc.snd(101), tc.tcb.SndWl2)
	require.Equal(t, uint32(2000), tc.tcb.MaxWnd, "MAX.SND.WND")
}

// RFC 9293 3.10.7.4, fifth: an ACK whose number is older than that of the last
// update (SEG.ACK < SND.WL2) does not change the window.
func TestWindowUpdateOldAck(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.call(Send(100))
	tc.recv(offering(text(1, 10, 101), 500))
	tc.forget()
	tc.recv(offering(ack(11, 50), 9000))
	require.Equal(t, uint32(500), tc.tcb.SndWnd)
}

// RFC 1122 4.2.2.20 (g): RFC 793 wrote "SND.UNA < SEG.ACK =< SND.NXT" for the
// window, so an ACK of nothing new does not open it.
func TestWindowUpdateOnNewAck(t *testing.T) {
	tc := newTestConn(t, Established, under(RFC793))
	tc.recv(offering(ack(1, 1), 2000))
	tc.wantFired()
	require.Equal(t, uint32(testWindow), tc.tcb.SndWnd)
	tc.call(Send(10))
	tc.forget()
	tc.recv(offering(ack(1, 11), 2000))
	tc.wantFired("window-update-on-new-ack")
	tc.wantAcked(10)
	require.Equal(t, uint32(2000), tc.tcb.SndWnd)
}

// RFC 9293 3.10.7.4, fifth, FIN-WAIT-1: "if the FIN segment is now acknowledged,
// then enter FIN-WAIT-2"; the user's CLOSE is acknowledged ("ok").
func TestFinWait1FinAcked(t *testing.T) {
	tc := newTestConn(t, FinWait1)
	tc.recv(ack(1, 1))
	tc.wantFired("ack-duplicate")
	tc.wantState(FinWait1)
	tc.recv(ack(1, 2))
	tc.wantFired("finwait1-fin-acked")
	tc.wantResult(OK)
	tc.wantState(FinWait2)
	tc.wantTimers()
}

// RFC 9293 3.10.7.4, fifth, FIN-WAIT-1: "continue processing in that state".
func TestFinWait1FinAckedWithFin(t *testing.T) {
	tc := newTestConn(t, FinWait1)
	tc.recv(textFin(1, 10, 2))
	tc.wantFired("finwait1-fin-acked", "text-in-order", "finwait2-fin")
	tc.wantText(10)
	tc.wantResult(OK, ClosingError)
	tc.wantSent(ack(2, 12))
	tc.wantState(FinWait2, TimeWait)
	tc.wantTimers("2MSL")
}

// RFC 9293 3.10.7.4, fifth, CLOSING: "if the ACK acknowledges our FIN, then
// enter the TIME-WAIT state; otherwise, ignore the segment."
func TestClosingFinAcked(t *testing.T) {
	tc := newTestConn(t, Closing)
	tc.recv(ack(2, 1))
	tc.wantFired("ack-duplicate")
	tc.wantNoneSent()
	tc.wantState(Closing)
	tc.recv(ack(2, 2))
	tc.wantFired("closing-fin-acked")
	tc.wantResult(OK)
	tc.wantNoneSent()
	tc.wantState(TimeWait)
	tc.wantTimers("2MSL")
	require.Equal(t, tc.now.Add(tc.prof.TimeWait), tc.tcb.WaitAt)
}

// RFC 9293 3.10.7.4, fifth, LAST-ACK: "If our FIN is now acknowledged, delete
// the TCB, enter the CLOSED state, and return."
func TestLastAckFinAcked(t *testing.T) {
	tc := newTestConn(t, LastAck)
	tc.recv(ack(2, 1))
	tc.wantFired("ack-duplicate")
	tc.wantState(LastAck)
	tc.recv(ack(2, 2))
	tc.wantFired("lastack-fin-acked")
	tc.wantResult(OK)
	tc.wantNoneSent()
	tc.wantState(Closed)
	tc.wantTimers()
}
