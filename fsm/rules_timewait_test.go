package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wantReopen claims that the SYN was left to a listener, which is to choose a
// number beyond our last SND.NXT (RFC 9293 3.6.1 (1), TW-9).
func (tc *testConn) wantReopen() {
	tc.t.Helper()
	require.Equal(tc.t, []Seq{tc.tcb.SndNxt}, tc.reopens, "reopened")
	tc.reopens = nil
}

// RFC 6191 2, SHLD-4: which SYN shows that it is new, with timestamps on the old
// connection, on the SYN, on both or on none. The last number seen is that of
// the peer's FIN, 1; TS.Recent is 1000.
func TestTimeWaitSynReopens(t *testing.T) {
	const off = 1<<32 - 1
	for _, x := range []struct {
		name    string
		old     bool   // the old connection used timestamps
		tsval   uint32 // the SYN's
		seq     Seq
		reopens bool
	}{
		{"used, TSval newer, number old", true, 1001, 1<<32 - 500, true},
		{"used, TSval the same, number beyond", true, 1000, 2, true},
		{"used, TSval the same, number not beyond", true, 1000, 1, false},
		{"used, TSval older", true, 999, 500, false},
		{"used, none on the SYN, number beyond", true, off, 2, true},
		{"used, none on the SYN, number not beyond", true, off, 1, false},
		{"not used, one on the SYN", false, 5, 1<<32 - 500, true},
		{"not used, none, number beyond", false, off, 2, true},
		{"not used, none, number not beyond", false, off, 1, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			opts := []testOption{listener}
			if x.old {
				opts = append(opts, timestamps(1000))
			}
			tc := newTestConn(t, TimeWait, opts...)
			at := tc.tcb.WaitAt
			seg := offering(syn(x.seq), testWindow)
			if x.tsval != off {
				seg = stamped(seg, x.tsval)
			}
			tc.recvExactly(seg)
			if x.reopens {
				tc.wantFired("timewait-syn-reopens")
				tc.wantReopen()
				tc.wantNoneSent()
				tc.wantState(Closed)
				tc.wantTimers()
				return
			}
			// TW-7: a challenge ACK (RFC 9293 3.10.7.4, fourth).
			tc.anyRule()
			tc.wantSent(ack(2, 2))
			tc.wantDropped()
			tc.wantState(TimeWait)
			require.Equal(t, at, tc.tcb.WaitAt)
		})
	}
}

// RFC 6191 2 speaks of connection requests: without a listener, or with an ACK
// or a RST on it, a SYN is none.
func TestTimeWaitSynNoRequest(t *testing.T) {
	tc := newTestConn(t, TimeWait)
	tc.recv(syn(500))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.wantState(TimeWait)

	tc = newTestConn(t, TimeWait, listener)
	tc.recv(synAck(500, 2))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.recv(flagged(rst(500), SYN))
	tc.wantFired("rst-inexact-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.wantState(TimeWait)
}

// MAY-2 is no duty: with the switch off TIME-WAIT lasts.
func TestTimeWaitSynSwitchedOff(t *testing.T) {
	tc := newTestConn(t, TimeWait, listener, without(RFC6191))
	tc.recv(syn(500))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.wantState(TimeWait)
}

// TW-10: what is acknowledged and not taken never shortens the 2 MSL.
func TestTimeWaitNotShortened(t *testing.T) {
	for _, seg := range []Segment{
		ack(1, 2), ack(2, 2), ack(2, 1), ack(2, 3), text(2, 10, 2), text(1<<32-9, 10, 2), syn(500), syn(1), rst(3),
		fin(1, 2), fin(2, 2), {Seq: 2, Flags: FIN}, urgent(ack(2, 2), 5),
	} {
		tc := newTestConn(t, TimeWait)
		tc.anyRule()
		at := tc.tcb.WaitAt
		tc.pass(time.Second)
		tc.recv(seg)
		tc.forget()
		tc.wantState(TimeWait)
		require.GreaterOrEqual(t, tc.tcb.WaitAt, at, "%v", seg)
		tc.wantTimers("2MSL")
	}
}

// RFC 1337 1: an old duplicate in TIME-WAIT draws an ACK; the peer that is
// already CLOSED answers it with a RST at RCV.NXT, and TIME-WAIT is over before
// its time.
func TestTimeWaitAssassination(t *testing.T) {
	tc := newTestConn(t, TimeWait)
	tc.recv(ack(1<<32-44, 1<<32-66)) // <SEQ=255><ACK=33> in the RFC's figure
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.recv(rst(2))
	tc.wantFired("rst-closing")
	tc.wantDropped()
	tc.wantState(Closed)
}

// A new SYN that nobody takes is answered each time: it is none of those that may be forged.
func TestTimeWaitSynToNobody(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(AnswersLimited|TimeWaitRestarts), change(func(p *Profile) { p.ChallengeLimit, p.ChallengeInterval = 1, 500*ms }))
	for range 3 {
		tc.recv(syn(500))
		tc.wantFired("timewait-syn-unheard")
		tc.wantSent(ack(2, 2))
		tc.wantDropped()
	}
	tc.recv(syn(1))
	tc.wantFired("seq-syn-anywhere", "syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.recv(syn(1))
	tc.wantFired("seq-syn-anywhere", "syn-challenged")
	tc.wantNoneSent()
	tc.wantDropped()
	tc.wantState(TimeWait)
}
