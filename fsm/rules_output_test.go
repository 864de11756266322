package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.4, SYN-RECEIVED: a CLOSE that was queued is carried out after
// entering ESTABLISHED. Text that goes first goes first.
func TestCloseAfterOpen(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Send(150))
	tc.call(Close())
	tc.forget()
	tc.recv(ack(1, 1))
	tc.wantFired("synrcvd-ack", "close-after-open")
	tc.wantSent(more(1, 100, 1), textFin(101, 50, 1))
	tc.wantState(Established, FinWait1)
	require.False(t, tc.tcb.ClosePending())
}

// RFC 9293 3.10.7.4, eighth, SYN-RECEIVED: when the peer's FIN comes with its
// ACK the pending CLOSE goes on from CLOSE-WAIT.
func TestCloseAfterOpenWithFin(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Send(10))
	tc.call(Close())
	tc.forget()
	tc.recv(fin(1, 1))
	tc.wantFired("synrcvd-ack", "fin-established", "close-after-text")
	tc.wantResult(ClosingError)
	tc.wantSent(textFin(1, 10, 2))
	tc.wantState(Established, CloseWait, LastAck)
}

// RFC 9293 3.10.4, CLOSE-WAIT: all preceding SENDs can be segmentized now; the
// FIN goes with the last of them.
func TestCloseAfterText(t *testing.T) {
	tc := newTestConn(t, CloseWait)
	tc.recvWindow(ack(2, 1), 0)
	tc.call(Send(150))
	tc.call(Close())
	tc.forget()
	tc.recv(offering(ack(2, 1), 151))
	tc.wantFired("close-after-text")
	tc.wantSent(more(1, 100, 2), textFin(101, 50, 2))
	tc.wantState(LastAck)
}

// RFC 9293 3.10.4, CLOSE-WAIT: a window that lets a part of the text go keeps
// the state.
func TestCloseAfterPartOfText(t *testing.T) {
	tc := newTestConn(t, CloseWait)
	tc.recvWindow(ack(2, 1), 0)
	tc.call(Send(150))
	tc.call(Close())
	tc.forget()
	tc.recv(offering(ack(2, 1), 120))
	tc.wantFired()
	tc.wantSent(more(1, 100, 2))
	tc.wantState(CloseWait)
}

// RFC 9293 3.8.6.2.1: text and FIN go as far as the window lets them; what it
// keeps back goes when it opens.
func TestOutputText(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(offering(ack(1, 1), 250))
	tc.call(Send(500))
	tc.forget()
	require.Equal(t, tc.snd(201), tc.tcb.SndNxt)
	tc.recv(offering(ack(1, 101), 250))
	tc.wantFired("seq-acceptable", "ack-new", "window-update", "output-text")
	tc.wantAcked(100)
	tc.wantSent(more(201, 100, 1))
}

// RFC 9293 3.10.4, CLOSE-WAIT: lost text goes again before the last of the text
// is segmentized. The FIN follows it in the same step.
func TestCloseBehindText(t *testing.T) {
	tc := newTestConn(t, CloseWait)
	tc.recv(offering(ack(2, 1), 200))
	tc.call(Send(250))
	tc.call(Close())
	tc.until() // the RTO
	tc.forget()
	tc.wantState(CloseWait)
	tc.recv(ack(2, 101))
	tc.wantFired("close-behind-text")
	tc.wantAcked(100)
	tc.wantSent(more(101, 100, 2), text(201, 50, 2), fin(251, 2))
	tc.wantState(LastAck)
}

// MUST-58 and MUST-59: one ACK for all that a segment brought: text that fills a
// gap, what was held behind it, and a FIN.
func TestOutputAck(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(21, 10, 1))
	tc.recv(textFin(31, 10, 1))
	tc.forget()
	tc.recv(text(1, 20, 1))
	tc.wantFired("seq-acceptable", "ack-current", "text-in-order", "fin-established", "output-ack")
	tc.wantText(40)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 42))
	tc.wantState(CloseWait)
}
