package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.7.4, eighth, ESTABLISHED: "signal the user 'connection closing'
// [...], advance RCV.NXT over the FIN, and send an acknowledgment for the FIN";
// CLOSE-WAIT. MUST-12: the user learns that it closed normally.
func TestFinEstablished(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(fin(1, 1))
	tc.wantFired("fin-established")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 2))
	tc.wantState(CloseWait)
	require.Equal(t, tc.rcv(2), tc.tcb.RcvNxt)
	tc.wantWindow(testBuffer - 1)
	tc.wantTimers() // LIV-2: nothing ends CLOSE-WAIT but the user
}

// RFC 9293 3.10.7.4, eighth: a FIN behind text; one ACK covers both.
func TestFinEstablishedWithText(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(textFin(1, 10, 1))
	tc.wantFired("text-in-order", "fin-established")
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 12))
	tc.wantState(CloseWait)
}

// EV-8c: a FIN that lies beyond the window is trimmed off and does not count.
func TestFinBeyondWindow(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(textFin(1, testBuffer, 1))
	tc.wantFired("text-in-order")
	tc.wantText(testBuffer)
	tc.wantState(Established)
	tc.forget()
	require.Equal(t, tc.rcv(testBuffer+1), tc.tcb.RcvNxt)

	tc.recv(fin(testBuffer+1, 1)) // and with a closed window
	tc.wantFired("seq-zero-window")
	tc.wantSent(ack(1, testBuffer+1))
	tc.wantState(Established)

	tc.call(Receive(testBuffer))
	tc.forget()
	tc.recv(fin(testBuffer+1, 1))
	tc.wantFired("fin-established")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, testBuffer+2))
	tc.wantState(CloseWait)
}

// RFC 9293 3.10.7.4, eighth, FIN-WAIT-1: our FIN is not acknowledged: CLOSING.
// RFC 9293 3.6, Figure 13: <SEQ=101><ACK=301><CTL=ACK>.
func TestFinWait1Fin(t *testing.T) {
	tc := newTestConn(t, FinWait1)
	tc.recv(fin(1, 1))
	tc.wantFired("finwait1-fin")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(2, 2))
	tc.wantState(Closing)
	require.Equal(t, tc.rcv(2), tc.tcb.RcvNxt)
	tc.wantTimers("retransmission", "user timeout")
}

// RFC 9293 3.10.7.4, eighth, FIN-WAIT-2: TIME-WAIT. "Start the time-wait timer,
// turn off the other timers."
func TestFinWait2Fin(t *testing.T) {
	tc := newTestConn(t, FinWait2)
	tc.call(Set(KeepAlive, 1))
	tc.recv(text(1, 10, 2)) // with a delayed ACK
	tc.forget()
	tc.recv(fin(11, 2))
	tc.wantFired("finwait2-fin")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(2, 12))
	tc.wantState(TimeWait)
	tc.wantTimers("2MSL")
	require.Equal(t, tc.now.Add(4*time.Minute), tc.tcb.WaitAt, "MUST-13")
}

// SHLD-31, INV-38: a FIN behind a gap is held; the state waits until the gap is
// filled.
func TestFinBehindGap(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(textFin(11, 10, 1))
	tc.wantFired("text-behind-gap", "fin-behind-gap")
	tc.wantHeld(Range{11, 21})
	tc.wantSent(ack(1, 1))
	tc.wantState(Established)
	tc.recv(text(1, 10, 1))
	tc.wantFired("text-in-order", "fin-established")
	tc.wantText(20)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 22))
	tc.wantState(CloseWait)
}

// SHLD-31: a bare FIN too, in FIN-WAIT-1 and FIN-WAIT-2 as well (M
// simul-one-fin-lost): its ACK counts at once.
func TestFinBehindGapInFinWait(t *testing.T) {
	tc := newTestConn(t, FinWait1)
	tc.recv(fin(11, 2))
	tc.wantFired("finwait1-fin-acked", "fin-behind-gap")
	tc.wantResult(OK)
	tc.wantSent(ack(2, 1))
	tc.wantState(FinWait2)
	tc.recv(text(1, 10, 2))
	tc.wantFired("text-in-order", "finwait2-fin")
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(2, 12))
	tc.wantState(TimeWait)
}

// RFC 9293 3.10.7.4, first: "further processing is done in SEG.SEQ order". A
// peer that sends text beyond its FIN contradicts itself: the FIN ends the
// stream, and what is held across it or behind it is discarded (EV-8e).
func TestFinBelowHeldText(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.recv(text(31, 30, 1)) // 31 to 60
	tc.recv(fin(41, 1))
	tc.recv(text(81, 10, 1))
	tc.forget()
	tc.recv(text(1, 30, 1))
	tc.wantText(40)
	tc.wantResult(ClosingError)
	tc.wantState(CloseWait)
	tc.wantSent(ack(1, 42))
}

// EV-8e: text that is held beyond the number of the FIN is discarded with it.
func TestTextHeldBehindFin(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(31, 10, 1))
	tc.recv(fin(21, 1))
	tc.forget()
	tc.recv(text(1, 20, 1))
	tc.wantFired("text-in-order", "fin-established")
	tc.wantText(20)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 22))
	tc.wantState(CloseWait)
	require.Zero(t, tc.tcb.held)
}

// INV-04: a peer has one FIN. Of two behind gaps the first counts.
func TestFinHeldOnce(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.recv(fin(11, 1))
	tc.recv(fin(31, 1))
	tc.forget()
	tc.recv(text(1, 10, 1))
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantState(CloseWait)
	tc.wantSent(ack(1, 12))
}

// EV-1c: the peer's FIN comes again in TIME-WAIT. Its number lies before the
// window; it is acknowledged all the same, and the 2 MSL start again (RFC 9293
// 3.10.7.4, fifth and eighth).
func TestTimeWaitFinAgain(t *testing.T) {
	for _, seg := range []Segment{fin(1, 2), textFin(1<<32-9, 10, 2)} {
		tc := newTestConn(t, TimeWait)
		tc.pass(3 * time.Minute)
		tc.recv(seg)
		tc.wantFired("timewait-fin-again")
		tc.wantSent(ack(2, 2))
		tc.wantDropped()
		tc.wantState(TimeWait)
		require.Equal(t, tc.now.Add(4*time.Minute), tc.tcb.WaitAt)
	}
}

// RFC 9293 3.10.7.4, eighth, TIME-WAIT: "Restart the 2 MSL time-wait timeout."
func TestTimeWaitFin(t *testing.T) {
	tc := newTestConn(t, TimeWait)
	tc.pass(3 * time.Minute)
	tc.recv(fin(2, 2))
	tc.wantFired("timewait-fin")
	tc.wantSent(ack(2, 2))
	tc.wantResult()
	tc.wantState(TimeWait)
	require.Equal(t, tc.now.Add(4*time.Minute), tc.tcb.WaitAt)
}

// RFC 9293 3.10.7.4, eighth, CLOSE-WAIT, CLOSING and LAST-ACK: the state
// remains, and RCV.NXT does not advance again.
func TestFinAgain(t *testing.T) {
	for _, s := range []State{CloseWait, Closing, LastAck} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			next := tc.tcb.SndNxt - tc.iss
			tc.recv(fin(2, 1))
			tc.wantFired("fin-again")
			tc.wantSent(ack(next, 2))
			tc.wantResult()
			tc.wantState(s)
			require.Equal(t, tc.rcv(2), tc.tcb.RcvNxt)
		})
	}
}
