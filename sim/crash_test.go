package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// A crash is silent, and leaves nothing: no connection, no socket, no descriptor,
// and no call that returns.
func TestCrash(t *testing.T) {
	for _, s := range []fsm.State{
		fsm.Closed, fsm.Listen, fsm.SynSent, fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait, fsm.Closing,
		fsm.LastAck, fsm.TimeWait,
	} {
		inEach(t, states(s), func(tn *testNet, u user) {
			tn.want(u.dup(3), "4")
			u.fork()
			waits := u.poll(time.Second, PollFD{FD: 3, Events: PollPri})
			u.host.Crash()
			tn.settle()
			tn.wantNoneSent()
			require.NoError(tn.t, empty(tn.Network))
			if !waits.Done || waits.Never {
				tn.want(waits, "never")
			}
			tn.want(u.recv(3, 1), "never")
			require.True(tn.t, u.Gone())
			require.Nil(tn.t, u.host.Process("child"))

			next := user{tn, u.host.Process("")}
			require.Equal(tn.t, 3, next.socket())
			tn.want(next.bind(3, Endpoint{Port: tn.last.From.Port}), "0")
		})
	}
}

// Calls that wait on a host that crashes never return, lingering closes
// included, and later sockets are not mixed up with them.
func TestCrashWhileCallsWait(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.want(tn.client.linger(3, true, 5), "0")
	lingers := tn.client.close(3)
	tn.want(lingers, "waits")
	fd := tn.client.socket()
	connects := tn.client.connect(fd, tn.peerEnd())
	fd = tn.client.listener(1)
	tn.client.set(fd, SoRcvTimeo, 2000)
	accepts := tn.client.accept(fd)
	tn.client.host.Crash()

	u := user{tn, tn.client.host.Process("")}
	for want := 3; want < 8; want++ { // they take the slots of the old ones
		require.Equal(t, want, u.socket())
		u.nonblocking(want, true)
		tn.want(u.connect(want, tn.peerEnd()), "-1 EINPROGRESS")
	}
	require.NoError(t, sound(tn.Network))
	tn.pass(time.Minute)
	for _, c := range []*Call{lingers, connects, accepts} {
		tn.want(c, "never")
	}
	u.wantStates(map[fsm.State]int{fsm.SynSent: 5})
}

// RFC 9293 3.5.1 Figure 10: the peer of a host that has crashed learns of it when
// it sends: its segment meets CLOSED.
func TestCrashDiscovered(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		cfd, sfd := tn.connected()
		tn.client.host.Crash()
		tn.pass(24 * time.Hour)
		tn.server.wantState(sfd, fsm.Established)
		tn.want(tn.server.send(sfd, 5), "5")
		tn.pass(2 * testDelay)
		tn.wantSent("server P. 1:6(5) ack 1", "client R 1:1(0)")
		tn.want(tn.server.recv(sfd, 9), "-1 ECONNRESET")
		require.Equal(t, 3, cfd)
	})
}

// RFC 9293 3.5.1 Figure 9, with RFC 5961: a host that has crashed opens the same
// connection again: its SYN draws a challenge ACK, which it resets, and the next
// SYN is taken.
func TestCrashAndReconnect(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	fd, b := tn.client.bindAs(plainly, tn.client.at(1000))
	tn.want(b, "0")
	tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(tn.server.accept(3), "4")
	tn.want(tn.server.say(4, "lost"), "4")
	tn.pass(testDelay)
	tn.client.host.Crash()
	tn.pass(time.Second)
	tn.forget()

	u := user{tn, tn.client.host.Process("")}
	fd, b = u.bindAs(plainly, u.at(1000))
	tn.want(b, "0")
	c := u.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.server.wantState(4, fsm.Closed)
	tn.server.wantError(4, ECONNRESET)
	tn.pass(2 * time.Second)
	require.True(t, c.Done && c.Err == OK, answerOf(c))
	tn.want(tn.server.accept(3), "5")
	tn.want(u.say(fd, "again"), "5")
	tn.pass(testDelay)
	tn.wantText(tn.server.recv(5, 9), "again")
}

// Segments that are on their way to a host that crashes meet CLOSED.
func TestCrashWithSegmentsOnTheWay(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	tn.want(tn.client.send(cfd, 5), "5")
	tn.server.host.Crash()
	tn.pass(2 * testDelay)
	tn.wantSent("client P. 1:6(5) ack 1", "server R 1:1(0)")
	tn.client.wantError(cfd, ECONNRESET)
	require.Equal(t, 4, sfd)
}

// The other hosts of the network, and the other processes of theirs, do not
// notice a crash.
func TestCrashOfOneHost(t *testing.T) {
	tn := newTestNet(t)
	third := user{tn, tn.AddHost("third", RFC9293(), nobody).Process("")}
	tn.server.listener(5)
	fd := third.socket()
	c := third.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(c, "0 after 20ms")
	tn.want(tn.server.accept(3), "4")
	tn.client.host.Crash()
	tn.want(third.say(fd, "here"), "4")
	tn.pass(testDelay)
	tn.wantText(tn.server.recv(4, 9), "here")
}
