package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What kernels do when a connection ends.

// RS-3: the reset of an abort stays within the peer's window, which has shrunk.
func TestResetInWindow(t *testing.T) {
	for _, x := range []struct {
		name string
		on   Features
		want Segment
	}{
		{"in the window", ResetInWindow, rst(41)},
		{"with an ACK too", ResetInWindow | ResetWithAck, rstAck(41, 1)},
		{"with an ACK alone", ResetWithAck, rstAck(101, 1)},
	} {
		t.Run(x.name, func(t *testing.T) {
			tc := newTestConn(t, Established, with(x.on))
			tc.call(Send(100))
			tc.recvWindow(ack(1, 1), 40)
			tc.forget()
			tc.call(Abort())
			tc.wantFired("abort-reset")
			tc.wantSent(x.want)
			tc.wantResult(OK, ResetError)
			tc.wantState(Closed)
		})
	}
	tc := newTestConn(t, Established, with(ResetInWindow))
	tc.call(Abort())
	tc.wantFired("abort-reset")
	tc.wantSent(rst(1)) // and not at the edge of a window that is open
	tc.wantResult(OK, ResetError)
	tc.wantState(Closed)
}

// Without RFC 5961 a SYN in the window is answered with the reset of an abort, where
// that has an ACK.
func TestSynInWindowResetWithAck(t *testing.T) {
	for _, seg := range []Segment{syn(5), synAck(5, 1)} {
		tc := newTestConn(t, Established, with(ResetWithAck), without(RFC5961Syn))
		tc.call(Send(10))
		tc.forget()
		tc.recv(seg)
		tc.wantFired("syn-in-window-reset")
		tc.wantSent(rstAck(11, 1))
		tc.wantResult(ResetError)
		tc.wantDropped()
		tc.wantState(Closed)
	}
}

// RS-A4: a RST counts at the number of the last ACK that was sent; at RCV.NXT it is
// challenged, until the ACK that was delayed has been sent.
func TestResetAtLastAck(t *testing.T) {
	late := func() *testConn {
		tc := newTestConn(t, Established, with(ResetAtLastAck))
		tc.recv(text(1, 10, 1))
		tc.wantNoneSent()
		tc.forget()
		return tc
	}
	tc := late()
	tc.recv(rst(1))
	tc.wantFired("rst-reset")
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)

	tc = late()
	tc.recv(rst(11))
	tc.wantFired("rst-inexact-challenged")
	tc.wantSent(ack(1, 11))
	tc.wantDropped()
	tc.recv(rst(1))
	tc.wantFired("seq-unacceptable-rst")
	tc.wantDropped()
	tc.wantState(Established)
	tc.recv(rst(11))
	tc.wantFired("rst-reset")
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)
}

// RFC 5961 3.2: a RST in the right place counts although the window is closed: at
// the last ACK that was sent, or at the peer's FIN.
func TestResetAtClosedWindow(t *testing.T) {
	small := change(func(p *Profile) { p.RcvBuf = 100 })
	tc := newTestConn(t, Established, with(ResetAtLastAck), small)
	tc.recv(text(1, 100, 1))
	tc.forget()
	require.Zero(t, tc.tcb.RcvWnd)
	tc.recv(rst(1))
	tc.wantFired("rst-reset")
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)

	tc = newTestConn(t, Established, with(ResetBelowFin), small)
	tc.recv(textFin(1, 99, 1))
	tc.forget()
	require.Zero(t, tc.tcb.RcvWnd)
	tc.recv(rst(100))
	tc.wantFired("rst-reset")
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)
}

// RS-6: giving up text, or a closed window, is told to the peer; giving up a SYN is
// not.
func TestResetGivenUp(t *testing.T) {
	opts := []testOption{with(ResetGivenUp), change(func(p *Profile) {
		p.R2Counts = true
		p.UserTimeout, p.R1, p.DataR2, p.SynR2 = 0, 0, 1, 1
	})}
	tc := newTestConn(t, Established, opts...)
	tc.call(Send(10))
	tc.until()
	tc.forget()
	tc.until()
	tc.wantFired("retransmit-given-up")
	tc.wantSent(rst(11))
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)

	tc = newTestConn(t, Established, opts...)
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	tc.until()
	tc.forget()
	tc.until()
	tc.wantFired("zero-window-given-up")
	tc.wantSent(rst(2)) // the probe took a number
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)

	tc = newTestConn(t, SynSent, opts...)
	tc.until()
	tc.forget()
	tc.until()
	tc.wantFired("syn-given-up")
	tc.wantNoneSent()
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)
}

