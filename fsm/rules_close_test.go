package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.4, CLOSED: "connection does not exist".
func TestCloseClosed(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.call(Close())
	tc.wantFired("close-closed")
	tc.wantResult(NotExist)
}

// RFC 9293 3.10.4, LISTEN: RECEIVEs that wait end with "closing", and the TCB is
// deleted.
func TestCloseListen(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.call(Close())
	tc.wantFired("close-listen")
	tc.wantResult(OK, ClosingError)
	tc.wantState(Closed)
}

// RFC 9293 3.10.4, SYN-SENT: the TCB is deleted, and no segment tells of it.
func TestCloseSynSent(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.call(Close())
	tc.wantFired("close-synsent")
	tc.wantResult(OK, ClosingError)
	tc.wantState(Closed)
	tc.wantTimers()
}

// RFC 9293 3.10.4, FIN-WAIT-1: no second FIN is emitted. A CLOSE that waits
// already is not queued again.
func TestCloseAgain(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Send(10))
	tc.call(Close())
	tc.forget()
	tc.call(Close())
	tc.wantFired("close-again")
	tc.wantResult(ClosingError)
	tc.wantState(SynReceived)
}

// EV-C1, eager: BSD and Linux enter FIN-WAIT-1 at the call; the FIN is sent when
// text and window let it.
func TestCloseSynRcvdEager(t *testing.T) {
	tc := newTestConn(t, SynReceived, with(FinStateEager))
	tc.recvWindow(syn(0), 0)
	tc.forget()
	tc.call(Send(10))
	tc.call(Close())
	tc.wantFired("send-queued", "close-synrcvd-eager")
	tc.wantState(FinWait1)
	require.True(t, tc.tcb.FinQueued())
	tc.forget()
}

// RFC 9293 3.10.4, SYN-RECEIVED: with no SEND issued and nothing to send, a FIN
// is formed and sent, and the state is FIN-WAIT-1.
func TestCloseSynRcvd(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Close())
	tc.wantFired("close-synrcvd")
	tc.wantResult(OK)
	tc.wantSent(fin(1, 1))
	tc.wantState(FinWait1)
	require.Equal(t, tc.snd(2), tc.tcb.SndNxt)

	// Its SYN and its FIN are acknowledged together.
	tc.recv(ack(1, 2))
	tc.wantFired("finwait1-fin-acked")
	tc.wantResult(OK)
	tc.wantState(FinWait2)
}

// RFC 9293 3.10.4, SYN-RECEIVED: otherwise CLOSE is queued for processing after
// entering ESTABLISHED.
func TestCloseSynRcvdQueued(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Send(10))
	tc.forget()
	tc.call(Close())
	tc.wantFired("close-synrcvd-queued")
	tc.wantResult(OK)
	tc.wantState(SynReceived)
	require.True(t, tc.tcb.ClosePending())

	tc.recv(ack(1, 1))
	tc.wantFired("synrcvd-ack", "close-after-open")
	tc.wantSent(textFin(1, 10, 1))
	tc.wantState(Established, FinWait1)
}

// RFC 9293 3.10.4, ESTABLISHED: the FIN follows what is still to be sent, and
// the state is FIN-WAIT-1 in any case.
func TestCloseEstablished(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Close())
	tc.wantFired("close-established")
	tc.wantResult(OK)
	tc.wantSent(fin(1, 1))
	tc.wantState(FinWait1)
	require.Equal(t, tc.snd(2), tc.tcb.SndNxt)
	tc.wantTimers("retransmission", "user timeout")
}

// RFC 9293 3.10.4, ESTABLISHED: "Queue this until all preceding SENDs have been
// segmentized". A closed window keeps text and FIN here; when it opens, both go.
func TestCloseEstablishedQueued(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	tc.forget()
	tc.call(Close())
	tc.wantFired("close-established")
	tc.wantResult(OK)
	tc.wantNoneSent()
	tc.wantState(FinWait1)
	tc.recv(ack(1, 1))
	tc.wantFired()
	tc.wantSent(textFin(1, 10, 1))
}

// RFC 9293 3.10.4, FIN-WAIT-1 and FIN-WAIT-2: "ok" is acceptable, as long as no
// second FIN is emitted.
func TestCloseFinWait(t *testing.T) {
	for _, s := range []State{FinWait1, FinWait2} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Close())
			tc.wantFired("close-finwait")
			tc.wantResult(OK)
			tc.wantNoneSent()
			tc.wantState(s)
		})
	}
}

// EV-C1, eager: LAST-ACK at the call although the FIN waits behind text. An ACK
// that empties the queue is not one of the FIN.
func TestCloseCloseWaitEager(t *testing.T) {
	tc := newTestConn(t, CloseWait, with(FinStateEager))
	tc.recvWindow(ack(2, 1), 100)
	tc.call(Send(120))
	tc.wantSent(more(1, 100, 2))
	tc.forget()
	tc.call(Close())
	tc.wantFired("close-closewait-eager")
	tc.wantResult(OK)
	tc.wantNoneSent()
	tc.wantState(LastAck)

	tc.recvWindow(ack(2, 101), 0)
	tc.wantFired()
	tc.wantAcked(100)
	tc.wantState(LastAck)
	require.False(t, tc.tcb.FinAcked())
}

