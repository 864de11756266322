package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What kernels do before a connection is open.

// A listener drops a SYN with a FIN; one that crosses ours opens all the same.
func TestListenSynFinDropped(t *testing.T) {
	tc := newTestConn(t, Listen, with(ListenSynFinDropped))
	tc.recv(flagged(tc.peerSyn(), FIN))
	tc.wantFired("listen-syn-fin-dropped")
	tc.wantDropped()
	tc.wantNoneSent()
	tc.wantState(Listen)
	tc.recv(tc.peerSyn())
	tc.wantFired("listen-syn")
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)

	tc = newTestConn(t, SynSent, with(ListenSynFinDropped))
	tc.recv(flagged(tc.peerSyn(), FIN))
	tc.wantFired("synsent-syn")
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)
}

// A SYN,ACK in LISTEN is dropped; any other ACK still draws a RST.
func TestListenSynAckSilent(t *testing.T) {
	tc := newTestConn(t, Listen, with(ListenSynAckSilent))
	tc.recv(synAck(5, 7))
	tc.wantFired("listen-syn-ack-silent")
	tc.wantDropped()
	tc.wantNoneSent()
	tc.recv(ack(5, 7))
	tc.wantFired("listen-ack-reset")
	tc.wantSent(rst(7))
	tc.wantDropped()
	tc.wantState(Listen)
}

// A refusal makes the SYN go again after a while of its own, as often as a SYN may
// be repeated; the next one counts.
func TestSynSentRstAgain(t *testing.T) {
	tc := newTestConn(t, SynSent, with(RefusedTriesAgain), change(func(p *Profile) {
		p.RTOInitial, p.SynAgain, p.SynR2, p.R1 = 3000*ms, 500*ms, 2, 0
	}))
	tc.recv(rst(0)) // no ACK: it refuses nothing
	tc.wantFired("synsent-rst-without-ack")
	tc.wantDropped()
	for range 2 {
		tc.pass(10 * ms)
		tc.recv(rstAck(0, 1))
		tc.wantFired("synsent-rst-again")
		tc.wantDropped()
		tc.wantState(SynSent)
		tc.pass(500*ms - 1)
		tc.wantNoneSent()
		tc.pass(1)
		tc.wantFired("retransmit-syn")
		tc.wantSent(syn(0))
	}
	tc.recv(rstAck(0, 1))
	tc.wantFired("synsent-rst-refused")
	tc.wantResult(Refused)
	tc.wantDropped()
	tc.wantState(Closed)
}

// Of a SYN,ACK only the SYN is acknowledged; text and FIN must come again.
func TestSynSentSynAckAlone(t *testing.T) {
	tc := newTestConn(t, SynSent, with(SynTextDropped))
	tc.recv(carrying(tc.peerSynAck(), 10))
	tc.wantFired("synsent-syn-ack-alone")
	tc.wantSent(ack(1, 1))
	tc.wantText(0)
	tc.wantState(Established)
	tc.recv(textFin(1, 10, 1))
	tc.wantFired("text-in-order", "fin-established")
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 12))
	tc.wantState(CloseWait)

	tc = newTestConn(t, SynSent, with(SynTextDropped))
	tc.recv(flagged(tc.peerSynAck(), FIN))
	tc.wantFired("synsent-syn-ack-alone")
	tc.wantSent(ack(1, 1))
	tc.wantState(Established)
}

// The same of a SYN that a listener gets, and of one that crosses ours.
func TestSynTextDropped(t *testing.T) {
	for _, s := range []State{Listen, SynSent} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s, with(SynTextDropped))
			tc.anyRule()
			tc.recv(carrying(flagged(tc.peerSyn(), FIN), 10))
			tc.wantSent(synAck(0, 1))
			tc.wantState(SynReceived)
			tc.recv(ack(1, 1))
			tc.wantNoneSent()
			tc.wantText(0)
			tc.wantState(Established)
		})
	}
}

