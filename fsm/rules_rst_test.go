package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 5961 3.2 (3), RFC 9293 3.10.7.4 second: a RST in the window but not at
// RCV.NXT draws <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> and is dropped.
func TestRstInexactChallenged(t *testing.T) {
	tc := newTestConn(t, Established)
	for _, seg := range []Segment{rst(2), rst(testBuffer), rstAck(500, 1), flagged(rst(500), SYN)} {
		tc.recv(seg)
		tc.wantFired("rst-inexact-challenged")
		tc.wantSent(ack(1, 1))
		tc.wantDropped()
	}
	tc.wantState(Established)

	tc = newTestConn(t, SynReceived)
	tc.recv(rst(500))
	tc.wantFired("rst-inexact-challenged")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.wantState(SynReceived)
}

// RFC 9293 3.10.7.4, second (1): "If the RST bit is set and the sequence number
// is outside the current receive window, silently drop the segment", although
// text that it carries reaches into the window (SHLD-2).
func TestRstBeforeWindowWithText(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.recv(carrying(rst(0), 2))
	tc.wantNoneSent()
	tc.wantDropped()
	tc.wantState(Established)
}

// RFC 7323 5.2: "information from the Timestamps option MUST NOT be used to
// update connection state information" when a RST brings it.
func TestRstTimestampIgnored(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000))
	tc.anyRule()
	tc.recv(stamped(carrying(rst(0), 2), 1<<30))
	tc.forget()
	require.Equal(t, uint32(1000), tc.tcb.TSRecent)

	tc = newTestConn(t, TimeWait, timestamps(1000), with(RFC1337))
	tc.anyRule()
	tc.recv(stamped(rst(2), 1))
	tc.forget()
	require.Equal(t, uint32(1000), tc.tcb.TSRecent)
}

// RFC 7323 5.2: a RST "MUST NOT be subjected to the PAWS check".
func TestRstWithOldTimestamp(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000))
	tc.recv(stamped(rst(1), 1))
	tc.wantFired("rst-reset")
	tc.wantDropped()
	tc.wantResult(ResetError)
	tc.wantState(Closed)
}

// RFC 9293 3.10.7.4, second, SYN-RECEIVED: a connection that came from LISTEN
// goes back there and flushes its queue; "the user need not be informed".
func TestSynRcvdRstPassive(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Set(NoDelay, 1))
	tc.call(Send(10))
	tc.forget()
	tc.recv(rst(1))
	tc.wantFired("synrcvd-rst-passive")
	tc.wantDropped()
	tc.wantResult()
	tc.wantNoneSent()
	tc.wantState(Listen)
	tc.wantTimers()
	require.Zero(t, tc.tcb.Pending())
	require.Equal(t, uint32(1), tc.tcb.Option(NoDelay), "what the user has stated holds")
}

// RFC 9293 3.10.7.4, second, SYN-RECEIVED: with an active OPEN the connection
// was refused; the user is told (MUST-12).
func TestSynRcvdRstActive(t *testing.T) {
	tc := newActiveSynReceived(t)
	tc.recv(rst(1))
	tc.wantFired("synrcvd-rst-active")
	tc.wantDropped()
	tc.wantResult(Refused)
	tc.wantNoneSent()
	tc.wantState(Closed)
	tc.wantTimers()
}

// RFC 9293 3.10.7.4, second, ESTABLISHED to CLOSE-WAIT: RECEIVEs and SENDs get
// "reset" responses, the user a "connection reset" signal (MUST-12); CLOSED.
func TestRstReset(t *testing.T) {
	for _, s := range []State{Established, FinWait1, FinWait2, CloseWait} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.recv(rst(tc.tcb.RcvNxt - tc.irs))
			tc.wantFired("rst-reset")
			tc.wantDropped()
			tc.wantResult(ResetError)
			tc.wantNoneSent()
			tc.wantState(Closed)
			tc.wantTimers()
		})
	}
}

// RFC 793 3.9 and RS-A1: without RFC 5961 any RST in the window counts.
func TestRstResetAnywhere(t *testing.T) {
	tc := newTestConn(t, Established, under(RFC793))
	tc.recv(rst(testBuffer + 1))
	tc.wantFired("seq-unacceptable-rst")
	tc.wantDropped()
	tc.recv(rst(testBuffer))
	tc.wantFired("rst-reset")
	tc.wantDropped()
	tc.wantResult(ResetError)
	tc.wantState(Closed)
}

// RFC 9293 3.10.7.4, second, CLOSING, LAST-ACK and TIME-WAIT: "enter the CLOSED
// state, delete the TCB, and return".
func TestRstClosing(t *testing.T) {
	for _, s := range []State{Closing, LastAck, TimeWait} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.recv(rst(2))
			tc.wantFired("rst-closing")
			tc.wantDropped()
			tc.wantResult()
			tc.wantNoneSent()
			tc.wantState(Closed)
			tc.wantTimers()
		})
	}
}

// RFC 1337 3, F1: "Ignore RST segments in TIME-WAIT state."
func TestTimeWaitRstIgnored(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(RFC1337))
	tc.pass(time.Second)
	at := tc.tcb.WaitAt
	for _, seg := range []Segment{rst(2), rst(50), rstAck(2, 2)} {
		tc.recv(seg)
		tc.wantFired("timewait-rst-ignored")
		tc.wantDropped()
		tc.wantNoneSent()
	}
	tc.wantState(TimeWait)
	require.Equal(t, at, tc.tcb.WaitAt)
}

// RFC 5961 7: "in any 5 second window, no more than 10 challenge ACKs should be
// sent". What comes on top is dropped without an answer.
func TestChallengeThrottled(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	for range 10 {
		tc.recv(rst(500))
		tc.wantSent(ack(1, 1))
	}
	for _, seg := range []Segment{rst(500), syn(500), synAck(0, 1)} {
		tc.recv(seg)
		tc.wantNoneSent()
		tc.wantDropped()
	}
	tc.pass(5*time.Second - 1)
	tc.recv(syn(500))
	tc.wantNoneSent()
	tc.pass(1)
	tc.recv(syn(500))
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
}

// RFC 5961 7 and INV-33: the limit holds in any window of 5 seconds, also in one
// that begins in the middle of a burst.
func TestChallengeThrottledAnyWindow(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.recv(rst(500))
	tc.forget()
	tc.pass(4900 * time.Millisecond)
	sent := 0
	for range 30 {
		tc.recv(rst(500))
		sent += len(tc.sent)
		tc.forget()
		tc.pass(10 * time.Millisecond)
	}
	require.LessOrEqual(t, sent, 10, "in 300 ms")
}

// RFC 5961 7: "the number of challenge ACKs" and the interval are tunable.
func TestChallengeTunable(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) {
		p.ChallengeLimit, p.ChallengeInterval = 1, 500*time.Millisecond
	}))
	tc.anyRule()
	tc.recv(rst(500))
	tc.wantSent(ack(1, 1))
	tc.recv(rst(500))
	tc.wantNoneSent()
	tc.pass(500 * time.Millisecond)
	tc.recv(rst(500))
	tc.wantSent(ack(1, 1))
	tc.forget()
}
