package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// What a system tells of its sockets: connections, who is held by a process, and sockets
// that have no connection.
func TestCensus(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(5)
		_, sfd := tn.connected()
		tn.server.socket()
		states := map[fsm.State]int{}
		for _, e := range tn.server.Host().Census() {
			states[e.State]++
			require.False(t, e.IPv6)
			require.True(t, e.Held)
			require.Equal(t, e.State != fsm.Closed, e.Port == testPort)
		}
		require.Equal(t, map[fsm.State]int{fsm.Listen: 1, fsm.Established: 1, fsm.Closed: 1}, states)
		tn.want(tn.server.shutdown(sfd, ShutWr), "0")
		tn.pass(3 * testDelay)
		tn.want(tn.server.close(sfd), "0")
		for _, e := range tn.server.Host().Census() {
			require.Equal(t, e.State != fsm.FinWait2, e.Held)
		}
	}, Profiles()...)
}

// The operator ends connections: the user is told, and the peer by a RST.
func TestDrop(t *testing.T) {
	tn := newTestNet(t, under(FreeBSD()))
	tn.server.listener(5)
	cfd, sfd := tn.connected()
	tn.forget()
	list := tn.server.Host().Census()
	for _, e := range list {
		if e.State == fsm.Established {
			tn.server.Host().Drop(e)
			tn.server.Host().Drop(e) // it is gone
		}
	}
	tn.wantSent("server R. 1:1(0) ack 1")
	tn.want(tn.server.recv(sfd, 10), "-1 ECONNABORTED")
	tn.pass(2 * testDelay)
	tn.want(tn.client.recv(cfd, 10), "-1 ECONNRESET")

	tn = newTestNet(t, under(FreeBSD()))
	tn.server.listener(5)
	cfd, sfd = tn.connected()
	tn.want(tn.client.close(cfd), "0")
	tn.pass(3 * testDelay)
	tn.want(tn.server.close(sfd), "0")
	tn.pass(time.Second)
	tn.forget()
	tn.client.wantStates(map[fsm.State]int{fsm.TimeWait: 1})
	for _, e := range tn.client.Host().Census() {
		tn.client.Host().Drop(e)
	}
	tn.wantNoneSent()
	tn.client.wantStates(map[fsm.State]int{})
}
