package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.7.4, first, Table 6: the four cases of the acceptability test,
// at their edges. RCV.NXT is 1.
func TestAcceptable(t *testing.T) {
	for _, x := range []struct {
		seq  Seq
		n    uint16
		wnd  uint32
		want bool
	}{
		// SEG.LEN = 0, RCV.WND = 0: SEG.SEQ = RCV.NXT.
		{1, 0, 0, true}, {0, 0, 0, false}, {2, 0, 0, false},
		// SEG.LEN = 0, RCV.WND > 0: RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND.
		{1, 0, 100, true}, {0, 0, 100, false}, {100, 0, 100, true}, {101, 0, 100, false}, {1 << 31, 0, 100, false},
		// SEG.LEN > 0, RCV.WND = 0: not acceptable.
		{1, 1, 0, false}, {0, 1, 0, false}, {0, 2, 0, false},
		// SEG.LEN > 0, RCV.WND > 0: the first or the last octet in the window.
		{1, 1, 100, true}, {0, 1, 100, false}, {0, 2, 100, true}, {100, 5, 100, true}, {101, 1, 100, false},
		{1, 200, 100, true}, {1<<32 - 50, 50, 100, false}, {1<<32 - 50, 51, 100, false}, {1<<32 - 50, 52, 100, true},
	} {
		tcb := TCB{State: Established, RcvNxt: testIRS + 1, RcvWnd: x.wnd}
		c := NewConn(&RFC9293, &tcb)
		seg := Segment{Seq: testIRS + x.seq, Len: x.n, Flags: ACK}
		require.Equal(t, x.want, c.acceptable(&seg), "%d octets at %d, window %d", x.n, x.seq, x.wnd)
	}
}

// RFC 9293 3.10.7.4, first: SEG.LEN counts SYN and FIN.
func TestSeqAcceptable(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(ack(1, 1))
	tc.wantFired("seq-acceptable", "ack-current", "window-update")
	tc.recv(ack(testBuffer, 1)) // the last number of the window
	tc.wantFired("seq-acceptable", "ack-current", "window-update")
	tc.wantNoneSent()
	tc.recv(ack(testBuffer+1, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.recv(fin(0, 1)) // its FIN is the octet before RCV.NXT
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
}

// RFC 9293 3.10.7.4, first: an unacceptable segment draws
// <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> and is dropped. EV-1e: its ACK is not
// processed.
func TestSeqUnacceptable(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(10))
	tc.forget()
	for _, seg := range []Segment{ack(0, 11), text(5000, 10, 11), fin(0, 11), {Seq: 9000, Flags: FIN}} {
		tc.recv(seg)
		tc.wantFired("seq-unacceptable")
		tc.wantSent(ack(11, 1))
		tc.wantDropped()
	}
	tc.wantState(Established)
	require.Equal(t, tc.snd(1), tc.tcb.SndUna)
	require.Equal(t, tc.rcv(1), tc.tcb.RcvNxt)
}

// RFC 9293 3.10.7.4, first: a RST that is not acceptable is dropped, and nothing
// is sent.
func TestSeqUnacceptableRst(t *testing.T) {
	tc := newTestConn(t, Established)
	for _, seg := range []Segment{rst(0), rst(testBuffer + 1), rstAck(9000, 1), flagged(rst(0), SYN)} {
		tc.recv(seg)
		tc.wantFired("seq-unacceptable-rst")
		tc.wantNoneSent()
		tc.wantDropped()
	}
	tc.wantState(Established)
}

// fill receives n octets and leaves them unread, so that the window is what
// remains of the buffer.
func (tc *testConn) fill(n uint16) {
	tc.t.Helper()
	tc.recv(text(tc.tcb.RcvNxt-tc.irs, n, tc.tcb.SndUna-tc.iss))
	tc.forget()
}

// RFC 9293 3.10.7.4, first, and MUST-66: with a closed window the ACK, URG and
// RST of the segment that comes next count; its text and FIN do not.
func TestSeqZeroWindow(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.fill(testBuffer)
	tc.call(Send(10))
	tc.forget()
	tc.recv(urgent(textFin(testBuffer+1, 5, 11), 5))
	tc.wantFired("seq-zero-window", "urg-signalled")
	tc.wantAcked(10)
	tc.wantResult(Urgent)
	tc.wantText(0)
	tc.wantSent(ack(11, testBuffer+1))
	tc.wantWindow(0)
	tc.wantState(Established)

	tc.recv(carrying(rst(testBuffer+1), 5))
	tc.wantFired("seq-zero-window", "rst-reset")
	tc.wantDropped()
	tc.wantResult(ResetError)
	tc.wantNoneSent()
	tc.wantState(Closed)
}

// RFC 9293 3.8.6.1: "When the receiving TCP peer has a zero window and a segment
// arrives, it must still send an acknowledgment showing its next expected
// sequence number and current window (zero)."
func TestSeqZeroWindowProbed(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.fill(testBuffer)
	tc.recv(text(testBuffer+1, 1, 1))
	tc.wantSent(ack(1, testBuffer+1))
	tc.wantWindow(0)
	tc.forget()
	tc.recv(ack(testBuffer+2, 1)) // beyond it
	tc.forget()
	tc.recv(text(testBuffer, 1, 1)) // before it
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, testBuffer+1))
	tc.wantDropped()
}

