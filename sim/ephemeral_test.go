package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// fewPorts leaves a host four ephemeral ports.
var fewPorts = system(func(s *System) { s.PortLo, s.PortHi = 50_000, 50_003 })

// RFC 6335 6: dynamic ports are 49152 to 65535.
func TestEphemeralRange(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		seen := map[uint16]bool{}
		for s := range uint64(200) {
			tn := newTestNet(t, under(sys), seed(s))
			fd := tn.client.socket()
			tn.client.connect(fd, tn.peerEnd())
			port := tn.last.From.Port
			require.GreaterOrEqual(t, port, uint16(49152))
			seen[port] = true
			fd, b := tn.client.bindAs(plainly, Endpoint{})
			tn.want(b, "0")
			require.GreaterOrEqual(t, tn.client.socketAt(fd).local.Port, uint16(49152))
		}
		require.Greater(t, len(seen), 150, "where the search begins is chosen")
	})
}

// Each connection to one remote endpoint has a port of its own; when
// none is left, EADDRNOTAVAIL. To another remote endpoint there are ports again.
func TestEphemeralExhausted(t *testing.T) {
	tn := newTestNet(t, fewPorts)
	seen := map[uint16]bool{}
	for range 4 {
		fd := tn.client.socket()
		tn.want(tn.client.connect(fd, tn.peerEnd()), "waits")
		require.False(t, seen[tn.last.From.Port])
		seen[tn.last.From.Port] = true
	}
	require.Len(t, seen, 4)
	fd := tn.client.socket()
	tn.forget()
	tn.want(tn.client.connect(fd, tn.peerEnd()), "-1 EADDRNOTAVAIL")
	tn.wantNoneSent()
	tn.client.wantState(fd, fsm.Closed)
	other := tn.peerEnd()
	other.Port++
	tn.want(tn.client.connect(fd, other), "waits")
	tn.wantSent("client S 0:0(0)")
}

// TIME-WAIT holds a port for that remote endpoint; at its end it is free.
func TestEphemeralAfterTimeWait(t *testing.T) {
	tn := newTestNet(t, fewPorts)
	tn.server.listener(5)
	for range 4 {
		cfd, sfd := tn.connected()
		tn.want(tn.client.close(cfd), "0")
		tn.pass(testDelay)
		tn.want(tn.server.close(sfd), "0")
		tn.pass(2 * testDelay)
	}
	last := tn.now
	tn.client.wantStates(map[fsm.State]int{fsm.TimeWait: 4})
	fd := tn.client.socket()
	tn.want(tn.client.connect(fd, tn.server.at(testPort)), "-1 EADDRNOTAVAIL")
	first := last.Add(4*time.Minute - 4*(4*testDelay) + testDelay)
	require.NoError(t, tn.Run(first, testEvents))
	tn.pass(4 * testDelay)
	c := tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(c, "0 after 20ms")
}

// A CLOSE-WAIT that nobody closes holds its port for ever.
func TestEphemeralCloseWait(t *testing.T) {
	tn := newTestNet(t, fewPorts)
	tn.server.listener(5)
	for range 4 {
		_, sfd := tn.connected()
		tn.want(tn.server.close(sfd), "0")
	}
	tn.pass(1000 * time.Hour)
	tn.client.wantStates(map[fsm.State]int{fsm.CloseWait: 4})
	tn.want(tn.client.connect(tn.client.socket(), tn.server.at(testPort)), "-1 EADDRNOTAVAIL")
}

// bind() to port 0 wants a port that nothing else uses; EADDRINUSE if there
// is none.
func TestBindEphemeralExhausted(t *testing.T) {
	tn := newTestNet(t, fewPorts)
	tn.want(tn.client.connect(tn.client.socket(), tn.peerEnd()), "waits")
	seen := map[uint16]bool{tn.last.From.Port: true}
	for range 3 {
		fd, b := tn.client.bindAs(plainly, Endpoint{})
		tn.want(b, "0")
		seen[tn.client.socketAt(fd).local.Port] = true
	}
	require.Len(t, seen, 4)
	fd, b := tn.client.bindAs(reuseAddr, Endpoint{})
	tn.want(b, inUseAnswer)
	tn.want(tn.client.listen(fd, 1), inUseAnswer)
	tn.want(tn.client.close(4), "0")
	tn.want(tn.client.bind(fd, Endpoint{}), "0")
}

// SO_REUSEADDR without bind() has no effect on the port that connect()
// chooses. A port that bind() has taken is not chosen.
func TestEphemeralPassesOver(t *testing.T) {
	tn := newTestNet(t, fewPorts)
	seen := map[uint16]bool{}
	for port := uint16(50_000); port < 50_002; port++ {
		_, b := tn.client.bindAs(plainly, Endpoint{Port: port})
		tn.want(b, "0")
		seen[port] = true
	}
	for range 2 {
		fd := tn.client.socket()
		tn.want(tn.client.set(fd, SoReuseAddr, 1), "0")
		tn.want(tn.client.connect(fd, tn.peerEnd()), "waits")
		require.False(t, seen[tn.last.From.Port])
		seen[tn.last.From.Port] = true
	}
	fd := tn.client.socket()
	tn.want(tn.client.set(fd, SoReuseAddr, 1), "0")
	tn.want(tn.client.connect(fd, tn.peerEnd()), "-1 EADDRNOTAVAIL")
}

// Initial sequence numbers follow a clock of 4 microseconds for one pair of
// endpoints, and differ between pairs (RFC 9293 3.4.1).
func TestInitialSequenceNumbers(t *testing.T) {
	tn := newTestNet(t)
	a, b := tuple{tn.client.at(1), tn.server.at(2)}, tuple{tn.client.at(3), tn.server.at(2)}
	first, other := tn.iss(tn.client.Host(), a), tn.iss(tn.client.Host(), b)
	require.NotEqual(t, first, other)
	tn.pass(400 * time.Microsecond)
	require.Equal(t, first.Add(100), tn.iss(tn.client.Host(), a))
	require.Equal(t, other.Add(100), tn.iss(tn.client.Host(), b))
	tn2 := newTestNet(t, seed(2))
	require.NotEqual(t, first.Add(100), tn2.iss(tn2.client.Host(), a), "the key is secret")
}