// RFC 9293 3.10.4, CLOSE-WAIT: all SENDs have been segmentized; a FIN is sent,
// and the state is LAST-ACK.
func TestCloseCloseWait(t *testing.T) {
	tc := newTestConn(t, CloseWait)
	tc.call(Close())
	tc.wantFired("close-closewait")
	tc.wantResult(OK)
	tc.wantSent(fin(1, 2))
	tc.wantState(LastAck)
}

// RFC 9293 3.10.4, CLOSE-WAIT, and EV-C1: text that the window keeps back keeps
// the state too.
func TestCloseCloseWaitQueued(t *testing.T) {
	tc := newTestConn(t, CloseWait)
	tc.recvWindow(ack(2, 1), 0)
	tc.call(Send(10))
	tc.forget()
	tc.call(Close())
	tc.wantFired("close-closewait-queued")
	tc.wantResult(OK)
	tc.wantNoneSent()
	tc.wantState(CloseWait)

	tc.recv(ack(2, 1))
	tc.wantFired("close-after-text")
	tc.wantSent(textFin(1, 10, 2))
	tc.wantState(LastAck)
}

// RFC 9293 3.10.4, CLOSE-WAIT, and EV-C1: LAST-ACK only when the FIN is
// segmentized. A closed window that leaves no place for the FIN keeps it, and
// the state.
func TestCloseCloseWaitNoRoomForFin(t *testing.T) {
	tc := newTestConn(t, CloseWait)
	tc.recvWindow(ack(2, 1), 0)
	tc.anyRule()
	tc.call(Close())
	tc.wantResult(OK)
	tc.wantNoneSent()
	tc.wantState(CloseWait)
	tc.recv(ack(2, 1))
	tc.wantSent(fin(1, 2))
	tc.wantState(LastAck)

	tc = newTestConn(t, CloseWait) // the same behind text that fills the window
	tc.recvWindow(ack(2, 1), 10)
	tc.anyRule()
	tc.call(Send(10))
	tc.call(Close())
	tc.wantSent(text(1, 10, 2))
	tc.wantState(CloseWait)
	tc.forget()
	tc.recv(ack(2, 11))
	tc.wantSent(fin(11, 2))
	tc.wantState(LastAck)
	tc.forget()
}

// RFC 9293 3.8.6.1: where the FIN is all that waits, it is what probes the
// window. It is segmentized then, and the state says so.
func TestCloseCloseWaitProbe(t *testing.T) {
	tc := newTestConn(t, CloseWait)
	tc.recvWindow(ack(2, 1), 0)
	tc.call(Close())
	tc.wantFired("close-closewait-queued")
	tc.wantResult(OK)
	tc.wantTimers("persist")
	tc.until()
	tc.wantFired("zero-window-probe")
	tc.wantSent(fin(1, 2))
	tc.wantState(LastAck)
	tc.recvWindow(ack(2, 2), 0)
	tc.wantFired("lastack-fin-acked")
	tc.wantResult(OK)
	tc.wantState(Closed)
	tc.forget()
}

// RFC 9293 3.10.4, CLOSING, LAST-ACK and TIME-WAIT: "connection closing".
func TestCloseClosing(t *testing.T) {
	for _, s := range []State{Closing, LastAck, TimeWait} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Close())
			tc.wantFired("close-closing")
			tc.wantResult(ClosingError)
			tc.wantNoneSent()
			tc.wantState(s)
		})
	}
}

// RFC 9293 3.10.5, CLOSED: "connection does not exist".
func TestAbortClosed(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.call(Abort())
	tc.wantFired("abort-closed")
	tc.wantResult(NotExist)
}

// RFC 9293 3.10.5, LISTEN and SYN-SENT: calls that wait get "connection reset",
// and the TCB is deleted; nothing is sent.
func TestAbortUnsynchronized(t *testing.T) {
	for _, s := range []State{Listen, SynSent} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Abort())
			tc.wantFired("abort-unsynchronized")
			tc.wantResult(OK, ResetError)
			tc.wantNoneSent()
			tc.wantState(Closed)
			tc.wantTimers()
		})
	}
}

// RFC 9293 3.10.5, SYN-RECEIVED to CLOSE-WAIT: <SEQ=SND.NXT><CTL=RST>; what was
// queued is flushed.
func TestAbortReset(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(10))
	tc.call(Send(20)) // held by the Nagle algorithm
	tc.forget()
	tc.call(Abort())
	tc.wantFired("abort-reset")
	tc.wantResult(OK, ResetError)
	tc.wantSent(rst(11))
	tc.wantState(Closed)
	tc.wantTimers()
}

// RFC 9293 3.10.5, CLOSING, LAST-ACK and TIME-WAIT: "ok", the TCB is deleted, and
// no RST is sent.
func TestAbortClosing(t *testing.T) {
	for _, s := range []State{Closing, LastAck, TimeWait} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Abort())
			tc.wantFired("abort-closing")
			tc.wantResult(OK)
			tc.wantNoneSent()
			tc.wantState(Closed)
			tc.wantTimers()
		})
	}
}

// RFC 9293 3.10.6, CLOSED: "connection does not exist".
func TestStatusClosed(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.call(Status())
	tc.wantFired("status-closed")
	tc.wantResult(NotExist)
}

// RFC 9293 3.10.6: the state is told, and nothing changes.
func TestStatus(t *testing.T) {
	for s := Listen; s < numStates; s++ {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			before := tc.tcb
			tc.call(Status())
			tc.wantFired("status")
			require.Len(t, tc.results, 1)
			require.Equal(t, s, tc.results[0].To)
			tc.wantResult(OK)
			require.Equal(t, before, tc.tcb)
		})
	}
}
