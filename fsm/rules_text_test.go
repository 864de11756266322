package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.7.4, sixth: "RCV.UP <- max(RCV.UP,SEG.UP), and signal the user
// that the remote side has urgent data if the urgent pointer (RCV.UP) is in
// advance of the data consumed." MUST-32: again whenever the pointer advances.
// MUST-33: how much remains can be learnt.
func TestUrgSignalled(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(urgent(text(1, 10, 1), 5))
	tc.wantFired("urg-signalled", "text-in-order")
	tc.wantResult(Urgent)
	tc.wantText(10)
	require.Equal(t, tc.rcv(6), tc.c.RcvUp)
	require.Equal(t, uint32(5), tc.c.UrgentLeft())

	tc.recv(urgent(text(11, 10, 1), 20)) // it advances
	tc.wantFired("urg-signalled", "text-in-order")
	tc.wantResult(Urgent)
	tc.wantText(10)
	tc.wantSent(ack(1, 21))
	require.Equal(t, tc.rcv(31), tc.c.RcvUp)
	require.Equal(t, uint32(30), tc.c.UrgentLeft())

	tc.call(Receive(12))
	tc.forget()
	require.Equal(t, uint32(18), tc.c.UrgentLeft())
}

// RFC 9293 3.10.7.4, sixth: "If the user has already been signaled [...] for
// this continuous sequence of urgent data, do not signal the user again." Nor is
// there a signal for what has been consumed.
func TestUrgKnown(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(urgent(ack(1, 1), 10))
	tc.wantFired("urg-signalled")
	tc.wantResult(Urgent)
	tc.recv(urgent(text(1, 5, 1), 10))
	tc.recv(urgent(text(6, 5, 1), 5))
	tc.recv(urgent(ack(11, 1), 0))
	tc.recv(urgent(text(1, 20, 1), 7)) // it does not recede
	tc.wantFired("urg-known", "text-in-order", "urg-known", "text-in-order", "urg-known", "urg-known", "text-in-order")
	tc.wantResult()
	tc.wantText(20)
	tc.forget()
	require.Equal(t, tc.rcv(11), tc.c.RcvUp)
	require.Equal(t, uint32(10), tc.c.UrgentLeft())

	tc.call(Receive(10))
	tc.wantOK(10)
	tc.wantFired("receive-text")
	require.Zero(t, tc.c.UrgentLeft())
	tc.recv(urgent(ack(21, 1), 0)) // 21 to 20: nothing
	tc.call(Receive(10))
	tc.forget()
	tc.recv(urgent(ack(21, 1), 0)) // what it points before is consumed
	tc.wantFired("urg-known")
	tc.recv(urgent(ack(21, 1), 3))
	tc.wantFired("urg-signalled")
	tc.wantResult(Urgent)
}

// RFC 9293 3.10.7.4, sixth, CLOSE-WAIT to TIME-WAIT: "Ignore the URG."
func TestUrgIgnored(t *testing.T) {
	for _, s := range []State{CloseWait, Closing, LastAck} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s, without(CongestionControl))
			tc.recv(urgent(ack(2, 1), 10))
			tc.wantFired("urg-ignored")
			tc.wantResult()
			tc.wantState(s)
			require.Zero(t, tc.c.UrgentLeft())
		})
	}
}

// RFC 9293 3.6.1, SHLD-3, and RS-4: new text behind a full close draws a RST, to
// show that it is lost; the connection is over.
func TestTextAfterClose(t *testing.T) {
	for _, x := range []struct {
		state State
		seg   Segment
	}{
		{FinWait1, text(1, 10, 1)},
		{FinWait1, text(1, 10, 2)}, // its ACK takes us to FIN-WAIT-2 first
		{FinWait2, text(1, 10, 2)},
		{FinWait2, text(50, 10, 2)}, // behind a gap too
		{FinWait2, textFin(1, 1, 2)},
	} {
		t.Run(x.state.String()+" "+plain(x.seg), func(t *testing.T) {
			tc := newTestConn(t, x.state)
			tc.call(Set(Detach, 1))
			tc.recv(x.seg)
			tc.wantFiredLast("text-after-close")
			tc.wantSent(rst(x.seg.Ack))
			tc.wantText(0)
			tc.wantDropped()
			require.Equal(t, Closed, tc.tcb.State)
			require.Contains(t, said(tc.results), "connection reset")
			tc.forget()
		})
	}
}