// A listener keeps nothing of what comes with a SYN; who has sent one does.
func TestListenTextDropped(t *testing.T) {
	tc := newTestConn(t, Listen, change(func(p *Profile) { p.ListenTextDropped = true }))
	tc.recv(carrying(flagged(tc.peerSyn(), FIN), 10))
	tc.wantFired("listen-syn")
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)
	tc.recv(ack(1, 1))
	tc.wantFired("synrcvd-ack")
	tc.wantText(0)
	tc.wantState(Established)

	tc = newTestConn(t, SynSent, change(func(p *Profile) { p.ListenTextDropped = true }))
	tc.recv(carrying(tc.peerSyn(), 10))
	tc.wantFired("synsent-syn")
	tc.wantHeld(Range{1, 11})
	tc.wantSent(synAck(0, 1))
	tc.wantState(SynReceived)
}

// A new SYN in the window of a passive SYN-RECEIVED draws a RST and ends it; an
// active one is challenged as before.
func TestSynRcvdSynPassiveReset(t *testing.T) {
	tc := newTestConn(t, SynReceived, with(PassiveSynReset))
	tc.recv(syn(5))
	tc.wantFired("synrcvd-syn-passive-reset")
	tc.wantSent(rstAck(0, 6))
	tc.wantDropped()
	tc.wantState(Listen)
	tc.wantTimers()

	tc = newActiveSynReceived(t, with(PassiveSynReset))
	tc.recv(syn(5))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantState(SynReceived)
}

// CLOSE in SYN-RECEIVED deletes the connection, whatever is queued.
func TestCloseSynRcvdDeleted(t *testing.T) {
	for _, n := range []uint32{0, 10} {
		tc := newTestConn(t, SynReceived, with(CloseSynReceivedDeletes|FinStateEager))
		tc.call(Send(n))
		tc.forget()
		tc.call(Close())
		tc.wantFired("close-synrcvd-deleted")
		tc.wantResult(OK, ClosingError)
		tc.wantNoneSent()
		tc.wantState(Closed)
		tc.wantTimers()
	}
}

// An abort in SYN-RECEIVED tells the peer nothing.
func TestAbortSynRcvdSilent(t *testing.T) {
	tc := newTestConn(t, SynReceived, with(AbortSynReceivedSilent))
	tc.call(Abort())
	tc.wantFired("abort-synrcvd-silent")
	tc.wantResult(OK, ResetError)
	tc.wantNoneSent()
	tc.wantState(Closed)

	tc = newTestConn(t, Established, with(AbortSynReceivedSilent))
	tc.call(Abort())
	tc.wantFired("abort-reset")
	tc.wantResult(OK, ResetError)
	tc.wantSent(rst(1))
	tc.wantState(Closed)
}

// A user that shuts down before the connection is open has its FIN sent when it is,
// behind the text that it sent before. It can send no more.
func TestSetCloseLater(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.call(Send(10))
	tc.forget()
	tc.call(Set(CloseLater, 1))
	tc.wantFired("set-close-later")
	tc.wantResult(OK)
	tc.wantState(SynSent)
	require.Equal(t, uint32(1), tc.tcb.Option(CloseLater))
	tc.call(Send(10))
	tc.wantFired("send-after-close")
	tc.wantResult(ClosingError)
	tc.recv(tc.peerSynAck())
	tc.wantFired("synsent-syn-ack", "close-after-open")
	tc.wantSent(textFin(1, 10, 1))
	tc.wantState(Established, FinWait1)

	tc = newTestConn(t, SynReceived, with(FinStateEager))
	tc.call(Set(CloseLater, 1))
	tc.wantFired("set-close-later")
	tc.wantResult(OK)
	tc.wantNoneSent()
	tc.wantState(SynReceived)
	tc.recv(ack(1, 1))
	tc.wantFired("synrcvd-ack", "close-after-open")
	tc.wantSent(fin(1, 1))
	tc.wantState(Established, FinWait1)

	tc = newTestConn(t, Established)
	tc.call(Set(CloseLater, 1)) // the connection is open: the call is CLOSE
	tc.wantFired()
	tc.wantState(Established)
	require.False(t, tc.tcb.ClosePending())
}