// LG-4: an abort in CLOSING and LAST-ACK sends a RST too; TIME-WAIT sends none.
func TestAbortClosingReset(t *testing.T) {
	for _, s := range []State{Closing, LastAck} {
		tc := newTestConn(t, s, with(AbortClosingReset))
		tc.call(Abort())
		tc.wantFired("abort-closing-reset")
		tc.wantSent(rst(2))
		tc.wantResult(OK)
		tc.wantState(Closed)
	}
	tc := newTestConn(t, TimeWait, with(AbortClosingReset))
	tc.call(Abort())
	tc.wantFired("abort-closing")
	tc.wantNoneSent()
	tc.wantResult(OK)
	tc.wantState(Closed)
}

// The FIN that crosses ours is answered with ours again, not with an ACK alone. One
// that acknowledges ours does not cross it, and one that comes before ours could
// leave is answered as usual.
func TestFinWait1FinAgain(t *testing.T) {
	tc := newTestConn(t, FinWait1, with(FinAgainInClosing))
	tc.recv(fin(1, 1))
	tc.wantFired("finwait1-fin-again")
	tc.wantResult(ClosingError)
	tc.wantSent(fin(1, 2))
	tc.wantState(Closing)
	tc.recv(ack(2, 2))
	tc.wantFired("closing-fin-acked")
	tc.wantResult(OK)
	tc.wantState(TimeWait)

	tc = newTestConn(t, FinWait1, with(FinAgainInClosing))
	tc.recv(fin(1, 2))
	tc.wantFired("finwait1-fin-acked", "finwait2-fin")
	tc.wantResult(OK, ClosingError)
	tc.wantSent(ack(2, 2))
	tc.wantState(FinWait2, TimeWait)

	tc = newTestConn(t, FinWait1, with(FinAgainInClosing))
	tc.recvWindow(fin(1, 1), 0)
	tc.wantFired("finwait1-fin")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(2, 2)) // a closed window takes no FIN
	tc.wantState(Closing)

	tc = newTestConn(t, Established, with(FinAgainInClosing))
	tc.call(Send(1500)) // the window takes 1000
	tc.call(Close())
	tc.forget()
	tc.recv(fin(1, 1))
	tc.wantFired("finwait1-fin")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1001, 2))
	tc.wantState(Closing)
}

// SK-S4: once the user has given up reading, new text draws a RST; old text and a
// FIN do not.
func TestTextAfterShutReceive(t *testing.T) {
	for _, s := range []State{Established, FinWait1, FinWait2} {
		tc := newTestConn(t, s, with(TextAfterShutReset))
		tc.recv(text(1, 10, 1))
		tc.call(Set(ShutReceive, 1))
		tc.forget()
		tc.recv(text(1, 10, 1))
		tc.wantFired("seq-unacceptable")
		tc.wantSent(ack(tc.tcb.SndNxt-tc.iss, 11))
		tc.wantDropped()
		tc.recv(text(1, 11, 1))
		tc.wantFired("text-after-shut-receive")
		tc.wantSent(rst(1))
		tc.wantResult(ResetError)
		tc.wantDropped()
		tc.wantState(Closed)
	}
	tc := newTestConn(t, Established, with(TextAfterShutReset))
	tc.call(Set(ShutReceive, 1))
	tc.forget()
	tc.recv(fin(1, 1))
	tc.wantFired("fin-established")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 2))
	tc.wantState(CloseWait)

	tc = newTestConn(t, Established, with(TextAfterShutReset))
	tc.call(Set(ShutReceive, 1))
	tc.recv(fin(5, 1))
	tc.forget()
	tc.recv(text(6, 10, 1)) // behind the FIN there is no text
	tc.wantFired("text-old")
	tc.wantSent(ack(1, 1))

	tc = newTestConn(t, Established, with(TextAfterShutReset))
	tc.recv(text(1, 10, 1)) // the user reads
	tc.wantFired("text-in-order")
	tc.wantText(10)
}