// RFC 9293 A.2: the test of the sequence number can keep out the ACKs of an end
// that has probed our closed window, or filled an open one and lost all of it. One
// whose number counts that passes, as long as we wait for an ACK.
func TestSeqAtEdge(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.fill(testBuffer)
	tc.call(Send(10))
	tc.forget()
	tc.recv(ack(testBuffer+2, 11))
	tc.wantFired("seq-at-edge")
	tc.wantAcked(10)
	tc.wantNoneSent()

	tc.recv(ack(testBuffer+2, 11)) // nothing is outstanding now
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(11, testBuffer+1))
	tc.wantDropped()
	tc.recv(ack(testBuffer+3, 11))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(11, testBuffer+1))
	tc.wantDropped()
	tc.recv(rst(testBuffer + 2))
	tc.wantFired("seq-unacceptable-rst")
	tc.wantDropped()

	tc = newTestConn(t, Established)
	tc.call(Send(10))
	tc.forget()
	tc.recv(ack(1+testBuffer, 6))
	tc.wantFired("seq-at-edge")
	tc.wantAcked(5)
	for _, seg := range []Segment{text(1+testBuffer, 1, 11), fin(1+testBuffer, 11), ack(2+testBuffer, 11)} {
		tc.recv(seg)
		tc.wantFired("seq-unacceptable")
		tc.wantSent(ack(11, 1))
		tc.wantDropped()
	}
}

// RFC 5961 4.2, RFC 9293 3.10.7.4 fourth: "irrespective of the sequence number,
// TCP endpoints MUST send a challenge ACK".
func TestSeqSynAnywhere(t *testing.T) {
	tc := newTestConn(t, Established)
	for _, seg := range []Segment{syn(0), syn(9000), synAck(1<<31, 1)} {
		tc.recv(seg)
		tc.wantFired("seq-syn-anywhere", "syn-challenged")
		tc.wantSent(ack(1, 1))
		tc.wantDropped()
	}
	tc.wantState(Established)
}

// RFC 5961 4.2: a SYN in the window too.
func TestSynChallenged(t *testing.T) {
	tc := newTestConn(t, Established)
	for _, seg := range []Segment{syn(1), syn(500), synAck(500, 1), flagged(syn(1), FIN|URG)} {
		tc.recv(seg)
		tc.wantFired("syn-challenged")
		tc.wantSent(ack(1, 1))
		tc.wantDropped()
	}
	tc.wantState(Established)

	tc = newActiveSynReceived(t)
	tc.recv(syn(500))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantState(SynReceived)
}

