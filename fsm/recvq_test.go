package fsm

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// blocks gives the SACK blocks of the last segment sent, as scripts write them.
func (tc *testConn) blocks() []Range {
	tc.t.Helper()
	b := slices.Clone(tc.last.Sack[:tc.last.NSack])
	require.Equal(tc.t, len(b) > 0, tc.last.Has&OptSACK != 0)
	return b
}

// RFC 2018 4: the first block is the one that contains the segment that
// triggered the ACK; the others repeat the most recent ones.
func TestSackBlocks(t *testing.T) {
	tc := newTestConn(t, Established, sack)
	tc.anyRule()
	for _, x := range []struct {
		seq  Seq
		want []Range
	}{
		{201, []Range{{201, 211}}},
		{401, []Range{{401, 411}, {201, 211}}},
		{301, []Range{{301, 311}, {401, 411}, {201, 211}}},
		{501, []Range{{501, 511}, {301, 311}, {401, 411}, {201, 211}}},
		{411, []Range{{401, 421}, {501, 511}, {301, 311}, {201, 211}}}, // it grows, and comes first
		{301, []Range{{301, 311}, {401, 421}, {501, 511}, {201, 211}}}, // it comes again
	} {
		tc.recv(text(x.seq, 10, 1))
		require.Equal(t, x.want, tc.blocks())
	}
	tc.forget()
	tc.recv(text(1, 210, 1)) // it advances the ACK number
	require.Equal(t, []Range{{301, 311}, {401, 421}, {501, 511}}, tc.blocks())
	tc.recv(text(211, 300, 1))
	require.Empty(t, tc.blocks())
	tc.wantText(510)
	tc.forget()
}

// RFC 2018 3: with timestamps three blocks fit.
func TestSackBlocksWithTimestamps(t *testing.T) {
	tc := newTestConn(t, Established, sack, timestamps(1000))
	tc.anyRule()
	for i := range Seq(4) {
		tc.recv(text(101+20*i, 10, 1))
	}
	require.Equal(t, []Range{{161, 171}, {141, 151}, {121, 131}}, tc.blocks())
	tc.forget()
}

// A block over a FIN behind a gap counts the FIN.
func TestSackFin(t *testing.T) {
	tc := newTestConn(t, Established, sack)
	tc.anyRule()
	tc.recv(textFin(11, 10, 1))
	require.Equal(t, []Range{{11, 22}}, tc.blocks())
	tc.forget()

	tc = newTestConn(t, Established, sack)
	tc.anyRule()
	tc.recv(fin(21, 1))
	require.Equal(t, []Range{{21, 22}}, tc.blocks())
	tc.recv(text(11, 5, 1))
	require.Equal(t, []Range{{11, 16}, {21, 22}}, tc.blocks())
	tc.forget()
}

// RFC 2018 4: without SACK-permitted no SACK options are sent.
func TestSackNotPermitted(t *testing.T) {
	tc := newTestConn(t, Established, with(SACK))
	tc.recv(text(11, 10, 1))
	require.Empty(t, tc.blocks())
	tc.forget()
}

// Ranges behind gaps are held apart, joined where they touch or overlap, and
// delivered when the gap before them is filled.
func TestHoldJoins(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	held := func(want ...Range) {
		t.Helper()
		var got []Range
		for _, r := range tc.c.Held[:tc.tcb.held] {
			got = append(got, Range{r.Lo - tc.irs, r.Hi - tc.irs})
		}
		require.Equal(t, want, got)
	}
	tc.recv(text(101, 10, 1))
	tc.recv(text(131, 10, 1))
	tc.recv(text(161, 10, 1))
	held(Range{161, 171}, Range{131, 141}, Range{101, 111})
	tc.recv(text(111, 10, 1)) // touches
	held(Range{101, 121}, Range{161, 171}, Range{131, 141})
	tc.recv(text(115, 50, 1)) // overlaps two
	held(Range{101, 171})
	tc.recv(text(120, 10, 1)) // within
	held(Range{101, 171})
	tc.recv(text(96, 100, 1)) // around
	held(Range{96, 196})
	tc.forget()
	tc.recv(text(1, 100, 1)) // fills the gap, and overlaps
	tc.wantText(195)
	held()
	tc.forget()
}

// SHLD-14: the right edge of the window stays while text comes, and moves right
// only when it is received; MUST-39, 3.8.6.2.2: by as much as min( RCV.BUFF / 2,
// Eff.snd.MSS ), not in small increments.
func TestWindowEdge(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.fill(1000)
	tc.call(Receive(50))
	tc.recv(text(1001, 1, 1))
	tc.pass(tc.prof.DelayedAck)
	tc.wantWindow(testBuffer - 1001)
	tc.call(Receive(49)) // 99 octets of room are not offered
	tc.recv(text(1002, 1, 1))
	tc.pass(tc.prof.DelayedAck)
	tc.wantWindow(testBuffer - 1002)
	tc.call(Receive(1)) // 100: one segment
	tc.recv(text(1003, 1, 1))
	tc.pass(tc.prof.DelayedAck)
	tc.wantWindow(testBuffer - 1003 + 100)
	tc.forget()
}

