package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FIN-WAIT-2 when nobody is left to read.

// EV-8f: nobody but TCP is left in FIN-WAIT-2, and any RST in the window ends it.
func TestFinWait2AloneRst(t *testing.T) {
	for _, seg := range []Segment{rst(1), rst(9), rstAck(4096, 0)} {
		tc := newTestConn(t, FinWait2, with(FinWait2Alone))
		tc.call(Set(Detach, 1))
		tc.forget()
		tc.recv(seg)
		tc.wantFired("finwait2-alone-rst")
		tc.wantDropped()
		tc.wantNoneSent()
		tc.wantState(Closed)
	}
	tc := newTestConn(t, FinWait2, with(FinWait2Alone))
	tc.recv(rst(9)) // the user is still there
	tc.wantFired("rst-inexact-challenged")
	tc.wantSent(ack(2, 1))
	tc.wantDropped()
	tc.call(Set(Detach, 1))
	tc.wantFired("set-detach")
	tc.recv(rst(0)) // outside the window it ends nothing, and is answered
	tc.wantFired("finwait2-alone-outside")
	tc.wantSent(ack(2, 1))
	tc.wantDropped()
	tc.wantState(FinWait2)
}

// Without the switch TCP alone does all that it does with a user.
func TestFinWait2NotAlone(t *testing.T) {
	tc := newTestConn(t, FinWait2)
	tc.call(Set(Detach, 1))
	tc.forget()
	tc.recv(rst(9))
	tc.wantFired("rst-inexact-challenged")
	tc.wantSent(ack(2, 1))
	tc.wantDropped()
	tc.recv(fin(5, 2))
	tc.wantFired("fin-behind-gap")
	tc.wantSent(ack(2, 1))
	tc.wantState(FinWait2)
}

// EV-8f: what TCP alone cannot hold draws a RST: a FIN that is not the next number,
// and a SYN in the window. The FIN at RCV.NXT is taken.
func TestFinWait2AloneReset(t *testing.T) {
	for _, x := range []struct{ seg, want Segment }{
		{fin(5, 2), rst(2)}, {textFin(1, 10, 2), rst(2)}, {syn(5), rstAck(0, 6)},
	} {
		tc := newTestConn(t, FinWait2, with(FinWait2Alone))
		tc.call(Set(Detach, 1))
		tc.forget()
		tc.recv(x.seg)
		tc.wantFired("finwait2-alone-reset")
		tc.wantSent(x.want)
		tc.wantDropped()
		tc.wantState(Closed)
	}
	tc := newTestConn(t, FinWait2, with(FinWait2Alone))
	tc.call(Set(Detach, 1))
	tc.forget()
	for _, seg := range []Segment{fin(5000, 2), syn(5000)} { // outside the window
		tc.recv(seg)
		tc.wantFired("finwait2-alone-outside")
		tc.wantSent(ack(2, 1))
		tc.wantDropped()
	}
	tc.wantState(FinWait2)

	tc = newTestConn(t, FinWait2, with(FinWait2Alone))
	tc.recv(fin(5, 2)) // the user is still there
	tc.wantFired("fin-behind-gap")
	tc.wantSent(ack(2, 1))

	tc = newTestConn(t, FinWait2, with(FinWait2Alone))
	tc.call(Set(Detach, 1))
	tc.forget()
	tc.recv(ack(5, 2)) // EV-8f: a bare ACK in the window: silence
	tc.wantFired("finwait2-alone-any-ack")
	tc.wantNoneSent()
	tc.recv(fin(1, 2))
	tc.wantFired("finwait2-alone-any-ack", "finwait2-fin")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(2, 2))
	tc.wantState(TimeWait)
}

