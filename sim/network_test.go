package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// talk makes a run that keeps a network busy for some hundred events: a client
// sends over links that lose, and closes.
func talk(t *testing.T, opts ...netOption) *testNet {
	tn := newTestNet(t, opts...)
	cfd, sfd := tn.connected()
	tn.server.close(3)
	tn.link.Loss = 0.05
	tn.client.send(cfd, 60_000)
	tn.server.recv(sfd, 100_000, MsgWaitAll)
	tn.client.close(cfd)
	return tn
}

// Run lets all happen that is due, moves the time to its end, and no further.
func TestRun(t *testing.T) {
	n, p, server := quietPair(1)
	fd := p.Call(&Call{Op: OpSocket}).Result
	p.Call(&Call{Op: OpConnect, FD: fd, Addr: server})
	require.NoError(t, n.Run(fsm.Time(testDelay-1), 10))
	require.Equal(t, fsm.Time(testDelay-1), n.Now())
	require.Zero(t, n.Steps())
	require.NoError(t, n.Run(fsm.Time(testDelay), 10))
	require.Equal(t, uint64(1), n.Steps())
	require.NoError(t, n.Run(fsm.Time(testDelay), 10))
	require.Equal(t, uint64(1), n.Steps())
	require.NoError(t, n.Run(5, 10)) // an end in the past
	require.Equal(t, fsm.Time(testDelay), n.Now())
	require.NoError(t, n.Run(fsm.Never, 10))
	n.Pass(fsm.Time(time.Hour))
	require.Equal(t, fsm.Time(time.Hour), n.Now())
	n.Pass(1)
	require.Equal(t, fsm.Time(time.Hour), n.Now())
}

// A run that stops at its limit tells so, has lost nothing, and goes on where it
// stopped.
func TestRunLimit(t *testing.T) {
	whole := talk(t)
	whole.settle()

	pieces := talk(t)
	var err error
	for range 100_000 {
		if err = pieces.Run(fsm.Never, 3); err == nil {
			break
		}
		var endless ErrEndless
		require.ErrorAs(t, err, &endless)
		require.Equal(t, uint64(3), endless.Events)
		require.Equal(t, pieces.Now(), endless.At)
	}
	require.NoError(t, err)
	require.Equal(t, whole.Steps(), pieces.Steps())
	require.Equal(t, whole.Now(), pieces.Now())
	require.Equal(t, whole.sent, pieces.sent)

	// Nothing is allowed to happen: a call still can be made then.
	early := talk(t)
	require.ErrorIs(t, early.Run(fsm.Never, 0), ErrEndless{0, early.Now()})
	early.want(early.client.send(3, 1), "-1 EBADF")
	early.settle()
	require.Equal(t, whole.Steps(), early.Steps())
	require.EqualError(t, ErrEndless{7, fsm.Time(time.Second)}, "no end after 7 events, at 1.000000 s of virtual time")
}

// Next runs one event, and leaves the time there.
func TestNext(t *testing.T) {
	whole := talk(t)
	whole.settle()
	single := talk(t)
	steps, last := single.Steps(), single.Now()
	for single.Next(fsm.Never) {
		steps++
		require.Equal(t, steps, single.Steps())
		require.GreaterOrEqual(t, single.Now(), last)
		last = single.Now()
		require.NoError(t, sound(single.Network))
	}
	require.Equal(t, whole.Steps(), steps)
	require.Equal(t, whole.Now(), single.Now())
	require.Equal(t, whole.sent, single.sent)
	require.False(t, single.Next(fsm.Never))
}

// Two networks share nothing.
func TestNetworksAreApart(t *testing.T) {
	alone := talk(t)
	alone.settle()
	a, b := talk(t), talk(t, seed(2))
	for a.Next(fsm.Never) {
		b.Next(fsm.Never)
	}
	require.Equal(t, alone.sent, a.sent)
	require.NotEqual(t, alone.sent, b.sent)
}

// The same seed gives the same log, another seed another one.
func TestSeeds(t *testing.T) {
	noisy := func(s uint64) *testNet {
		tn := talk(t, seed(s))
		tn.link = Link{Delay: testDelay, Jitter: testDelay, Loss: 0.1, Duplication: 0.1, Reordering: 0.1}
		tn.settle()
		return tn
	}
	first, again := noisy(1), noisy(1)
	require.Equal(t, len(first.log), len(again.log))
	for k := range first.log {
		a, b := first.log[k], again.log[k]
		a.Call, b.Call = nil, nil
		require.Equal(t, a, b)
	}
	require.NotEqual(t, first.sent, noisy(2).sent)
}

// A forged packet to nobody, or to a port at which nobody is, does no harm; one
// from port 0 leaves nothing behind.
func TestInject(t *testing.T) {
	tn := newTestNet(t)
	tn.Inject(Packet{From: tn.client.at(1), To: tn.peerEnd(), Seg: fsm.Segment{Flags: fsm.SYN}})
	tn.Inject(Packet{From: tn.client.at(1), To: Endpoint{0, 80}, Seg: fsm.Segment{Flags: fsm.SYN}})
	require.Empty(t, tn.sent)
	tn.Inject(Packet{From: tn.peerEnd(), To: tn.client.at(1), Seg: fsm.Segment{Flags: fsm.SYN, Seq: 5}})
	require.Equal(t, fsm.Segment{Flags: fsm.RST | fsm.ACK, Ack: 6}, tn.last.Seg)
	require.NoError(t, empty(tn.Network))

	tn.server.listener(5)
	for _, from := range []Endpoint{{tn.AddrID(nobody), 0}, {0, 7}} {
		tn.Inject(Packet{From: from, To: tn.server.at(testPort), Seg: fsm.Segment{Flags: fsm.SYN, Seq: 5, Wnd: 100}})
		require.NoError(t, sound(tn.Network), "from %v", from)
	}
	tn.settle()
	require.NoError(t, sound(tn.Network))
	tn.want(tn.server.close(3), "0")
	tn.settle()
	require.NoError(t, empty(tn.Network))
}

// TCPInfo tells of a connection what tcp_info does.
func TestInfo(t *testing.T) {
	tn := newTestNet(t)
	_, known := tn.client.Info(3)
	require.False(t, known)
	cfd, sfd := tn.connected()
	info, known := tn.client.Info(cfd)
	require.True(t, known)
	require.Equal(t, fsm.Established, info.State)
	require.Equal(t, TCPIOptTimestamps|TCPIOptSACK|TCPIOptWScale, info.Options)
	require.Equal(t, [4]int{7, 7, 1500, 1460}, [4]int{info.SndWScale, info.RcvWScale, info.PMTU, info.AdvMSS})
	require.Equal(t, 1448, info.SndMSS)
	require.Equal(t, 2*testDelay, info.RTT)
	tn.want(tn.client.send(cfd, 50_000), "50000")
	info, _ = tn.client.Info(cfd)
	require.Equal(t, 10, info.Unacked)
	require.Equal(t, 50_000-10*1448, info.NotSent)
	tn.pass(time.Second)
	info, _ = tn.client.Info(cfd)
	require.Zero(t, info.Unacked+info.NotSent+info.Retransmits)
	tn.server.linger(sfd, true, 0)
	tn.server.close(sfd)
	tn.pass(testDelay)
	info, known = tn.client.Info(cfd)
	require.True(t, known)
	require.Equal(t, TCPInfo{State: fsm.Closed}, info)
}
