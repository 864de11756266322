package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// arrivals gives when packets of a host arrived, since the last claim.
func (tn *testNet) arrivals(at user) []time.Duration {
	var all []time.Duration
	for _, r := range tn.records(Arrived) {
		if r.Host == at.host.id {
			all = append(all, time.Duration(r.At))
		}
	}
	return all
}

// The delay is one way, for every packet alike.
func TestLinkDelay(t *testing.T) {
	for _, d := range []time.Duration{0, 1, testDelay, time.Hour} {
		tn := newTestNet(t, link(func(l *Link) { l.Delay = d }))
		tn.client.connect(tn.client.socket(), tn.server.at(testPort))
		require.NoError(t, tn.Run(fsm.Time(3*d), testEvents))
		require.Equal(t, d, tn.arrivals(tn.server)[0])
		require.Equal(t, 2*d, tn.arrivals(tn.client)[0])
	}
}

// A rate serializes: a packet takes its bits' time, behind those before it; each
// direction has its own wire. The IP datagram is what counts: 44 octets of a SYN
// with one option, 1500 of a full segment.
func TestLinkRate(t *testing.T) {
	bare := system(func(s *System) { s.TCP.Features &^= fsm.Timestamps | fsm.SACK | fsm.WindowScale })
	tn := newTestNet(t, bare, link(func(l *Link) { l.Rate = 8000 })) // an octet a millisecond
	tn.server.listener(1)
	fd := tn.client.socket()
	c := tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(time.Second)
	tn.want(c, "0 after 108ms") // 44 ms, 10 ms, 44 ms, 10 ms
	tn.want(tn.server.accept(3), "4")

	start := time.Duration(tn.now)
	tn.forget()
	tn.want(tn.client.send(fd, 3*1460), "4380")
	tn.want(tn.server.send(4, 100), "100")
	tn.pass(10 * time.Second)
	at := tn.arrivals(tn.server)
	require.GreaterOrEqual(t, len(at), 3)
	for k := range 3 {
		require.Equal(t, start+time.Duration(k+1)*1500*time.Millisecond+testDelay, at[k])
	}
	require.Equal(t, start+140*time.Millisecond+testDelay, tn.arrivals(tn.client)[0])
}

// Two pairs of hosts have two links: neither waits for the other.
func TestLinkRatePerPair(t *testing.T) {
	tn := newTestNet(t, link(func(l *Link) { l.Rate = 8000 }))
	third := user{tn, tn.AddHost("third", RFC9293(), nobody).Process("")}
	tn.client.connect(tn.client.socket(), tn.server.at(1))
	tn.client.connect(tn.client.socket(), third.at(1))
	tn.client.connect(tn.client.socket(), third.at(1))
	tn.pass(400 * time.Millisecond)
	toServer, toThird := tn.arrivals(tn.server), tn.arrivals(third)
	require.Equal(t, toServer[0], toThird[0])
	require.Equal(t, 2*(toThird[0]-testDelay), toThird[1]-testDelay)
}

// The MTU says how much text a segment takes: less 40 octets of headers, 60 over
// IPv6 (RFC 9293 3.7.1); it is what the MSS option offers.
func TestLinkMTU(t *testing.T) {
	for mtu, want := range map[int][2]uint16{0: {1460, 1440}, 1500: {1460, 1440}, 576: {536, 516}, 68: {28, 8}, 65535: {65495, 65475}} {
		for six := range 2 {
			tn := newTestNet(t, link(func(l *Link) { l.MTU = mtu }))
			tn.server.listener(1)
			fd := tn.client.socket()
			tn.client.connect(fd, Endpoint{tn.server.host.addrs[six], testPort})
			tn.pass(3 * testDelay)
			require.Equal(t, want[six], tn.records(Sent)[0].Packet.Seg.MSS)
			require.Equal(t, want[six], tn.records(Sent)[1].Packet.Seg.MSS)
			tn.want(tn.server.accept(3), "4")
			tn.want(tn.client.send(fd, 3000), "3000")
			r := tn.server.recv(4, 3000, MsgWaitAll)
			tn.pass(time.Minute)
			require.Equal(t, 3000, r.Result)
			for _, r := range tn.records(Sent) {
				require.LessOrEqual(t, r.Packet.Seg.Len, want[six])
				if mtu >= 576 {
					require.LessOrEqual(t, tn.datagram(&r.Packet), mtu)
				}
			}
		}
	}
}