// SK-D: old text, and a FIN alone, are no new text.
func TestTextAfterCloseOld(t *testing.T) {
	tc := newTestConn(t, FinWait2)
	tc.recv(text(1, 10, 2))
	tc.call(Receive(10))
	tc.call(Set(Detach, 1))
	tc.forget()
	tc.recv(text(1, 10, 2))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(2, 11))
	tc.wantDropped()
	tc.recv(fin(11, 2))
	tc.wantFired("finwait2-fin")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(2, 12))
	tc.wantState(TimeWait)
}

// RFC 9293 3.6: without MAY-1 a user who has closed goes on to RECEIVE; and RFC
// 793 takes text until the window is full.
func TestTextAfterHalfClose(t *testing.T) {
	tc := newTestConn(t, FinWait2)
	tc.recv(text(1, 10, 2))
	tc.wantFired("text-in-order")
	tc.wantText(10)

	tc = newTestConn(t, FinWait2, under(RFC793))
	tc.call(Set(Detach, 1))
	tc.forget()
	tc.recv(text(1, 10, 2))
	tc.wantFired("text-in-order")
	tc.wantText(10)
	tc.wantSent(ack(2, 11))
}

// RFC 9293 3.10.7.4, seventh: RCV.NXT advances over the text, RCV.WND shrinks
// with it so that their sum stays, and an ACK goes. SHLD-18 and SHLD-19: it may
// wait for a second segment.
func TestTextInOrder(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(1, 50, 1))
	tc.wantFired("text-in-order")
	tc.wantText(50)
	tc.wantNoneSent()
	tc.wantTimers("delayed ACK")
	require.Equal(t, tc.rcv(51), tc.tcb.RcvNxt)
	require.Equal(t, uint32(testBuffer-50), tc.tcb.RcvWnd)
	tc.recv(text(51, 50, 1))
	tc.wantFired("text-in-order")
	tc.wantText(50)
	tc.wantSent(ack(1, 101))
	tc.wantWindow(testBuffer - 100)
	tc.wantTimers()
}

// RFC 9293 3.10.7.4, first: "If a segment's contents straddle the boundary
// between old and new, only the new parts are processed"; what lies outside the
// window is trimmed off.
func TestTextInOrderTrimmed(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.fill(100)
	tc.recv(text(51, 100, 1)) // 51 to 100 are old
	tc.wantFired("text-in-order")
	tc.wantText(50)
	tc.wantSent(ack(1, 151))

	tc.recv(text(151, 5000, 1)) // more than the window
	tc.wantFired("text-in-order")
	tc.wantText(testBuffer - 150)
	tc.forget()
	require.Equal(t, tc.rcv(testBuffer+1), tc.tcb.RcvNxt)
	require.Zero(t, tc.tcb.RcvWnd)
}

// RFC 793 3.9, seventh: without a delay the ACK goes at once.
func TestTextInOrderAckedAtOnce(t *testing.T) {
	tc := newTestConn(t, Established, under(RFC793))
	tc.recv(text(1, 50, 1))
	tc.wantFired("text-in-order")
	tc.wantText(50)
	tc.wantSent(ack(1, 51))
}

// SHLD-31 and MAY-13: text behind a gap is held, and an ACK of RCV.NXT goes at
// once (RFC 5681 4.2). When the gap is filled all of it is delivered, and the
// ACK does not wait.
func TestTextBehindGap(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(51, 50, 1))
	tc.wantFired("text-behind-gap")
	tc.wantHeld(Range{51, 101})
	tc.wantText(0)
	tc.wantSent(ack(1, 1))
	require.Equal(t, tc.rcv(1), tc.tcb.RcvNxt)

	tc.recv(text(1, 50, 1))
	tc.wantFired("text-in-order")
	tc.wantText(100)
	tc.wantSent(ack(1, 101))
}

