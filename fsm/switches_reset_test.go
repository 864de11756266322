package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What draws a RST, or counts as one, in kernels alone.

// RS-A3: a RST behind all that is held counts too: its sender knows what it has sent.
func TestResetAtSack(t *testing.T) {
	at := change(func(p *Profile) { p.ResetAtSack = true })
	for _, x := range []struct {
		name string
		segs []Segment
		seq  Seq
	}{
		{"text", []Segment{text(11, 10, 1)}, 21},
		{"the highest of two", []Segment{text(31, 10, 1), text(11, 10, 1)}, 41},
		{"text and FIN", []Segment{textFin(11, 10, 1)}, 22},
		{"FIN alone", []Segment{fin(11, 1)}, 12},
	} {
		t.Run(x.name, func(t *testing.T) {
			tc := newTestConn(t, Established, at, sack)
			for _, seg := range x.segs {
				tc.recv(seg)
			}
			tc.forget()
			tc.recv(rst(x.seq - 1))
			tc.wantFired("rst-inexact-challenged")
			tc.wantDropped()
			tc.forget()
			tc.recv(rst(x.seq))
			tc.wantFired("rst-reset")
			tc.wantResult(ResetError)
			tc.wantDropped()
			tc.wantState(Closed)
		})
	}
	for _, tc := range []*testConn{newTestConn(t, Established, at), newTestConn(t, Established, sack)} {
		tc.recv(text(11, 10, 1))
		tc.forget()
		tc.recv(rst(21)) // without SACK, or without the switch
		tc.wantFired("rst-inexact-challenged")
		tc.wantDropped()
		tc.forget()
	}
}

// A SYN at RCV.NXT resets, at both ends; one elsewhere is challenged, and so is any in
// TIME-WAIT.
func TestSynExactReset(t *testing.T) {
	for _, s := range []State{Established, FinWait2, CloseWait} {
		tc := newTestConn(t, s, with(SynExactReset|ResetWithAck))
		next := tc.tcb.RcvNxt - tc.irs
		tc.recv(syn(next + 1))
		tc.wantFired("syn-challenged")
		tc.wantDropped()
		tc.forget()
		tc.recv(syn(next))
		tc.wantFired("syn-exact-reset")
		tc.wantSent(rstAck(tc.tcb.SndNxt-tc.iss, next))
		tc.wantResult(ResetError)
		tc.wantDropped()
		tc.wantState(Closed)
	}
	tc := newTestConn(t, TimeWait, with(SynExactReset))
	tc.recv(syn(2))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
}

// Text from before the peer's FIN to beyond it is an error that a RST tells; what lies
// wholly on either side of the FIN is not.
func TestTextAcrossFin(t *testing.T) {
	for _, s := range []State{CloseWait, Closing, LastAck} {
		tc := newTestConn(t, s, with(NumbersAfterClose))
		tc.recv(text(2, 3, 1))
		tc.wantFired("text-ignored")
		tc.wantDropped()
		tc.recv(text(1<<32-2, 4, 1)) // its last octet has the FIN's number
		tc.wantFired("seq-unacceptable")
		tc.wantDropped()
		tc.forget()
		tc.recv(text(1, 2, 1))
		tc.wantFired("text-across-fin")
		tc.wantSent(rst(1))
		tc.wantResult(ResetError)
		tc.wantDropped()
		tc.wantState(Closed)
	}
	tc := newTestConn(t, CloseWait)
	tc.recv(text(1, 2, 1))
	tc.wantFired("text-ignored")
	tc.wantDropped()
	tc.wantState()
}

// LG-4: an abort in CLOSING and LAST-ACK sends a RST if something is lost by it: what
// nobody has read, or what has not been sent yet.
func TestAbortClosingPending(t *testing.T) {
	pending := with(AbortPendingReset | FinStateEager)
	tc := newTestConn(t, Established, pending)
	tc.recv(textFin(1, 10, 1))
	tc.call(Close())
	tc.forget()
	tc.call(Abort())
	tc.wantFired("abort-closing-pending")
	tc.wantSent(rst(2))
	tc.wantResult(OK)
	tc.wantState(Closed)

	tc = newTestConn(t, CloseWait, pending)
	tc.recvWindow(ack(2, 1), 5)
	tc.call(Send(20))
	tc.call(Close())
	tc.wantState(LastAck)
	tc.forget()
	tc.call(Abort())
	tc.wantFired("abort-closing-pending")
	tc.wantSent(rst(1))
	tc.wantResult(OK)
	tc.wantState(Closed)

	for _, s := range []State{Closing, LastAck} {
		tc = newTestConn(t, s, pending)
		tc.call(Abort())
		tc.wantFired("abort-closing")
		tc.wantNoneSent()
		tc.wantResult(OK)
		tc.wantState(Closed)
	}
}

// EV-8d: a FIN alone takes no room, and passes a closed window; text with it does not,
// and both must come again.
func TestFinInClosedWindow(t *testing.T) {
	closed := func(opts ...testOption) *testConn {
		tc := newTestConn(t, Established, append(opts, change(func(p *Profile) { p.RcvBuf = 100 }))...)
		tc.recv(text(1, 100, 1))
		tc.forget()
		return tc
	}
	tc := closed(change(func(p *Profile) { p.EdgesAccepted = true }))
	tc.recv(textFin(101, 10, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 101))
	tc.wantDropped()
	tc.recv(fin(101, 1))
	tc.wantFired("fin-established")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 102))
	tc.wantState(CloseWait)

	tc = closed()
	tc.recv(fin(101, 1))
	tc.wantFired("seq-zero-window")
	tc.wantSent(ack(1, 101))
	tc.wantState()
}

// TO-5: nothing but the SYN was sent, and the time counts from it; once the connection is
// open, from the first repeat.
func TestUserTimeoutFromSyn(t *testing.T) {
	tc := newTestConn(t, SynSent, change(func(p *Profile) { p.UserTimeoutFromRepeat, p.UserTimeout = true, 1500*ms }))
	require.Equal(t, tc.now.Add(1500*ms), tc.tcb.UserAt)
	tc.until()
	tc.wantFired("retransmit-syn")
	tc.forget()
	require.Equal(t, 500*ms, tc.until())
	tc.wantFired("user-timeout")
	tc.wantResult(TimedOut)
	tc.forget()

	tc = newTestConn(t, Established, change(func(p *Profile) { p.UserTimeoutFromRepeat, p.UserTimeout = true, 1500*ms }))
	tc.call(Send(10))
	tc.forget()
	tc.wantTimers("retransmission")
}

// RFC 5961 7: an empty segment that PAWS rejects is answered within the limit of
// challenge ACKs, one with text always.
func TestPawsLimited(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000), with(AnswersLimited), change(func(p *Profile) {
		p.ChallengeLimit, p.ChallengeInterval = 1, time.Second
	}))
	old := func(seg Segment) Segment { return stamped(offering(seg, testWindow), 500) }
	for _, x := range []struct {
		seg  Segment
		sent []Segment
	}{
		{ack(1, 1), []Segment{ack(1, 1)}}, {ack(1, 1), nil},
		{text(1, 10, 1), []Segment{ack(1, 1)}}, {text(1, 10, 1), []Segment{ack(1, 1)}},
	} {
		tc.recvExactly(old(x.seg))
		tc.wantFired("paws-old-timestamp")
		tc.wantSent(x.sent...)
		tc.wantDropped()
	}
}
