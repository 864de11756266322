package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.7.1: "An incoming segment containing a RST is discarded."
func TestClosedRstDropped(t *testing.T) {
	tc := newTestConn(t, Closed)
	for _, seg := range []Segment{rst(5), rstAck(5, 7), flagged(rst(5), SYN)} {
		tc.recv(seg)
		tc.wantFired("closed-rst-dropped")
		tc.wantNoneSent()
		tc.wantDropped()
	}
	tc.wantState(Closed)
}

// RFC 9293 3.10.7.1: any other segment draws a RST that its sender will accept:
// <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>.
func TestClosedReset(t *testing.T) {
	for _, x := range []struct {
		name      string
		seg, want Segment
	}{
		{"ack", ack(5, 7), rst(7)},
		{"text", text(5, 10, 7), rst(7)},
		{"syn and ack", synAck(5, 7), rst(7)},
		{"syn", syn(5), rstAck(0, 6)},
		{"fin", Segment{Seq: 5, Flags: FIN}, rstAck(0, 6)},
		{"all that counts", Segment{Seq: 5, Flags: SYN | FIN, Len: 10}, rstAck(0, 17)},
		{"nothing", Segment{Seq: 5}, rstAck(0, 5)},
	} {
		t.Run(x.name, func(t *testing.T) {
			tc := newTestConn(t, Closed)
			tc.recv(x.seg)
			tc.wantFired("closed-reset")
			tc.wantSent(x.want)
			tc.wantDropped()
			tc.wantState(Closed)
			require.Zero(t, tc.last.Wnd, "RS-1 and RS-2 offer nothing")
		})
	}
}

// RFC 9293 3.10.7.2, first: "An incoming RST should be ignored."
func TestListenRstDropped(t *testing.T) {
	tc := newTestConn(t, Listen)
	for _, seg := range []Segment{rst(5), rstAck(5, 7), flagged(rst(5), SYN)} {
		tc.recv(seg)
		tc.wantFired("listen-rst-dropped")
		tc.wantNoneSent()
		tc.wantDropped()
	}
	tc.wantState(Listen)
}

// RFC 9293 3.10.7.2, second: "Any acknowledgment is bad if it arrives on a
// connection still in the LISTEN state": <SEQ=SEG.ACK><CTL=RST>.
func TestListenAckReset(t *testing.T) {
	tc := newTestConn(t, Listen)
	for _, seg := range []Segment{ack(5, 7), synAck(5, 7), fin(5, 7), text(5, 10, 7)} {
		tc.recv(seg)
		tc.wantFired("listen-ack-reset")
		tc.wantSent(rst(7))
		tc.wantDropped()
	}
	tc.wantState(Listen)
}

// RFC 9293 3.10.7.2, third: RCV.NXT is SEG.SEQ+1, IRS is SEG.SEQ, and
// <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> is sent; SND.NXT is ISS+1, SND.UNA is ISS.
func TestListenSyn(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.recv(tc.peerSyn())
	tc.wantFired("listen-syn")
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)
	require.Equal(t, tc.rcv(0), tc.tcb.IRS)
	require.Equal(t, tc.rcv(1), tc.tcb.RcvNxt)
	require.Equal(t, tc.snd(0), tc.tcb.ISS)
	require.Equal(t, tc.snd(0), tc.tcb.SndUna)
	require.Equal(t, tc.snd(1), tc.tcb.SndNxt)
	require.True(t, tc.tcb.Passive(), "MUST-11")
	require.Equal(t, uint16(testMSS), tc.last.MSS, "SHLD-5")
	tc.wantWindow(testBuffer)
	tc.wantTimers("retransmission", "user timeout")
}

// RFC 9293 3.10.7.2, third: "any other control or text should be queued for
// processing later". The user gets text and FIN when the connection is
// established (3.5).
func TestListenSynWithText(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.recv(carrying(flagged(tc.peerSyn(), FIN), 10))
	tc.wantFired("listen-syn")
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)
	tc.wantHeld(Range{1, 11})
	tc.wantText(0)

	tc.recv(ack(12, 1))
	tc.wantFired("synrcvd-ack", "fin-established")
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantState(Established, CloseWait)
	tc.wantSent(ack(1, 12))
}