// RFC 9293 3.10.7.4, fourth: without RFC 5961 a SYN in the window is an error:
// a reset, "connection reset" to the user, CLOSED. One that is not in the window
// draws an ACK.
func TestSynInWindowReset(t *testing.T) {
	tc := newTestConn(t, Established, under(RFC793))
	tc.recv(syn(0))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.recv(syn(500))
	tc.wantFired("syn-in-window-reset")
	tc.wantSent(rstAck(0, 501))
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)

	tc = newTestConn(t, Established, under(RFC793))
	tc.recv(synAck(500, 77))
	tc.wantFired("syn-in-window-reset")
	tc.wantSent(rst(77))
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)
}

// RFC 9293 3.10.7.4, fourth, SYN-RECEIVED: "If the connection was initiated with
// a passive OPEN, then return this connection to the LISTEN state and return."
func TestSynRcvdSynPassive(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Send(10))
	tc.forget()
	tc.recv(syn(500))
	tc.wantFired("synrcvd-syn-passive")
	tc.wantNoneSent()
	tc.wantDropped()
	tc.wantState(Listen)
	require.Zero(t, tc.tcb.Pending(), "the queue is flushed")
	tc.wantTimers()
}

// RFC 9293 3.5, Figure 7, lines 6 and 7: both ends of a simultaneous open are
// established by the other's SYN,ACK. No more segments are needed.
func TestSynRcvdCrossingSynAck(t *testing.T) {
	tc := newActiveSynReceived(t)
	tc.recv(synAck(0, 1))
	tc.wantFired("synrcvd-crossing-syn-ack", "synrcvd-ack")
	tc.wantNoneSent()
	tc.wantState(Established)
	require.Equal(t, tc.rcv(1), tc.tcb.RcvNxt)
	require.Equal(t, tc.snd(1), tc.tcb.SndUna)
	require.Equal(t, uint32(testWindow), tc.tcb.SndWnd)
}

// RFC 7323 4.3 (2): the SYN,ACK that crosses ours begins before the last ACK we
// sent, so its timestamp is the one to echo.
func TestSynRcvdCrossingSynAckTimestamp(t *testing.T) {
	tc := newActiveSynReceived(t, timestamps(1000))
	tc.recv(stamped(synAck(0, 1), 1007))
	tc.forget()
	require.Equal(t, uint32(1007), tc.tcb.TSRecent)
}

// RFC 9293 3.10.7.4, first: an old SYN,ACK with another ACK, or one that repeats
// the SYN of a connection that came from LISTEN, is not part of Figure 7.
func TestSynRcvdCrossingSynAckElsewhere(t *testing.T) {
	tc := newActiveSynReceived(t)
	for _, seg := range []Segment{synAck(0, 0), synAck(0, 2), synAck(1<<31, 1)} {
		tc.recv(seg)
		tc.wantFired("seq-unacceptable")
		tc.wantSent(ack(1, 1))
		tc.wantDropped()
	}
	tc.wantState(SynReceived)

	tc = newTestConn(t, SynReceived)
	tc.recv(synAck(0, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantState(SynReceived)
}

// RFC 9293 3.8.1, EV-1d: a SYN that comes again shows that the SYN,ACK was lost.
// With the switch it is repeated; to the letter of the first check an ACK goes.
func TestSynRcvdSynAgain(t *testing.T) {
	tc := newTestConn(t, SynReceived, with(SynAckAgain))
	at := tc.tcb.RexmtAt
	tc.pass(300 * time.Millisecond)
	tc.recv(tc.peerSyn())
	tc.wantFired("synrcvd-syn-again")
	tc.wantSent(synAck(0, 1))
	tc.wantDropped()
	tc.wantState(SynReceived)
	require.Equal(t, at, tc.tcb.RexmtAt, "the timer goes on")

	tc = newTestConn(t, SynReceived)
	tc.recv(tc.peerSyn())
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantState(SynReceived)
}