// RFC 5681 4.2: "the receiver SHOULD send an immediate ACK when it receives a
// data segment that fills in all or part of a gap in the sequence space."
func TestTextFillsPartOfGap(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(51, 50, 1))
	tc.forget()
	tc.recv(text(1, 20, 1))
	tc.wantFired("text-in-order")
	tc.wantText(20)
	tc.wantSent(ack(1, 21))
}

// RFC 5681 4.2: what lies behind the gap may be a FIN.
func TestTextFillsPartOfGapBeforeFin(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(fin(51, 1))
	tc.forget()
	tc.recv(text(1, 20, 1))
	tc.wantFired("text-in-order")
	tc.wantText(20)
	tc.wantSent(ack(1, 21))
}

// EV-1f: the ACK and the window of a segment behind a gap count.
func TestTextBehindGapAck(t *testing.T) {
	tc := newTestConn(t, FinWait1)
	tc.recv(offering(text(51, 50, 2), 77))
	tc.wantFired("finwait1-fin-acked", "text-behind-gap")
	tc.wantResult(OK)
	tc.wantHeld(Range{51, 101})
	tc.wantSent(ack(2, 1))
	tc.wantState(FinWait2)
	require.Equal(t, uint32(77), tc.tcb.SndWnd)
}

// Limits: a fifth range behind gaps finds no room; it is dropped, and the ACK
// goes all the same.
func TestTextBehindGapNoRoom(t *testing.T) {
	tc := newTestConn(t, Established)
	for i := range Seq(MaxHeld) {
		tc.recv(text(11+20*i, 10, 1))
	}
	tc.forget()
	tc.recv(text(101, 10, 1))
	tc.wantFired("text-behind-gap")
	tc.wantDropped()
	tc.wantSent(ack(1, 1))
	tc.recv(text(21, 10, 1)) // joins two
	tc.wantFired("text-behind-gap")
	tc.wantHeld(Range{21, 31})
	tc.wantSent(ack(1, 1))
	tc.recv(text(101, 10, 1))
	tc.wantFired("text-behind-gap")
	tc.wantHeld(Range{101, 111})
	tc.wantSent(ack(1, 1))
}

// RFC 9293 3.10.7.4, first: text that was received before is acknowledged again;
// a FIN behind it counts.
func TestTextOld(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.fill(50)
	tc.recv(textFin(41, 10, 1))
	tc.wantFired("text-old", "fin-established")
	tc.wantText(0)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 52))
	tc.wantState(CloseWait)
}

// EV-8b: behind a FIN that is held lies no text.
func TestTextBehindHeldFin(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(fin(11, 1))
	tc.forget()
	tc.recv(text(21, 10, 1))
	tc.wantFired("text-old")
	tc.wantHeld()
	tc.wantSent(ack(1, 1))
}

// TW-8: text in TIME-WAIT is acknowledged and ignored; it does not start the 2
// MSL again.
func TestTimeWaitText(t *testing.T) {
	tc := newTestConn(t, TimeWait)
	tc.pass(time.Second)
	at := tc.tcb.WaitAt
	tc.recv(urgent(text(2, 10, 2), 5))
	tc.wantFired("urg-ignored", "timewait-text")
	tc.wantText(0)
	tc.wantSent(ack(2, 2))
	tc.wantState(TimeWait)
	require.Equal(t, at, tc.tcb.WaitAt)
}

// RFC 9293 3.10.7.4, seventh, CLOSE-WAIT, CLOSING and LAST-ACK: "Ignore the
// segment text."
func TestTextIgnored(t *testing.T) {
	for _, s := range []State{CloseWait, Closing, LastAck} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.recv(text(2, 10, 1))
			tc.wantFired("text-ignored")
			tc.wantDropped()
			tc.wantText(0)
			tc.wantNoneSent()
			tc.wantState(s)
			require.Equal(t, tc.rcv(2), tc.tcb.RcvNxt)
		})
	}
}
