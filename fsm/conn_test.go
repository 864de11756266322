package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testConn is one end of a connection in a chosen state. What it does must be
// claimed: want calls take it off the list, and the end of the test fails on
// what is left. After every step the invariants of one end are checked.
//
// Numbers in tests are relative: both SYNs have number 0 and the first octet of
// text is 1 on both sides. On the wire the ends begin just before 2^32 and 2^31,
// so that the text of most tests crosses a wrap.
//
// Unless an option says otherwise the profile is RFC 9293 without timestamps,
// SACK and window scaling, the peer's window is 1000 octets, our buffer 4096,
// and a segment takes 100 octets.
type testConn struct {
	t    *testing.T
	c    *Conn
	tcb  TCB
	prof Profile
	now  Time

	iss, irs Seq
	syn      Options // what the peer's SYN carries
	tsval    uint32  // the peer's timestamp clock
	listens  bool    // a listener waits at our port
	watch    watch

	claims
}

const (
	testWindow = 1000 // the peer's
	testBuffer = 4096 // ours
	testMSS    = 100
	testISS    = Seq(1<<32 - 60)
	testIRS    = Seq(1<<31 - 60)
)

type testOption func(*testConn)

// under takes another profile.
func under(p Profile) testOption {
	return func(tc *testConn) {
		tc.prof = p
		tc.prof.RcvBuf = testBuffer
	}
}

func with(f Features) testOption { return func(tc *testConn) { tc.prof.Features |= f } }

func without(f Features) testOption { return func(tc *testConn) { tc.prof.Features &^= f } }

func change(f func(*Profile)) testOption { return func(tc *testConn) { f(&tc.prof) } }

// timestamps negotiates the option; the peer's clock stands at tsval.
func timestamps(tsval uint32) testOption {
	return func(tc *testConn) {
		tc.prof.Features |= Timestamps
		tc.syn.Has |= OptTimestamps
		tc.syn.TSVal, tc.tsval = tsval, tsval
	}
}

// sack negotiates selective acknowledgments.
func sack(tc *testConn) {
	tc.prof.Features |= SACK
	tc.syn.Has |= OptSACKPermitted
}

// scaled negotiates window scaling: the peer shifts by peer, we by own.
func scaled(peer, own uint8) testOption {
	return func(tc *testConn) {
		tc.prof.Features |= WindowScale
		tc.prof.WScale = own
		tc.syn.Has |= OptWindowScale
		tc.syn.WScale = peer
	}
}

// listener says that somebody listens at our port.
func listener(tc *testConn) { tc.listens = true }

// newTestConn brings an end into a state by the shortest exchange that leads
// there: an active OPEN for the synchronized states, a passive one for
// SYN-RECEIVED.
func newTestConn(t *testing.T, s State, opts ...testOption) *testConn {
	t.Helper()
	tc := &testConn{t: t, now: Time(time.Second), iss: testISS, irs: testIRS}
	under(RFC9293)(tc)
	tc.prof.Features &^= Timestamps | SACK | WindowScale
	tc.syn.Has, tc.syn.MSS = OptMSS, testMSS
	for _, o := range opts {
		o(tc)
	}
	tc.tcb.Init(&tc.prof, testMSS, false)
	tc.c = NewConn(&tc.prof, &tc.tcb)
	tc.c.Trace = true
	tc.bring(s)
	require.Equal(t, s, tc.tcb.State, "set-up")
	tc.forget()
	t.Cleanup(tc.wantNothing)
	return tc
}

// newActiveSynReceived makes a SYN-RECEIVED that came from SYN-SENT, by a SYN
// that crosses ours.
func newActiveSynReceived(t *testing.T, opts ...testOption) *testConn {
	t.Helper()
	tc := newTestConn(t, SynSent, opts...)
	tc.recv(tc.peerSyn())
	require.Equal(t, SynReceived, tc.tcb.State, "set-up")
	tc.forget()
	return tc
}

