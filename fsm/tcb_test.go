package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Init makes a CLOSED TCB with the profile's numbers, whatever was there.
func TestInit(t *testing.T) {
	p := RFC9293
	dirty := newTestConn(t, CloseWait).tcb
	dirty.Init(&p, 1440, true)
	var clean TCB
	clean.Init(&p, 1440, true)
	require.Equal(t, clean, dirty)
	require.Equal(t, Closed, clean.State)
	require.Equal(t, time.Second, clean.RTO)
	require.Equal(t, p.RcvBuf, clean.RcvBuf)
	require.Equal(t, p.SndBuf, clean.SndBuf)
	require.Equal(t, uint32(300_000), clean.UserTimeout)
	require.Equal(t, uint32(7_200_000), clean.KeepIdle)
	require.Equal(t, uint32(75_000), clean.KeepInterval)
	require.Equal(t, uint32(9), clean.Option(KeepCount))
	require.Empty(t, clean.Timers())
	require.Equal(t, Never, NewConn(&p, &clean).Deadline())
}

// Reach sets the size of a segment when the path is known.
func TestReach(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.tcb.Reach(60, false)
	tc.recv(tc.peerSyn())
	require.Equal(t, uint16(60), tc.last.MSS)
	tc.forget()
	tc.recv(ack(1, 1))
	tc.call(Send(100))
	tc.forget()
	require.Equal(t, tc.snd(61), tc.tcb.SndNxt, "MUST-16: the smaller of the peer's 100 and our 60")
}

// RFC 9293 MUST-15: a peer without an MSS option takes 536 octets, over IPv6
// 1220. MUST-16: a segment is not larger than the path takes.
func TestDefaultMSS(t *testing.T) {
	for _, x := range []struct {
		path uint16
		ipv6 bool
		want uint32
	}{{1460, false, 536}, {1440, true, 1220}, {400, false, 400}} {
		tc := newTestConn(t, Closed)
		tc.anyRule()
		tc.tcb.Init(&tc.prof, x.path, x.ipv6)
		tc.call(ActiveOpen(tc.iss))
		require.Equal(t, x.path, tc.last.MSS)
		tc.recv(offering(synAck(0, 1), 9000))
		tc.forget()
		tc.call(Send(9000))
		require.Equal(t, x.want, uint32(tc.sent[0].Len))
		tc.forget()
	}
}

// MUST-14: the peer's MSS option bounds what is sent to it.
func TestPeerMSS(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.anyRule()
	seg := tc.peerSyn()
	seg.MSS = 40
	tc.recv(seg)
	tc.recv(ack(1, 1))
	tc.forget()
	tc.call(Send(100))
	tc.wantSent(more(1, 40, 1), more(41, 40, 1))
	tc.forget()
}

// Pending, Unsent, Unacked and Room describe the send queue; a SYN or FIN is no
// text.
func TestSendQueueSizes(t *testing.T) {
	tc := newTestConn(t, SynSent, change(func(p *Profile) { p.SndBuf = 500 }))
	tc.anyRule()
	sizes := func(pending, unsent, unacked, room uint32) {
		t.Helper()
		require.Equal(t, []uint32{pending, unsent, unacked, room},
			[]uint32{tc.tcb.Pending(), tc.tcb.Unsent(), tc.tcb.Unacked(), tc.tcb.Room()})
	}
	sizes(0, 0, 1, 500)
	tc.call(Send(50))
	sizes(50, 50, 1, 450)
	tc.recv(tc.peerSynAck())
	sizes(50, 0, 50, 450)
	tc.call(Send(30))
	sizes(80, 30, 50, 420)
	tc.call(Close())
	sizes(80, 0, 81, 420)
	tc.recv(ack(1, 61))
	sizes(20, 0, 21, 480)
	tc.recv(ack(1, 82))
	sizes(0, 0, 0, 500)
	tc.call(Set(SndBuf, 0))
	require.Zero(t, tc.tcb.Room())
	tc.forget()
}

// A FIN is queued, sent and acknowledged at its own number.
func TestFinFacts(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	facts := func(queued, sent, acked bool) {
		t.Helper()
		require.Equal(t, []bool{queued, sent, acked},
			[]bool{tc.tcb.FinQueued(), tc.tcb.FinSent(), tc.tcb.FinAcked()})
	}
	facts(false, false, false)
	tc.recv(offering(ack(1, 1), 100))
	tc.call(Send(100))
	tc.call(Close())
	facts(true, false, false)
	tc.recvWindow(ack(1, 101), 0)
	facts(true, false, false)
	tc.recv(ack(1, 101))
	facts(true, true, false)
	tc.recv(ack(1, 102))
	facts(true, true, true)
	tc.forget()
}

// TCB gives a copy.
func TestTCBCopy(t *testing.T) {
	tc := newTestConn(t, Established)
	got := tc.c.TCB()
	require.Equal(t, tc.tcb, got)
	got.State = Closed
	require.Equal(t, Established, tc.tcb.State)
}

// A Conn serves many TCBs in turn.
func TestBind(t *testing.T) {
	a, b := newTestConn(t, Established), newTestConn(t, Listen)
	prof := b.prof
	a.c.Bind(&prof, &b.tcb, &Notes{})
	a.c.Step(a.now, Close(), nil)
	require.Equal(t, Closed, b.tcb.State)
	require.Equal(t, Established, a.tcb.State)
}

// The deadline is that of the earliest timer.
func TestDeadline(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	require.Equal(t, Never, tc.c.Deadline())
	tc.recv(text(1, 10, 1))
	require.Equal(t, tc.tcb.AckAt, tc.c.Deadline())
	tc.call(Set(UserTimeout, 100))
	tc.call(Send(10))
	require.Equal(t, tc.tcb.UserAt, tc.c.Deadline())
	require.Less(t, tc.tcb.UserAt, tc.tcb.RexmtAt)
	tc.forget()
}

// An event before any deadline changes nothing.
func TestTickEarly(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Set(KeepAlive, 1))
	tc.call(Send(10))
	tc.recv(text(1, 10, 1))
	tc.forget()
	before := tc.tcb
	tc.tick()
	tc.wantFired()
	require.Equal(t, before, tc.tcb)
}
