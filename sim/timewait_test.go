package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// serverWaits brings a connection to its end with the server in TIME-WAIT and its
// listener open, and gives the client's endpoint.
func serverWaits(t *testing.T, opts ...netOption) (*testNet, Endpoint) {
	t.Helper()
	return serverWaitsAfter(t, 0, opts...)
}

// serverWaitsAfter does so behind n octets from the server.
func serverWaitsAfter(t *testing.T, n int, opts ...netOption) (*testNet, Endpoint) {
	t.Helper()
	tn := newTestNet(t, opts...)
	tn.server.listener(1)
	cfd, b := tn.client.bindAs(reuseAddr, tn.client.at(1000))
	tn.want(b, "0")
	tn.client.connect(cfd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(tn.server.accept(3), "4")
	if n > 0 {
		tn.server.send(4, n)
		r := tn.client.recv(cfd, n, MsgWaitAll)
		tn.pass(time.Second)
		require.Equal(t, n, r.Result)
	}
	tn.want(tn.server.close(4), "0")
	tn.pass(testDelay)
	tn.want(tn.client.close(cfd), "0")
	tn.pass(3 * testDelay)
	tn.client.wantStates(map[fsm.State]int{})
	tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.TimeWait: 1})
	tn.forget()
	return tn, tn.client.at(1000)
}

// reconnect connects the client's end once more.
func (tn *testNet) reconnect(from Endpoint) *Call {
	tn.t.Helper()
	fd, b := tn.client.bindAs(plainly, from)
	tn.want(b, "0")
	return tn.client.connect(fd, tn.server.at(testPort))
}

// RFC 6191, MAY-2: a new SYN reopens the connection from TIME-WAIT;
// the new initial sequence number lies beyond all old ones, and what the
// old incarnation was is forgotten.
func TestTimeWaitReopened(t *testing.T) {
	for _, timestamps := range []bool{true, false} {
		for s := range uint64(20) {
			tn, from := serverWaits(t, seed(s), system(func(s *System) {
				if !timestamps {
					s.TCP.Features &^= fsm.Timestamps
				}
			}))
			old := tn.conns.at(tn.demux.get(tuple{tn.server.at(testPort), from})).SndNxt
			tn.pass(time.Second)
			c := tn.reconnect(from)
			tn.pass(3 * testDelay)
			tn.want(c, "0 after 20ms")
			synAck := tn.records(Sent)[1].Packet
			require.Equal(t, "S. 0:0(0) ack 1", synAck.Relative().Header())
			require.True(t, old.Less(synAck.Seg.Seq), "%v is not beyond %v", synAck.Seg.Seq, old)
			tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 1})
			tn.want(tn.server.accept(3), "4")
			tn.want(tn.client.say(3, "new"), "3")
			tn.pass(testDelay)
			tn.wantText(tn.server.recv(4, 9), "new")
		}
	}
}

// A connection that has used up numbers faster than the clock of
// initial sequence numbers counts leaves that clock behind it.
func TestTimeWaitReopenedBehindTheClock(t *testing.T) {
	tn, from := serverWaitsAfter(t, 1_000_000)
	end := tuple{tn.server.at(testPort), from}
	old := tn.conns.at(tn.demux.get(end)).SndNxt
	require.True(t, tn.iss(tn.client.Host(), end).Less(old), "the clock lies behind")
	c := tn.reconnect(from)
	tn.pass(3 * testDelay)
	tn.want(c, "0 after 20ms")
	next := tn.conns.at(tn.demux.get(end)).ISS
	require.True(t, old.Less(next), "%v is not beyond %v", next, old)
}

// Without a listener there is nothing to reopen: the SYN is answered with an
// ACK, which the client resets; RFC 9293 3.10.7.4.
func TestTimeWaitWithoutListener(t *testing.T) {
	tn, from := serverWaits(t)
	tn.want(tn.server.close(3), "0")
	c := tn.reconnect(from)
	tn.pass(testDelay)
	tn.wantSent("client S 0:0(0)", "server . 2:2(0) ack 2")
	tn.server.wantStates(map[fsm.State]int{fsm.TimeWait: 1})
	tn.want(c, "waits")
	tn.forget()
	tn.claims = false
}

// A listener whose queue is full does not take the SYN, but TIME-WAIT has made way for it.
func TestTimeWaitFullQueue(t *testing.T) {
	tn, from := serverWaits(t)
	tn.callers(1)
	tn.pass(3 * testDelay)
	tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.TimeWait: 1, fsm.Established: 1})
	tn.forget()
	tn.reconnect(from)
	tn.pass(testDelay)
	tn.wantSent("client S 0:0(0)")
	tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 1})
}

// RFC 793: a SYN does not reopen anything.
func TestTimeWait793(t *testing.T) {
	tn, from := serverWaits(t, under(RFC793()))
	c := tn.reconnect(from)
	tn.pass(testDelay)
	require.NotContains(t, tn.sent, "server S. 0:0(0) ack 1")
	tn.want(c, "waits")
}

// TIME-WAIT lasts 2 MSL, four minutes, and needs no descriptor.
func TestTimeWaitLasts(t *testing.T) {
	inEach(t, states(fsm.TimeWait), func(tn *testNet, u user) {
		tn.want(u.close(3), "0")
		tn.pass(4*time.Minute - 1)
		u.wantStates(map[fsm.State]int{fsm.TimeWait: 1})
		tn.pass(1)
		tn.wantNoneSent()
		require.NoError(tn.t, empty(tn.Network))
	})
}

// The peer's FIN comes again when our last ACK was lost: 2 MSL start
// afresh.
func TestTimeWaitRestarts(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	tn.Fault(Fault{Verb: Drop, Host: tn.client.host.id, Set: fsm.ACK, Clear: fsm.SYN | fsm.FIN, Nth: 1, Count: 1})
	tn.want(tn.client.close(cfd), "0")
	tn.pass(testDelay)
	tn.want(tn.server.close(sfd), "0")
	tn.pass(testDelay)
	tn.client.wantState(cfd, fsm.TimeWait)
	tn.pass(2 * time.Second)
	tn.server.wantState(sfd, fsm.Closed)
	again := tn.records(Sent)
	restart := again[len(again)-1].At
	require.NoError(t, tn.Run(restart.Add(4*time.Minute-1), testEvents))
	tn.client.wantState(cfd, fsm.TimeWait)
	tn.pass(1)
	tn.client.wantState(cfd, fsm.Closed)
}

// A FIN-WAIT-2, a TIME-WAIT and an orphan of one pair of endpoints never live
// beside another connection of it: connect() fails until it is over.
func TestTupleIsFreeAgain(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	from := tn.client.at(1000)
	fd, b := tn.client.bindAs(reuseAddr, from)
	tn.want(b, "0")
	tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(tn.server.accept(3), "4")
	tn.want(tn.client.close(fd), "0")
	tn.pass(testDelay)
	tn.want(tn.server.close(4), "0")
	tn.pass(testDelay)
	tn.client.wantStates(map[fsm.State]int{fsm.TimeWait: 1})
	fd, b = tn.client.bindAs(reuseAddr, from)
	tn.want(b, "0")
	tn.want(tn.client.connect(fd, tn.server.at(testPort)), inUseAnswer)
	tn.pass(4*time.Minute - testDelay)
	tn.want(tn.client.connect(fd, tn.server.at(testPort)), inUseAnswer)
	tn.pass(testDelay)
	c := tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(c, "0 after 20ms")
}