// RFC 9293 3.10.7.2, third: the text that came with the SYN is not lost when the
// user closes before the ACK comes.
func TestListenSynWithTextThenClose(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.recv(carrying(tc.peerSyn(), 10))
	tc.call(Close())
	tc.forget()
	tc.recv(ack(11, 2))
	tc.wantFired("finwait1-fin-acked")
	tc.wantResult(OK)
	tc.wantState(FinWait2)
	tc.wantText(10)
	tc.pass(200 * ms) // as of other text
	tc.wantFired("delayed-ack")
	tc.wantSent(ack(2, 11))
}

// RFC 9293 3.10.7.2, fourth: other data or control is dropped.
func TestListenOtherDropped(t *testing.T) {
	tc := newTestConn(t, Listen)
	for _, seg := range []Segment{{Seq: 5, Flags: FIN}, {Seq: 5, Len: 10}, {Seq: 5, Flags: URG | PSH}} {
		tc.recv(seg)
		tc.wantFired("listen-other-dropped")
		tc.wantNoneSent()
		tc.wantDropped()
	}
	tc.wantState(Listen)
}

// RFC 9293 3.10.7.3, first: an unacceptable ACK is not answered if the segment
// is a RST.
func TestSynSentAckUnacceptableRst(t *testing.T) {
	tc := newTestConn(t, SynSent)
	for _, bad := range []Seq{0, 2, 1 << 31} {
		tc.recv(rstAck(300, bad))
		tc.wantFired("synsent-ack-unacceptable-rst")
		tc.wantNoneSent()
		tc.wantDropped()
	}
	tc.wantState(SynSent)
}

// RFC 9293 3.10.7.3, first: SEG.ACK =< ISS or SEG.ACK > SND.NXT draws
// <SEQ=SEG.ACK><CTL=RST>; the SYN is still to be answered.
func TestSynSentAckUnacceptable(t *testing.T) {
	tc := newTestConn(t, SynSent)
	for _, seg := range []Segment{ack(300, 0), ack(300, 2), synAck(300, 2), fin(300, 0), text(300, 5, 102)} {
		tc.recv(seg)
		tc.wantFired("synsent-ack-unacceptable")
		tc.wantSent(rst(seg.Ack))
		tc.wantDropped()
	}
	tc.wantState(SynSent)
	require.Equal(t, time.Second, tc.until(), "the SYN is repeated all the same")
	tc.wantFired("retransmit-syn")
	tc.wantSent(syn(0))
}

// RFC 9293 3.10.7.3, second: a RST whose ACK is acceptable refuses the
// connection, whatever its sequence number (RS-A5, RFC 9293 3.5.3). MUST-12: the
// user is told.
func TestSynSentRstRefused(t *testing.T) {
	irs := testIRS // a refusal carries SEQ 0 on the wire
	for _, seq := range []Seq{0, 12345, -irs} {
		tc := newTestConn(t, SynSent)
		tc.recv(rstAck(seq, 1))
		tc.wantFired("synsent-rst-refused")
		tc.wantResult(Refused)
		tc.wantDropped()
		tc.wantNoneSent()
		tc.wantState(Closed)
		tc.wantTimers()
	}
}

// RFC 9293 3.10.7.3, second: "Otherwise (no ACK), drop the segment and return."
func TestSynSentRstWithoutAck(t *testing.T) {
	tc := newTestConn(t, SynSent)
	for _, seg := range []Segment{rst(0), rst(1), flagged(rst(0), SYN)} {
		tc.recv(seg)
		tc.wantFired("synsent-rst-without-ack")
		tc.wantDropped()
	}
	tc.wantState(SynSent)
}

// RFC 9293 3.10.7.3, fourth: RCV.NXT is SEG.SEQ+1, IRS is SEG.SEQ, SND.UNA is
// SEG.ACK; ESTABLISHED, and <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>. RFC 1122
// 4.2.2.20 (c): the window is set too.
func TestSynSentSynAck(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.recv(tc.peerSynAck())
	tc.wantFired("synsent-syn-ack")
	tc.wantSent(ack(1, 1))
	tc.wantWindow(testBuffer)
	tc.wantState(Established)
	require.Equal(t, tc.rcv(0), tc.tcb.IRS)
	require.Equal(t, tc.rcv(1), tc.tcb.RcvNxt)
	require.Equal(t, tc.snd(1), tc.tcb.SndUna)
	require.Equal(t, uint32(testWindow), tc.tcb.SndWnd)
	require.Equal(t, tc.rcv(0), tc.tcb.SndWl1)
	require.Equal(t, tc.snd(1), tc.tcb.SndWl2)
	require.Equal(t, uint32(testWindow), tc.tcb.MaxWnd)
	tc.wantTimers()
}

