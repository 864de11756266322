package fsm

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testConn is one end of a connection in a chosen state. What it does must be
// claimed: want calls take it off the list, and the end of the test fails on
// what is left.
//
// Unless an option says otherwise, ISS is 0 and IRS is 0, so that the first
// octet of text is 1 on both sides; the peer's window is 1000, ours 4096.
type testConn struct {
	t    *testing.T
	c    *Conn
	tcb  TCB
	prof Profile
	now  Time

	fired   []string
	sent    []Segment
	results []Result // answers and signals, in order
	states  []State  // entered
	other   []Action // take, deliver, acked, reopen
	dropped bool
	strict  bool // claims of all kinds are demanded
}

type testOption func(*testConn)

func under(p Profile) testOption { return func(tc *testConn) { tc.prof = p } }

func with(f Features) testOption { return func(tc *testConn) { tc.prof.Features |= f } }

func without(f Features) testOption { return func(tc *testConn) { tc.prof.Features &^= f } }

func change(f func(*Profile)) testOption { return func(tc *testConn) { f(&tc.prof) } }

const (
	testWindow = 1000 // the peer's
	testBuffer = 4096 // ours
	testMSS    = 100
)

// newTestConn brings an end into a state by the shortest exchange that leads
// there, under RFC 9293 without options unless told otherwise.
func newTestConn(t *testing.T, s State, opts ...testOption) *testConn {
	t.Helper()
	tc := &testConn{t: t, prof: RFC9293, now: Time(time.Second)}
	tc.prof.Features &^= Timestamps | SACK | WindowScale
	for _, o := range opts {
		o(tc)
	}
	tc.prof.RcvBuf = testBuffer
	tc.tcb.Init(&tc.prof, testMSS, false)
	tc.c = NewConn(&tc.prof, &tc.tcb)
	tc.c.Trace = true
	tc.bring(s)
	tc.forget()
	t.Cleanup(tc.wantNothing)
	return tc
}

// bring leads the end from CLOSED to s.
func (tc *testConn) bring(s State) {
	peer := Segment{Wnd: testWindow}
	peer.Has, peer.MSS = OptMSS, testMSS
	syn := peer
	syn.Flags = SYN
	synAck := peer
	synAck.Flags, synAck.Ack = SYN|ACK, 1
	recv := func(seq, ack Seq, f Flags) {
		tc.step(Arrives(Segment{Seq: seq, Ack: ack, Flags: f, Wnd: testWindow}, 0))
	}
	switch s {
	case Closed:
	case Listen:
		tc.step(PassiveOpen())
	case SynSent:
		tc.step(ActiveOpen(0))
	case SynReceived:
		tc.bring(Listen)
		tc.step(Arrives(syn, 0))
	case Established:
		tc.bring(SynSent)
		tc.step(Arrives(synAck, 0))
	case FinWait1:
		tc.bring(Established)
		tc.step(Close())
	case FinWait2:
		tc.bring(FinWait1)
		recv(1, 2, ACK)
	case CloseWait:
		tc.bring(Established)
		recv(1, 1, FIN|ACK)
	case Closing:
		tc.bring(FinWait1)
		recv(1, 1, FIN|ACK)
	case LastAck:
		tc.bring(CloseWait)
		tc.step(Close())
	case TimeWait:
		tc.bring(FinWait2)
		recv(1, 2, FIN|ACK)
	}
	require.Equal(tc.t, s, tc.tcb.State, "set-up")
}

// active makes a SYN-RECEIVED that came from SYN-SENT, by a crossing SYN.
func newActiveSynReceived(t *testing.T, opts ...testOption) *testConn {
	t.Helper()
	tc := newTestConn(t, SynSent, opts...)
	tc.recv(Segment{Flags: SYN})
	require.Equal(t, SynReceived, tc.tcb.State, "set-up")
	tc.forget()
	return tc
}

func (tc *testConn) forget() {
	tc.fired, tc.sent, tc.results, tc.states, tc.other, tc.dropped = nil, nil, nil, nil, nil, false
}

