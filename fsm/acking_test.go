package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// When an ACK may wait, as Linux has it.

func adapting(p *Profile) {
	p.AckAdapts, p.QuickAcks, p.Tick = true, 16, 4*ms
	p.DelayedAck, p.FinAckDelay, p.FinAckTick = 40*ms, 40*ms, 4*ms
}

// answered exchanges text: the user answers what it gets.
func (tc *testConn) answered() {
	tc.t.Helper()
	came, went := tc.tcb.RcvNxt-tc.irs, tc.tcb.SndNxt-tc.iss
	tc.recv(text(came, 10, went))
	tc.call(Receive(10))
	tc.call(Send(10))
	tc.recv(ack(came+10, went+10))
	tc.forget()
}

// The first segments of text are acknowledged at once: as many as fit half the window, but
// no more than the profile says.
func TestQuickAcks(t *testing.T) {
	for _, c := range []struct {
		buffer uint32
		quick  int
	}{{testBuffer, 16}, {1000, 5}, {200, 1}, {120, 2}} {
		tc := newTestConn(t, Established, change(adapting), change(func(p *Profile) { p.RcvBuf = c.buffer }))
		for i := range Seq(c.quick) {
			tc.recv(text(1+i, 1, 1))
			tc.wantSent(ack(1, 2+i))
		}
		tc.recv(text(Seq(c.quick)+1, 1, 1))
		tc.wantNoneSent()
		require.Equal(t, 40*ms, tc.until())
		tc.forget()
	}
}

// A user that answers what it gets has its answers carry the ACKs.
func TestAnswersCarryACKs(t *testing.T) {
	tc := newTestConn(t, Established, change(adapting))
	tc.answered()
	tc.recv(text(11, 10, 11))
	tc.call(Send(10))
	tc.forget()
	tc.recv(text(21, 10, 21))
	tc.wantNoneSent() // not though there is one already that waits
	tc.call(Receive(30))
	tc.wantNoneSent()
	tc.call(Send(10))
	tc.wantSent(text(21, 10, 31))
	tc.forget()
	tc.recv(text(31, 10, 31))
	require.Equal(t, 40*ms, tc.until()) // once it does not answer
	tc.wantFiredLast("delayed-ack")
	tc.wantSent(ack(31, 41))
	tc.forget()
	tc.recv(text(41, 10, 31)) // it is believed no more
	tc.wantSent(ack(31, 51))
	tc.forget()
}

// What is sent long after the last text is no answer.
func TestNoAnswer(t *testing.T) {
	tc := newTestConn(t, Established, change(adapting))
	tc.recv(text(1, 10, 1))
	tc.pass(44 * ms)
	tc.call(Send(10))
	tc.recv(ack(11, 11))
	tc.forget()
	tc.recv(text(11, 10, 11))
	tc.wantSent(ack(11, 21))
	tc.forget()
}

// More than a full segment is acknowledged at once. How large one is, the text tells.
func TestFullSegmentAcked(t *testing.T) {
	tc := newTestConn(t, Established, change(adapting))
	tc.answered()
	tc.recv(text(11, 50, 11))
	tc.recv(text(61, 50, 11))
	tc.wantNoneSent()
	tc.recv(text(111, 1, 11))
	tc.wantSent(ack(11, 112))
	tc.forget()

	tc = newTestConn(t, Established, change(adapting)) // no room to tell of
	tc.call(Set(RcvBuf, testBuffer/2))
	tc.answered()
	tc.recv(text(11, 100, 11))
	tc.recv(text(111, 100, 11))
	tc.wantNoneSent()
	require.Equal(t, 40*ms, tc.until())
	tc.wantSent(ack(11, 211))
	tc.forget()
}

// The user has read all, and has nothing to say: the ACK goes, after one small segment if
// it does not answer what it gets, after two if it does.
func TestReadAcknowledges(t *testing.T) {
	tc := newTestConn(t, Established, change(adapting), change(func(p *Profile) { p.QuickAcks = 0 }))
	tc.recv(text(1, 10, 1))
	tc.wantNoneSent()
	tc.call(Receive(5)) // not all
	tc.wantNoneSent()
	tc.call(Receive(5))
	tc.wantSent(ack(1, 11))
	tc.forget()
	tc.answered()
	tc.recv(text(21, 10, 11))
	tc.call(Receive(10))
	tc.wantNoneSent()
	tc.recv(text(31, 10, 11))
	tc.call(Receive(10))
	tc.wantSent(ack(11, 41))
	tc.forget()
}

// The delay follows the times between segments, up to half a second, and to no more than
// a round trip takes where that is known.
func TestAckDelayFollows(t *testing.T) {
	slow := change(func(p *Profile) { p.QuickAcks, p.RTOMin = 0, 1000*ms })
	tc := newTestConn(t, Established, change(adapting), slow)
	tc.exchange(400 * ms)
	tc.forget()
	at := Seq(1)
	var delays []int
	for range 6 {
		tc.recv(text(at, 1, tc.tcb.SndNxt-tc.iss))
		at++
		delays = append(delays, int(tc.until()/ms))
		tc.forget()
		tc.pass(20 * ms)
	}
	require.IsNonDecreasing(t, delays)
	require.Equal(t, 40, delays[0])
	require.Greater(t, delays[len(delays)-1], 40)
	require.LessOrEqual(t, delays[len(delays)-1], 200)
}

// What comes again draws quick ACKs, whatever the user does.
func TestCameAgain(t *testing.T) {
	tc := newTestConn(t, Established, change(adapting))
	tc.answered()
	tc.recv(text(1, 10, 11))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(11, 11))
	tc.wantDropped()
	tc.forget()
	tc.recv(text(11, 10, 11))
	tc.wantSent(ack(11, 21))
	tc.forget()
}

// The user is expected to answer a FIN by closing.
func TestFinAckAdapts(t *testing.T) {
	tc := newTestConn(t, Established, change(adapting))
	tc.recv(fin(1, 1))
	tc.wantNoneSent()
	require.Equal(t, 4*ms, tc.until())
	tc.wantSent(ack(1, 2))
	tc.forget()

	tc = newTestConn(t, Established, change(adapting))
	tc.answered()
	tc.recv(fin(11, 11))
	require.Equal(t, 40*ms, tc.until())
	tc.wantSent(ack(11, 12))
	tc.forget()
}