// bring leads the end from CLOSED to s.
func (tc *testConn) bring(s State) {
	switch s {
	case Closed:
	case Listen:
		tc.call(PassiveOpen())
	case SynSent:
		tc.call(ActiveOpen(tc.iss))
	case SynReceived:
		tc.bring(Listen)
		tc.recv(tc.peerSyn())
	case Established:
		tc.bring(SynSent)
		tc.recv(tc.peerSynAck())
	case FinWait1:
		tc.bring(Established)
		tc.call(Close())
	case FinWait2:
		tc.bring(FinWait1)
		tc.recv(ack(1, 2))
	case CloseWait:
		tc.bring(Established)
		tc.recv(fin(1, 1))
	case Closing:
		tc.bring(FinWait1)
		tc.recv(fin(1, 1))
	case LastAck:
		tc.bring(CloseWait)
		tc.call(Close())
	case TimeWait:
		tc.bring(FinWait2)
		tc.recv(fin(1, 2))
	}
}

// peerSyn is the SYN with which the peer opens.
func (tc *testConn) peerSyn() Segment {
	return Segment{Flags: SYN, Options: tc.syn}
}

// peerSynAck is the peer's answer to our SYN.
func (tc *testConn) peerSynAck() Segment {
	return Segment{Ack: 1, Flags: SYN | ACK, Options: tc.syn}
}

// snd gives the number on the wire of our n-th, rcv of the peer's.
func (tc *testConn) snd(n uint32) Seq { return tc.iss.Add(n) }
func (tc *testConn) rcv(n uint32) Seq { return tc.irs.Add(n) }

// call makes a call of the user.
func (tc *testConn) call(ev Event) {
	tc.t.Helper()
	tc.step(ev)
}

// recv lets a segment arrive. Unless it says otherwise its window is 1000, and
// its timestamp, if the option is in use, the peer's clock.
func (tc *testConn) recv(seg Segment) {
	tc.t.Helper()
	if seg.Wnd == 0 {
		seg.Wnd = testWindow
	}
	tc.recvWindow(seg, seg.Wnd)
}

// recvWindow lets a segment arrive that offers wnd, which may be 0.
func (tc *testConn) recvWindow(seg Segment, wnd uint16) {
	tc.t.Helper()
	seg.Wnd = wnd
	if tc.syn.Has&OptTimestamps != 0 && seg.Has&OptTimestamps == 0 && seg.Flags&RST == 0 {
		seg = stamped(seg, tc.tsval)
	}
	tc.recvExactly(seg)
}

// recvExactly lets a segment arrive as it is, but for its numbers.
func (tc *testConn) recvExactly(seg Segment) {
	tc.t.Helper()
	ev := Arrives(tc.absolute(seg), tc.iss)
	ev.Listens = tc.listens
	tc.step(ev)
}

// absolute gives the numbers of a segment of the peer as they are on the wire.
func (tc *testConn) absolute(seg Segment) Segment { return seg.Relative(-tc.irs, -tc.iss) }

// relative gives a segment of ours with the numbers of tests. A reset that
// answers a segment without an ACK has SEQ 0 on the wire and here.
func (tc *testConn) relative(a Action) Segment {
	seg := a.Seg.Relative(tc.iss, tc.irs)
	if a.Bases == Answered && a.Seg.Flags == RST|ACK {
		seg.Seq = a.Seg.Seq
	}
	return seg
}

// step runs one event and notes what it does.
func (tc *testConn) step(ev Event) {
	tc.t.Helper()
	before := tc.tcb
	out := tc.c.Step(tc.now, ev, nil)
	for _, a := range out {
		tc.note(tc.t, a, tc.relative(a), tc.rcv(0))
	}
	require.NoError(tc.t, tc.watch.check(tc.now, &tc.prof, ev, &before, &tc.tcb, out))
}

// tick runs the timers that end now.
func (tc *testConn) tick() { tc.t.Helper(); tc.step(Tick()) }

// pass lets time go by, and runs the timers that end in it.
func (tc *testConn) pass(d time.Duration) {
	tc.t.Helper()
	end := tc.now.Add(d)
	for at := tc.c.Deadline(); at <= end; at = tc.c.Deadline() {
		require.GreaterOrEqual(tc.t, at, tc.now, "a deadline in the past was not met")
		tc.now = at
		tc.tick()
	}
	tc.now = end
}

// until lets time go by up to the next deadline, and runs its timer. It gives
// the time that has passed.
func (tc *testConn) until() time.Duration {
	tc.t.Helper()
	at := tc.c.Deadline()
	require.NotEqual(tc.t, Never, at, "no timer runs")
	d := at.Sub(tc.now)
	tc.pass(d)
	return d
}