// step runs one event and notes what it does.
func (tc *testConn) step(ev Event) {
	tc.t.Helper()
	before := tc.tcb
	for _, a := range tc.c.Step(tc.now, ev, nil) {
		switch a.Kind {
		case Fired:
			tc.fired = append(tc.fired, a.Rule.String())
		case Emit:
			tc.sent = append(tc.sent, a.Seg)
		case Reply, Notify:
			tc.results = append(tc.results, a.Result)
		case Enter:
			require.Equal(tc.t, before.State, a.From, "edges follow each other")
			before.State = a.To
			tc.states = append(tc.states, a.To)
		case Drop:
			tc.dropped = true
		case Take, Deliver, Acked, Reopen:
			tc.other = append(tc.other, a)
		}
	}
	require.Equal(tc.t, before.State, tc.tcb.State, "a state changes by Enter")
}

// recv lets a segment arrive, with the peer's window unless it says another.
func (tc *testConn) recv(seg Segment) {
	tc.t.Helper()
	if seg.Wnd == 0 && seg.Flags&RST == 0 {
		seg.Wnd = testWindow
	}
	tc.step(Arrives(seg, 0))
}

// recvClosed lets a segment arrive that closes the peer's window.
func (tc *testConn) recvClosed(seg Segment) {
	tc.t.Helper()
	tc.step(Arrives(seg, 0))
}

// pass lets time go by, and runs the timers that end in it.
func (tc *testConn) pass(d time.Duration) {
	tc.t.Helper()
	end := tc.now.Add(d)
	for at := tc.c.Deadline(); at <= end; at = tc.c.Deadline() {
		require.GreaterOrEqual(tc.t, at, tc.now, "a deadline in the past was not met")
		tc.now = at
		tc.step(Tick())
		require.Greater(tc.t, tc.c.Deadline(), at, "a timeout leaves its timer as it was")
	}
	tc.now = end
}

// wantFired claims the rules that fired, the output rules apart.
func (tc *testConn) wantFired(names ...string) {
	tc.t.Helper()
	var got []string
	for _, n := range tc.fired {
		if !strings.HasPrefix(n, "output-") && n != "seq-acceptable" && n != "ack-old" && n != "window-update" {
			got = append(got, n)
		}
	}
	require.Equal(tc.t, names, got, "rules")
	tc.fired = nil
}

// wantSent claims the segments sent: flags, numbers, text and urgent pointer.
func (tc *testConn) wantSent(want ...Segment) {
	tc.t.Helper()
	var w, g []string
	for _, s := range want {
		w = append(w, plain(s))
	}
	for _, s := range tc.sent {
		g = append(g, plain(s))
	}
	require.Equal(tc.t, w, g, "segments")
	tc.sent = nil
}

// plain writes a segment without its window and options.
func plain(s Segment) string {
	s.Wnd, s.Options = 0, Options{}
	return strings.Replace(s.String(), " win 0", "", 1)
}

func (tc *testConn) wantNoneSent() { tc.t.Helper(); tc.wantSent() }

// wantState claims the states entered, in order; the last is where the end is.
func (tc *testConn) wantState(states ...State) {
	tc.t.Helper()
	if len(states) == 1 && len(tc.states) == 0 {
		require.Equal(tc.t, states[0], tc.tcb.State)
		return
	}
	require.Equal(tc.t, fmt.Sprint(states), fmt.Sprint(tc.states), "states")
	tc.states = nil
}

// wantResult claims the answers and signals to the user.
func (tc *testConn) wantResult(r ...Result) {
	tc.t.Helper()
	require.Equal(tc.t, r, tc.results, "results")
	tc.results = nil
}

// wantText claims how many octets became readable.
func (tc *testConn) wantText(n uint32) {
	tc.t.Helper()
	got := uint32(0)
	for _, a := range tc.other {
		if a.Kind == Deliver {
			got += a.N
		}
	}
	require.Equal(tc.t, n, got, "octets delivered")
	tc.other = nil
}

func (tc *testConn) wantNothing() {
	tc.t.Helper()
	if tc.t.Failed() {
		return
	}
	require.Empty(tc.t, tc.sent, "sent and not claimed")
	require.Empty(tc.t, tc.states, "entered and not claimed")
	require.Empty(tc.t, tc.results, "told the user and not claimed")
}

// ack is a bare ACK.
func ack(seq, ackNo Seq) Segment { return Segment{Seq: seq, Ack: ackNo, Flags: ACK} }

// text is a segment with n octets, pushed.
func text(seq Seq, n uint16, ackNo Seq) Segment {
	return Segment{Seq: seq, Len: n, Ack: ackNo, Flags: PSH | ACK}
}

// fin is a FIN with an ACK.
func fin(seq, ackNo Seq) Segment { return Segment{Seq: seq, Ack: ackNo, Flags: FIN | ACK} }