// EV-8f: who is left does not know any more what may be acknowledged. An ACK of what was
// never sent draws nothing, and the FIN counts whatever it acknowledges.
func TestFinWait2AloneAnyAck(t *testing.T) {
	for _, ackNo := range []Seq{2, 900, 1<<32 - 5000} {
		tc := newTestConn(t, FinWait2, with(FinWait2Alone))
		tc.call(Set(Detach, 1))
		tc.forget()
		tc.recv(ack(1, ackNo))
		tc.wantFired("finwait2-alone-any-ack")
		tc.wantNoneSent()
		tc.recv(fin(1, ackNo))
		tc.wantFired("finwait2-alone-any-ack", "finwait2-fin")
		tc.wantResult(ClosingError)
		tc.wantSent(ack(2, 2))
		tc.wantState(TimeWait)
	}
	tc := newTestConn(t, FinWait2, with(FinWait2Alone))
	tc.recv(ack(1, 900)) // the user is still there
	tc.wantFired("ack-unsent")
	tc.wantSent(ack(2, 1))
	tc.wantDropped()

	tc.call(Set(Detach, 1))
	tc.forget()
	tc.recv(text(1, 10, 900)) // text is lost whatever it acknowledges
	tc.wantFired("finwait2-alone-any-ack", "text-after-close")
	tc.wantSent(rst(900))
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)
}

// EV-8f: what lies outside the window is answered, be it a RST; what is empty within the
// limit, which begins anew with FIN-WAIT-2.
func TestFinWait2AloneOutside(t *testing.T) {
	tc := newTestConn(t, FinWait2, with(FinWait2Alone|AnswersLimited), change(func(p *Profile) {
		p.ChallengeLimit, p.ChallengeInterval = 1, time.Second
	}))
	tc.recv(ack(0, 2))
	tc.wantFired("seq-unacceptable-limited")
	tc.wantSent(ack(2, 1))
	tc.wantDropped()
	tc.call(Set(Detach, 1))
	tc.forget()
	for _, x := range []struct {
		seg  Segment
		sent []Segment
	}{
		{rst(0), []Segment{ack(2, 1)}}, {rst(4098), nil}, {ack(0, 2), nil}, {syn(0), nil},
		{fin(0, 2), []Segment{ack(2, 1)}}, {text(5000, 10, 2), []Segment{ack(2, 1)}},
	} {
		tc.recv(x.seg)
		tc.wantFired("finwait2-alone-outside")
		tc.wantSent(x.sent...)
		tc.wantDropped()
	}
	tc.recv(Segment{Seq: 1, Flags: FIN}) // inside, without an ACK: nothing
	tc.wantFired("ack-missing")
	tc.wantDropped()
	tc.wantNoneSent()
}

// What was held is gone with the user: what comes behind the gap is lost too.
func TestFinWait2AloneHeld(t *testing.T) {
	tc := newTestConn(t, FinWait2, with(FinWait2Alone))
	tc.recv(textFin(2, 1, 2))
	tc.forget()
	require.True(t, tc.tcb.Holding())
	tc.call(Set(Detach, 1))
	tc.forget()
	require.False(t, tc.tcb.Holding())
	tc.recv(text(4, 1, 2))
	tc.wantFired("finwait2-alone-any-ack", "text-after-close")
	tc.wantSent(rst(2))
	tc.wantResult(ResetError)
	tc.wantDropped()
	tc.wantState(Closed)
}

// Who is left sends no keep-alives either.
func TestFinWait2AloneKeepAlive(t *testing.T) {
	tc := newTestConn(t, FinWait2, with(FinWait2Alone), change(func(p *Profile) { p.FinWait2 = time.Minute }))
	tc.call(Set(KeepAlive, 1))
	tc.wantTimers("keep-alive")
	tc.call(Set(Detach, 1))
	tc.forget()
	tc.wantTimers("FIN-WAIT-2")
}

