package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// waiting counts the calls that the lists of a network still know of.
func (tn *testNet) waiting() (n int) {
	for _, i := range inUse(&tn.sockets) {
		n += len(tn.sockets.at(i).has().waiters)
	}
	for _, h := range tn.hosts {
		for _, p := range h.procs {
			n += len(p.waiting)
		}
	}
	for _, c := range tn.calls {
		n += number(c != nil)
	}
	return n
}

// A call that has returned is on no list any more, however it came to return: a
// program that polls for ever keeps nothing.
func TestCallsLeaveNothing(t *testing.T) {
	tn := newTestNet(t)
	_, sfd := tn.connected()
	cfd, other := tn.connected()
	both := []PollFD{{FD: sfd, Events: PollIn}, {FD: other, Events: PollIn}}
	for range 5 {
		c := tn.server.poll(time.Second, both...)
		require.Equal(t, 4, tn.waiting(), "two sockets, a process, a limit")
		tn.want(tn.client.send(cfd, 1), "1")
		tn.pass(testDelay)
		tn.want(c, "1 after 10ms")
		tn.server.recv(other, 9)
		require.Zero(t, tn.waiting())

		c = tn.server.poll(50*time.Millisecond, both...)
		tn.pass(time.Second)
		tn.want(c, "0 after 50ms")
		require.Zero(t, tn.waiting())
	}
	require.LessOrEqual(t, len(tn.calls), 2, "numbers of limits are used again")
}

// A call may be made with the same struct at another socket, although it has left
// a time limit behind.
func TestCallElsewhere(t *testing.T) {
	tn := newTestNet(t)
	_, sfd := tn.connected()
	_, other := tn.connected()
	tn.want(tn.server.set(sfd, SoRcvTimeo, 100), "0")
	c := &Call{Op: OpRecv, FD: sfd, N: 1}
	tn.server.Call(c)
	tn.want(tn.client.send(3, 1), "1")
	tn.pass(testDelay)
	tn.want(c, "1 after 10ms")
	c.FD = other
	tn.server.Call(c)
	tn.pass(time.Hour)
	tn.want(c, "waits")
}

// A process that ends ends its calls: also those whose descriptor it has closed
// meanwhile, and those that wait for time alone.
func TestExitEndsCalls(t *testing.T) {
	tn := inState(t, fsm.Established)
	child := tn.client.fork()
	r := child.recv(3, 1)
	tn.want(child.close(3), "0")
	sleeps := child.poll(time.Second)
	tn.want(r, "waits") // the parent has the socket
	child.Exit()
	child.Exit() // once is enough
	tn.peer("P. 1:6(5) ack 1")
	tn.pass(time.Minute)
	tn.want(r, "never")
	tn.want(sleeps, "never")
	tn.wantText(tn.client.recv(3, 9), "abcde")
	require.Zero(t, tn.waiting())
}

// poll() finds a descriptor that another thread closes: POLLNVAL.
func TestPollWhileClosed(t *testing.T) {
	tn := inState(t, fsm.Established)
	c := tn.client.poll(-1, PollFD{FD: 3, Events: PollIn})
	tn.want(c, "waits")
	tn.want(tn.client.close(3), "0")
	tn.want(c, "1")
	require.Equal(t, PollNval, c.Poll[0].Revents)
}

// RFC 9293 3.10.4: CLOSE ends sending, for a send() that waits for room too.
func TestUserCloseEndsSend(t *testing.T) {
	inEach(t, states(fsm.Established, fsm.CloseWait), func(tn *testNet, u user) {
		c := u.send(3, 1000)
		tn.want(c, "waits")
		tn.answered(fsm.OK)(u.Close(3))
		tn.want(c, "100")
		tn.forget()
	}, system(func(s *System) { s.TCP.SndBuf = 100 }))
}

// An address that connect() has chosen is that connection's: the next one chooses
// anew, in the other family too.
func TestConnectElsewhere(t *testing.T) {
	for _, bound := range []bool{false, true} {
		tn := newTestNet(t)
		tn.server.listener(5)
		fd := tn.client.socket()
		if bound {
			tn.want(tn.client.bind(fd, Endpoint{Port: 1000}), "0")
		}
		c := tn.client.connect(fd, tn.server.at(testPort+1))
		tn.pass(2 * testDelay)
		tn.want(c, "-1 ECONNREFUSED after 20ms")
		c = tn.client.connect(fd, Endpoint{tn.server.host.addrs[1], testPort})
		tn.pass(3 * testDelay)
		tn.want(c, "0 after 20ms")
		peer := tn.server.accept(3).Peer
		require.Equal(t, clientAddr6, tn.Addr(peer.Addr))
		require.Equal(t, bound, peer.Port == 1000)
	}
}

// A new connection begins without what the last one left: text, ends, errors.
func TestConnectForgets(t *testing.T) {
	tn := inState(t, fsm.SynReceived)
	u := tn.client
	tn.want(u.shutdown(3, ShutRd), "0")
	tn.peer("R 1:1(0)") // before the handshake is over: refused
	u.wantState(3, fsm.Closed)
	tn.server.listener(1)
	c := u.connect(3, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(c, "0 after 20ms")
	u.wantError(3, OK)
	tn.want(u.recv(3, 1, MsgDontWait), "-1 EAGAIN")

	tn = inState(t, fsm.FinWait2)
	u = tn.client
	tn.peer("FP. 1:6(5) ack 2")
	tn.pass(5 * time.Minute)
	tn.want(u.disconnect(3), "0")
	tn.want(u.recv(3, 9), "-1 ENOTCONN")
	tn.server.listener(1)
	u.connect(3, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(u.send(3, 1), "1")
	tn.want(u.recv(3, 9, MsgDontWait), "-1 EAGAIN")
}