// SHLD-14: nor does the edge move left when an ACK in SYN-RECEIVED has offered
// more, scaled, than the SYN,ACK that is then repeated can (RFC 7323 2.2 and 2.4).
func TestWindowEdgeSynAckAgain(t *testing.T) {
	tc := newTestConn(t, SynReceived, scaled(0, 4), change(func(p *Profile) { p.RcvBuf = 200_000 }))
	tc.anyRule()
	tc.recv(syn(0)) // the SYN again draws an ACK
	tc.wantSent(ack(1, 1))
	tc.wantWindow(200_000 >> 4)
	edge := tc.tcb.RcvNxt.Add(tc.tcb.RcvWnd)
	tc.until()
	tc.wantSent(synAck(0, 1))
	require.Equal(t, edge, tc.tcb.RcvNxt.Add(tc.tcb.RcvWnd))
	tc.forget()
}

// RFC 793 knows no silly window syndrome: each octet of room is offered.
func TestWindowEdgeOf1981(t *testing.T) {
	tc := newTestConn(t, Established, under(RFC793))
	tc.anyRule()
	tc.fill(1000)
	tc.call(Receive(1))
	tc.recv(text(1001, 1, 1))
	tc.wantWindow(testBuffer - 1000)
	tc.forget()
}

// RFC 9293 3.8.6.2.2: a window that has become small is updated by an ACK when
// the user has received enough.
func TestWindowUpdateSent(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.fill(testBuffer - 50)
	tc.call(Receive(60))
	tc.wantOK(60)
	tc.wantNoneSent()
	tc.call(Receive(40))
	tc.wantOK(40)
	tc.wantFired("receive-text", "receive-text")
	tc.wantSent(ack(1, testBuffer-49))
	tc.wantWindow(150)
}

// A closed window opens in the same way; behind the peer's FIN nobody waits.
func TestWindowUpdateSentFromZero(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.fill(testBuffer)
	tc.call(Receive(testBuffer))
	tc.wantOK(testBuffer)
	tc.wantFired("receive-text")
	tc.wantSent(ack(1, testBuffer+1))
	tc.wantWindow(testBuffer)

	tc = newTestConn(t, Established)
	tc.fill(testBuffer - 1)
	tc.recv(fin(testBuffer, 1))
	tc.forget()
	tc.call(Receive(testBuffer - 1))
	tc.wantOK(testBuffer - 1)
	tc.wantFired("receive-text")
	tc.wantNoneSent()
}

// RFC 7323 2.2 and 2.3: the window of a SYN is not scaled; that of every other
// segment is shifted, both ways.
func TestWindowScale(t *testing.T) {
	tc := newTestConn(t, SynSent, scaled(3, 2))
	require.Equal(t, uint32(0), tc.tcb.SndWnd)
	seg := tc.peerSynAck()
	tc.recv(seg)
	require.Equal(t, uint32(testWindow), tc.tcb.SndWnd)
	tc.wantWindow(testBuffer >> 2)
	tc.forget()
	tc.recv(offering(ack(1, 1), 500))
	require.Equal(t, uint32(500<<3), tc.tcb.SndWnd)
	tc.forget()
}

// RFC 7323 2.2: both sides MUST send the option to enable scaling. 2.3: a shift
// count above 14 counts as 14.
func TestWindowScaleNegotiated(t *testing.T) {
	tc := newTestConn(t, Listen, scaled(15, 2))
	tc.recv(tc.peerSyn())
	require.Equal(t, uint8(2), tc.last.WScale)
	require.NotZero(t, tc.last.Has&OptWindowScale)
	tc.wantWindow(testBuffer)
	require.Equal(t, uint8(14), tc.tcb.sndShift)
	tc.forget()

	tc = newTestConn(t, Established, with(WindowScale)) // the peer does not
	tc.recv(offering(ack(1, 1), 500))
	require.Equal(t, uint32(500), tc.tcb.SndWnd)
	tc.recv(text(11, 10, 1))
	tc.wantWindow(testBuffer)
	tc.forget()
}

// RFC 7323 2.3: a buffer beyond 65,535 octets is offered scaled, in a SYN as far
// as it fits.
func TestWindowScaleLarge(t *testing.T) {
	tc := newTestConn(t, Listen, scaled(0, 4), change(func(p *Profile) { p.RcvBuf = 200_000 }))
	tc.recv(tc.peerSyn())
	tc.wantWindow(65535)
	tc.recv(ack(1, 1))
	tc.recv(text(11, 10, 1))
	tc.wantWindow(200_000 >> 4)
	tc.forget()

	tc = newTestConn(t, Established, change(func(p *Profile) { p.RcvBuf = 200_000 }))
	tc.recv(text(11, 10, 1))
	tc.wantWindow(65535)
	tc.forget()
}
