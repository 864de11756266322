package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What kernels do in TIME-WAIT. Our FIN was 1 and the peer's too: both expect 2.

// MAY-2: a SYN beyond RCV.NXT ends TIME-WAIT, if somebody listens. Timestamps say
// nothing.
func TestTimeWaitSynBeyond(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(SynBeyondReopens), without(RFC6191), listener)
	for _, seg := range []Segment{syn(1), syn(2), stamped(syn(2), 5), synAck(3, 2)} {
		tc.recv(seg)
		tc.wantFiredLast("syn-challenged")
		tc.wantSent(ack(2, 2))
		tc.wantDropped()
	}
	tc.recv(syn(3))
	tc.wantFired("timewait-syn-beyond")
	tc.wantReopen()
	tc.wantState(Closed)

	tc = newTestConn(t, TimeWait, with(SynBeyondReopens), without(RFC6191))
	tc.recv(syn(3))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.wantState(TimeWait)
}

// TW-6: the connection is deleted before anybody asks for a listener.
func TestTimeWaitSynUnheard(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(SynBeyondReopens|TimeWaitSynUnheard), without(RFC6191))
	tc.recv(syn(3))
	tc.wantFired("timewait-syn-beyond")
	tc.wantReopen()
	tc.wantState(Closed)
}

// TW-12 and LISTEN: a SYN with a FIN is dropped, however new it is. An answer to
// our SYN may carry a FIN, and a connection answers as to any SYN.
func TestSynFinDropped(t *testing.T) {
	for _, s := range []State{Listen, SynSent, TimeWait} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s, with(SynFinDropped|SynBeyondReopens), without(RFC6191), listener)
			tc.recv(flagged(syn(500), FIN))
			tc.wantFired("syn-fin-dropped")
			tc.wantDropped()
			tc.wantNoneSent()
			tc.wantState(s)
		})
	}
	tc := newTestConn(t, SynSent, with(SynFinDropped))
	tc.recv(flagged(tc.peerSynAck(), FIN))
	tc.wantFired("synsent-syn-ack", "fin-established")
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 2))
	tc.wantState(Established, CloseWait)

	tc = newTestConn(t, Established, with(SynFinDropped))
	tc.recv(flagged(syn(500), FIN))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
}

// TW-7 and TW-12: what carries no ACK is dropped without a word, but a RST counts.
func TestTimeWaitAckless(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(TimeWaitAckless))
	for _, seg := range []Segment{syn(500), syn(1), {Seq: 2, Flags: FIN}, {Seq: 1, Flags: FIN}, {Seq: 2, Len: 10}, {Seq: 1}} {
		tc.recv(seg)
		tc.wantFired("timewait-ackless")
		tc.wantDropped()
		tc.wantNoneSent()
	}
	tc.recv(synAck(500, 2))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.recv(rst(2))
	tc.wantFired("rst-closing")
	tc.wantDropped()
	tc.wantState(Closed)
}

// TW-2, TW-3, TW-8: whatever carries an ACK restarts the 2 MSL, and is then answered
// as without the switch. A SYN that is not accepted restarts nothing (TW-7).
func TestTimeWaitRestarts(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(TimeWaitRestarts))
	for _, x := range []struct {
		seg   Segment
		fired []string
		sent  []Segment
	}{
		{ack(2, 2), []string{"timewait-restarts", "timewait-empty-ignored"}, nil},
		{ack(1, 2), []string{"timewait-restarts", "timewait-rest-acked"}, []Segment{ack(2, 2)}},
		{text(1<<32-9, 10, 2), []string{"timewait-restarts", "timewait-rest-acked"}, []Segment{ack(2, 2)}},
		{fin(1, 2), []string{"timewait-restarts", "timewait-fin-again"}, []Segment{ack(2, 2)}},
	} {
		tc.pass(time.Minute)
		tc.recv(x.seg)
		tc.wantFired(x.fired...)
		tc.wantSent(x.sent...)
		tc.wantDropped()
		require.Equal(t, tc.now.Add(tc.prof.TimeWait), tc.tcb.WaitAt, "%v", x.seg)
	}
	at := tc.tcb.WaitAt
	for _, seg := range []Segment{syn(1), {Seq: 2, Flags: FIN}, rst(3)} {
		tc.pass(time.Second)
		tc.recv(seg)
		require.NotContains(t, tc.fired, "timewait-restarts")
		require.Equal(t, at, tc.tcb.WaitAt, "%v", seg)
		tc.forget()
	}
}

// KB261218: in TIME-WAIT only the peer's FIN, a SYN and a RST count.
func TestTimeWaitMute(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(TimeWaitMute))
	for _, seg := range []Segment{
		ack(2, 2), ack(1, 2), ack(2, 3), text(2, 10, 2), text(1<<32-9, 10, 2), fin(2, 2), {Seq: 2, Flags: FIN},
	} {
		tc.recv(seg)
		tc.wantFired("timewait-mute")
		tc.wantDropped()
		tc.wantNoneSent()
	}
	tc.recv(fin(1, 2))
	tc.wantFired("timewait-fin-again")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.recv(syn(500))
	tc.wantFired("syn-challenged")
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
	tc.recv(rst(2))
	tc.wantFired("rst-closing")
	tc.wantDropped()
	tc.wantState(Closed)
}

// TW-3: an ACK in the window is answered if it acknowledges anything but our FIN;
// so is all else that carries an ACK (TW-2, TW-7, TW-8).
func TestTimeWaitAcksAll(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(TimeWaitAcksAll))
	for _, seg := range []Segment{
		ack(2, 1), ack(2, 3), ack(3, 2), ack(1, 2), text(2, 10, 2), text(1<<32-9, 10, 2), fin(2, 2), synAck(500, 2),
	} {
		at := tc.tcb.WaitAt
		tc.pass(time.Second)
		tc.recv(seg)
		tc.wantFired("timewait-acks-all")
		tc.wantSent(ack(2, 2))
		tc.wantDropped()
		require.Equal(t, at, tc.tcb.WaitAt)
	}
	tc.recv(ack(2, 2))
	tc.wantFired("timewait-ack")
	tc.wantNoneSent()
	tc.wantDropped()
	tc.recv(rstAck(2, 1))
	tc.wantFired("rst-closing")
	tc.wantDropped()
	tc.wantState(Closed)
}
