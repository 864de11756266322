package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// icmp lets a message arrive that quotes a number relative to ISS.
func (tc *testConn) icmp(a Advice, seq uint32) {
	tc.t.Helper()
	tc.step(ICMPMessage(a, tc.snd(seq), 42))
}

// MUST-55: a source quench does nothing, whatever it quotes.
func TestICMPQuench(t *testing.T) {
	for _, s := range []State{SynSent, Established, LastAck} {
		tc := newTestConn(t, s)
		tc.icmp(Quench, 0)
		tc.wantFired("icmp-quench")
		tc.wantDropped()
		tc.wantState(s)
	}
}

// RFC 5927 4.1: SND.UNA =< SEG.SEQ < SND.NXT, or somebody has guessed.
func TestICMPNotInFlight(t *testing.T) {
	tc := newTestConn(t, SynSent)
	for _, seq := range []uint32{1<<32 - 1, 1, 1000} {
		tc.icmp(HardError, seq)
		tc.wantFired("icmp-not-in-flight")
		tc.wantDropped()
		tc.wantState(SynSent)
	}
	for _, s := range []State{Closed, Listen, TimeWait} { // nothing is in flight
		tc := newTestConn(t, s)
		tc.icmp(HardError, 0)
		tc.wantFired("icmp-not-in-flight")
		tc.wantDropped()
		tc.wantState(s)
	}
	beyond := func(tc *testConn) { tc.prof.ICMPBeyond = 1 }
	tc = newTestConn(t, SynSent, beyond)
	tc.icmp(HardError, 2)
	tc.wantFired("icmp-not-in-flight")
	tc.wantDropped()
	tc.icmp(HardError, 1)
	tc.wantFired("icmp-hard")
	tc.wantDropped()
	tc.wantTold(Unreachable)
	tc.wantState(Closed)
}

// SHLD-26 in SYN-RECEIVED: back to LISTEN, and nobody is told.
func TestICMPHardPassive(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.icmp(HardError, 0)
	tc.wantFired("icmp-hard-passive")
	tc.wantDropped()
	tc.wantState(Listen)

	tc = newActiveSynReceived(t)
	tc.icmp(HardError, 0)
	tc.wantFired("icmp-hard")
	tc.wantDropped()
	tc.wantTold(Unreachable)
	tc.wantState(Closed)
}

// SHLD-26: a hard error aborts, and the user learns the reason. Nothing is sent.
func TestICMPHard(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(10))
	tc.forget()
	tc.step(ICMPMessage(HardError, tc.snd(5), 42))
	tc.wantFired("icmp-hard")
	tc.wantDropped()
	tc.wantTold(Unreachable)
	tc.wantNoneSent()
	tc.wantState(Closed)
}

// MUST-56: a soft error does not abort, and the user can learn of it (SHLD-25).
func TestICMPSoft(t *testing.T) {
	for _, s := range []State{SynSent, SynReceived, FinWait1, LastAck} {
		tc := newTestConn(t, s)
		before := tc.tcb
		seq := tc.tcb.SndUna - tc.iss
		tc.icmp(SoftError, uint32(seq))
		tc.wantFired("icmp-soft")
		tc.wantDropped()
		tc.wantTold(Advised)
		tc.wantState(s)
		require.Equal(t, before, tc.tcb)
	}
}

// wantTold claims that the user was told something, with the reason.
func (tc *testConn) wantTold(want Result) {
	tc.t.Helper()
	require.Len(tc.t, tc.results, 1)
	require.Equal(tc.t, want, tc.results[0].Result)
	require.Equal(tc.t, uint32(42), tc.results[0].N)
	tc.results = nil
}