// Jitter delays a packet by up to so much more; packets may overtake each other.
func TestLinkJitter(t *testing.T) {
	const jitter = 5 * time.Millisecond
	tn := newTestNet(t, link(func(l *Link) { l.Jitter = jitter }))
	sent := map[uint64]fsm.Time{}
	early, late, overtaken := jitter, time.Duration(0), false
	last := uint64(0)
	tn.Listen(func(r *Record) {
		if r.Kind == Sent {
			sent[r.Packet.Number] = r.At
			return
		}
		extra := r.At.Sub(sent[r.Packet.Number]) - testDelay
		early, late = min(early, extra), max(late, extra)
		overtaken = overtaken || r.Packet.Number < last
		last = r.Packet.Number
	}, Sent, Arrived)
	for range 400 {
		tn.client.connect(tn.client.socket(), tn.server.at(testPort))
	}
	tn.pass(time.Second)
	require.GreaterOrEqual(t, early, time.Duration(0))
	require.Less(t, early, jitter/10)
	require.LessOrEqual(t, late, jitter)
	require.Greater(t, late, jitter-jitter/10)
	require.True(t, overtaken)
}

// Loss, duplication and reordering strike their share of packets.
func TestLinkShares(t *testing.T) {
	const n = 4000
	for name, c := range map[string]struct {
		set  func(*Link)
		kind RecordKind
		why  string
	}{
		"loss":        {func(l *Link) { l.Loss = 0.1 }, Lost, "lost at random"},
		"duplication": {func(l *Link) { l.Duplication = 0.1 }, Held, "repeated at random"},
		"reordering":  {func(l *Link) { l.Reordering = 0.1 }, Held, "held back at random"},
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTestNet(t, link(c.set), system(func(s *System) { s.Descriptors = 2 * n }))
			for range n {
				tn.client.nonblocking(tn.client.socket(), true)
			}
			for fd := 3; fd < n+3; fd++ {
				tn.client.connect(fd, tn.server.at(testPort))
			}
			struck := tn.records(c.kind)
			require.InDelta(t, n/10, len(struck), n/40)
			for _, r := range struck {
				require.Equal(t, c.why, r.Why)
			}
			tn.pass(5 * testDelay)
			arrived := len(tn.arrivals(tn.server))
			want := map[RecordKind]map[string]int{
				Lost: {c.why: n - len(struck)}, Held: {"repeated at random": n + len(struck), "held back at random": n},
			}[c.kind][c.why]
			require.Equal(t, want, arrived)
		})
	}
	// All of them, and none.
	for share, arrives := range map[float64]int{0: 1, 1: 0} {
		tn := newTestNet(t, link(func(l *Link) { l.Loss = share }))
		tn.client.connect(tn.client.socket(), tn.server.at(testPort))
		tn.pass(testDelay)
		require.Len(t, tn.arrivals(tn.server), arrives)
	}
}

// A copy has its original's number, and is marked.
func TestLinkCopy(t *testing.T) {
	tn := newTestNet(t, link(func(l *Link) { l.Duplication = 1 }))
	tn.client.connect(tn.client.socket(), tn.peerEnd())
	tn.wantSent("client S 0:0(0)") // to nobody: no link
	tn.client.connect(tn.client.socket(), tn.server.at(testPort))
	tn.pass(2 * testDelay)
	arrived := tn.records(Arrived)[:2]
	require.Equal(t, arrived[0].Packet.Number, arrived[1].Packet.Number)
	require.False(t, arrived[0].Packet.Copy)
	require.True(t, arrived[1].Packet.Copy)
	tn.forget()
	tn.claims = false
}

// A link that is down loses everything that is sent, both ways; what is on its
// way arrives.
func TestLinkDown(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	tn.want(tn.client.say(cfd, "sent before"), "11")
	tn.Down(true)
	tn.want(tn.server.say(sfd, "sent while down"), "15")
	tn.pass(testDelay)
	tn.wantText(tn.server.recv(sfd, 99), "sent before")
	tn.pass(500 * time.Millisecond)
	require.Len(t, tn.records(Lost), 2) // the text, and the ACK of the other's
	require.Equal(t, "the link is down", tn.records(Lost)[0].Why)
	tn.want(tn.client.recv(cfd, 99, MsgDontWait), "-1 EAGAIN")
	tn.Down(false)
	tn.pass(5 * time.Second)
	tn.wantText(tn.client.recv(cfd, 99), "sent while down")
}

// A host reaches itself without a link: at once, and without loss.
func TestLinkToItself(t *testing.T) {
	tn := newTestNet(t, link(func(l *Link) { l.Loss = 1; l.Rate = 1 }))
	tn.client.listener(1)
	tn.Down(true)
	c := tn.client.connect(tn.client.socket(), tn.client.at(testPort))
	tn.pass(0)
	tn.want(c, "0")
	tn.want(tn.client.accept(3), "5")
	require.Empty(t, tn.records(Lost))
	require.Equal(t, clientAddr6, tn.Addr(tn.client.host.addrs[1]))
}
