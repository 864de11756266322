package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// An empty segment at RCV.NXT is ignored, whatever it acknowledges, or nothing; one
// elsewhere in the window is not.
func TestTimeWaitEmptyIgnored(t *testing.T) {
	tc := newTestConn(t, TimeWait, with(TimeWaitRestarts))
	for _, seg := range []Segment{ack(2, 1), ack(2, 2), ack(2, 3), ack(2, 1<<31), {Seq: 2}} {
		tc.recv(seg)
		tc.wantFiredLast("timewait-empty-ignored")
		tc.wantDropped()
		tc.wantNoneSent()
	}
	tc.recv(rst(2))
	tc.wantFired("rst-closing")
	tc.wantDropped()
	tc.wantState(Closed)
}

// All else is answered wherever it lies, and whether it has an ACK or not, which alone
// restarts the 2 MSL.
func TestTimeWaitRestAcked(t *testing.T) {
	for _, seg := range []Segment{text(1, 10, 2), text(1<<32-9, 10, 3), fin(2, 2), fin(500, 2), {Seq: 2, Flags: FIN}, {Seq: 1, Flags: FIN}, {Seq: 2, Len: 10}, ack(1, 2), ack(500, 2)} {
		tc := newTestConn(t, TimeWait, with(TimeWaitRestarts))
		at := tc.tcb.WaitAt
		tc.pass(1)
		tc.recv(seg)
		tc.wantFiredLast("timewait-rest-acked")
		tc.wantSent(ack(2, 2))
		tc.wantDropped()
		require.Equal(t, seg.Flags&ACK != 0, tc.tcb.WaitAt != at, "%v", seg)
	}

	tc := newTestConn(t, TimeWait, with(TimeWaitRestarts|AnswersLimited), change(func(p *Profile) {
		p.ChallengeLimit, p.ChallengeInterval = 1, 500*ms
	}))
	tc.anyRule()
	tc.recv(ack(1, 2))
	tc.wantSent(ack(2, 2))
	tc.recv(ack(500, 2))
	tc.wantNoneSent()
	tc.recv(text(1, 10, 2)) // is not limited
	tc.wantSent(ack(2, 2))
	tc.wantDropped()
}