// RFC 9293 3.10.7.3, fourth: other controls and text in the segment are
// processed from the sixth step on. One ACK covers all.
func TestSynSentSynAckWithText(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.recv(carrying(tc.peerSynAck(), 10))
	tc.wantFired("synsent-syn-ack", "text-in-order")
	tc.wantText(10)
	tc.wantSent(ack(1, 11))
	tc.wantState(Established)
}

// RFC 9293 3.10.7.3, fourth: a FIN on the SYN,ACK closes the peer's half.
func TestSynSentSynAckWithFin(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.recv(urgent(carrying(flagged(tc.peerSynAck(), FIN), 10), 5))
	tc.wantFired("synsent-syn-ack", "urg-signalled", "text-in-order", "fin-established")
	tc.wantText(10)
	tc.wantResult(Urgent, ClosingError)
	tc.wantSent(ack(1, 12))
	tc.wantState(Established, CloseWait)
}

// RFC 9293 3.10.7.3, fourth: "SND.UNA < SEG.ACK =< SND.NXT"; the text that
// waited goes with the ACK of the SYN.
func TestSynSentSynAckText(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.call(Send(250))
	tc.forget()
	tc.recv(tc.peerSynAck())
	tc.wantFired("synsent-syn-ack")
	tc.wantSent(more(1, 100, 1), more(101, 100, 1))
	tc.wantState(Established)
}

// RFC 9293 3.10.7.3, fourth, MUST-10: a SYN without ACK opens the connection
// from both ends: SYN-RECEIVED, <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>, and the
// window is set.
func TestSynSentSyn(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.recv(tc.peerSyn())
	tc.wantFired("synsent-syn")
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)
	require.Equal(t, tc.rcv(1), tc.tcb.RcvNxt)
	require.Equal(t, tc.rcv(0), tc.tcb.IRS)
	require.Equal(t, tc.snd(0), tc.tcb.SndUna)
	require.Equal(t, tc.snd(1), tc.tcb.SndNxt)
	require.Equal(t, uint32(testWindow), tc.tcb.SndWnd)
	require.Equal(t, tc.rcv(0), tc.tcb.SndWl1)
	require.False(t, tc.tcb.Passive(), "MUST-11")
	tc.wantTimers("retransmission", "user timeout")
}

// RFC 9293 3.10.7.3, fourth: other controls or text are queued until the
// ESTABLISHED state has been reached.
func TestSynSentSynWithText(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.recv(carrying(flagged(tc.peerSyn(), FIN), 10))
	tc.wantFired("synsent-syn")
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)
	tc.wantHeld(Range{1, 11})
	tc.wantText(0)
	tc.recv(synAck(0, 1))
	tc.wantFired("synrcvd-crossing-syn-ack", "synrcvd-ack", "fin-established")
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantState(Established, CloseWait)
	tc.wantSent(ack(1, 12))
}

// RFC 9293 3.10.7.3, fifth: "if neither of the SYN or RST bits is set, then drop
// the segment". The timer goes on.
func TestSynSentOtherDropped(t *testing.T) {
	tc := newTestConn(t, SynSent)
	at := tc.tcb.RexmtAt
	for _, seg := range []Segment{ack(5, 1), text(5, 10, 1), {Seq: 5, Flags: FIN}, {Seq: 5, Len: 10}, {}} {
		tc.recv(seg)
		tc.wantFired("synsent-other-dropped")
		tc.wantNoneSent()
		tc.wantDropped()
	}
	tc.wantState(SynSent)
	require.Equal(t, at, tc.tcb.RexmtAt)
}

// RFC 9293 3.5, Figure 8: an old duplicate SYN reaches the listener first. The
// RST that answers its SYN,ACK takes the listener back, and the real SYN opens.
func TestOldDuplicateSyn(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.recv(syn(0))
	tc.recv(rst(1))
	tc.wantFired("listen-syn", "synrcvd-rst-passive")
	tc.wantState(SynReceived, Listen)
	tc.forget()
	tc.recv(syn(10))
	tc.wantFired("listen-syn")
	tc.wantSent(synAck(0, 11))
	tc.wantState(SynReceived)
}