// FreeBSD sends no keep-alives once one side has said all and the other knows it.
func TestKeepAliveEnds(t *testing.T) {
	ends := change(func(p *Profile) { p.KeepAliveEnds = true })
	for _, x := range []struct {
		state State
		ends  bool
	}{{Established, false}, {CloseWait, false}, {FinWait2, true}} {
		tc := newTestConn(t, x.state, ends)
		tc.call(Set(KeepAlive, 1))
		tc.forget()
		if x.ends {
			tc.wantTimers()
		} else {
			tc.wantTimers("keep-alive")
		}
	}
	tc := newTestConn(t, FinWait2)
	tc.call(Set(KeepAlive, 1))
	tc.forget()
	tc.wantTimers("keep-alive")
}

// A limit that was set for the connection counts; 0 is the profile's.
func TestFinWait2Limit(t *testing.T) {
	own := change(func(p *Profile) { p.FinWait2 = time.Minute })
	for _, x := range []struct {
		set  uint32
		want time.Duration
	}{{5000, 5 * time.Second}, {0, time.Minute}} {
		tc := newTestConn(t, FinWait2, own)
		tc.call(Set(FinWait2Limit, x.set))
		tc.call(Set(Detach, 1))
		tc.forget()
		require.Equal(t, x.want, tc.until())
		tc.forget()
	}
}

// FIN-WAIT-2 is not shorter than three and a half RTOs: the peer's FIN may have to come
// again.
func TestFinWait2ByRTO(t *testing.T) {
	tc := newTestConn(t, FinWait2, change(func(p *Profile) { p.FinWait2, p.FinWait2ByRTO = time.Second, true }))
	tc.tcb.RTO = 2 * time.Second
	tc.call(Set(Detach, 1))
	tc.forget()
	require.Equal(t, 7*time.Second, tc.until())
	tc.forget()

	tc = newTestConn(t, FinWait2, change(func(p *Profile) { p.FinWait2ByRTO = true })) // no limit is none
	tc.call(Set(Detach, 1))
	tc.forget()
	tc.wantTimers()
}

// A user that has given up reading is as good as gone: FIN-WAIT-2 has its limit.
func TestFinWait2Shut(t *testing.T) {
	limit := change(func(p *Profile) { p.FinWait2 = time.Minute })
	shut := change(func(p *Profile) { p.FinWait2Shut = true })
	tc := newTestConn(t, FinWait2, shut, limit)
	tc.wantTimers()
	tc.call(Set(ShutReceive, 1))
	tc.wantFired("set-shut-receive")
	require.Equal(t, time.Minute, tc.until())
	tc.wantFired("finwait2-timeout")
	tc.wantNoneSent()
	tc.wantState(Closed)

	tc = newTestConn(t, Established, shut, limit) // the other way round
	tc.call(Set(ShutReceive, 1))
	tc.call(Close())
	tc.recv(ack(1, 2))
	tc.forget()
	tc.wantTimers("FIN-WAIT-2")

	tc = newTestConn(t, FinWait2, limit)
	tc.call(Set(ShutReceive, 1))
	tc.wantFired("set-shut-receive")
	tc.wantTimers()
}

// KB813056: FIN-WAIT-2 has a limit with a user too, who learns of a reset; another
// counts from when the user goes, and nobody learns of that.
func TestFinWait2Held(t *testing.T) {
	limits := change(func(p *Profile) { p.FinWait2, p.FinWait2Held = 2*time.Minute, 5*time.Minute })
	tc := newTestConn(t, FinWait2, limits)
	tc.pass(time.Minute)
	require.Equal(t, 4*time.Minute, tc.until())
	tc.wantFired("finwait2-timeout")
	tc.wantResult(ResetError)
	tc.wantNoneSent()
	tc.wantState(Closed)

	tc = newTestConn(t, FinWait2, limits)
	tc.pass(time.Minute)
	tc.call(Set(Detach, 1))
	tc.wantFired("set-detach")
	require.Equal(t, 2*time.Minute, tc.until())
	tc.wantFired("finwait2-timeout")
	tc.wantState(Closed)
}
