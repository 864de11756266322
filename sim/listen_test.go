package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// callers opens so many connections of the client to the server, non-blocking,
// and gives their descriptors.
func (tn *testNet) callers(count int) []int {
	tn.t.Helper()
	var fds []int
	for range count {
		fd := tn.client.socket()
		tn.client.nonblocking(fd, true)
		tn.wantFail(tn.client.connect(fd, tn.server.at(testPort)), EINPROGRESS)
		fds = append(fds, fd)
	}
	return fds
}

// accept() waits for a connection, and gives them in the order in which their
// handshakes were completed. Of two that wait the first is served first.
func TestAcceptWaits(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	first, second := tn.server.accept(3), tn.server.accept(3)
	fds := tn.callers(1)
	tn.pass(3 * testDelay)
	tn.want(first, "4 after 30ms")
	tn.want(second, "waits")
	fds = append(fds, tn.callers(1)...)
	tn.pass(3 * testDelay)
	tn.want(second, "5 after 60ms")
	for k, fd := range fds {
		text := fmt.Sprint("connection ", k)
		tn.want(tn.client.say(fd, text), fmt.Sprint(len(text)))
		tn.pass(testDelay)
		tn.wantText(tn.server.recv(4+k, 100), text)
	}
}

// accept() fails at once where it must not wait, and when the time of
// SO_RCVTIMEO is over. The new descriptor is not non-blocking (POSIX).
func TestAcceptDoesNotWait(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	tn.want(tn.server.set(3, SoRcvTimeo, 50), "0")
	c := tn.server.accept(3)
	tn.pass(time.Second)
	tn.want(c, "-1 EAGAIN after 50ms")
	tn.want(tn.server.nonblocking(3, true), "0")
	tn.want(tn.server.accept(3), "-1 EAGAIN")
	tn.callers(1)
	tn.pass(3 * testDelay)
	tn.want(tn.server.accept(3), "4")
	require.False(t, tn.server.do(Call{Op: OpGetFlags, FD: 4}).Nonblock)
}

// POSIX: EINVAL on a socket that does not listen.
func TestAcceptNotListening(t *testing.T) {
	for _, s := range []fsm.State{fsm.Closed, fsm.SynSent, fsm.Established, fsm.CloseWait} {
		tn := inState(t, s)
		tn.want(tn.client.accept(3), "-1 EINVAL")
		tn.client.wantState(3, s)
	}
}

// The peer's FIN before accept() does no harm: what it sent can be read,
// then the end.
func TestAcceptAfterFin(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(5)
		fd := tn.callers(1)[0]
		tn.pass(3 * testDelay)
		tn.want(tn.client.say(fd, "late"), "4")
		tn.want(tn.client.close(fd), "0")
		tn.pass(testDelay)
		tn.want(tn.server.accept(3), "4")
		tn.server.wantState(4, fsm.CloseWait)
		require.Equal(t, PollIn|PollOut|PollRdHup, tn.server.events(4))
		tn.wantText(tn.server.recv(4, 100), "late")
		tn.want(tn.server.recv(4, 100), "0")
		tn.want(tn.server.send(4, 1), "1")
	})
}

// POSIX accept(): ECONNABORTED for a connection that was reset while it
// waited, in its turn; those behind it are served.
func TestAcceptAfterReset(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	fds := tn.callers(3)
	tn.pass(3 * testDelay)
	tn.want(tn.client.linger(fds[1], true, 0), "0")
	tn.want(tn.client.close(fds[1]), "0")
	tn.pass(testDelay)
	tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 2})
	tn.want(tn.server.accept(3), "4")
	tn.want(tn.server.accept(3), "-1 ECONNABORTED")
	tn.want(tn.server.accept(3), "5")
	tn.want(tn.server.accept(3), "waits")
}

// A RST in SYN-RECEIVED: the embryo is gone, the user not told (RFC 9293 3.10.7.4
// second), and its place is free.
func TestEmbryoReset(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(1)
	a := tn.server.accept(3)
	for range 3 {
		fd := tn.callers(1)[0]
		tn.pass(testDelay)
		tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.SynReceived: 1})
		tn.want(tn.client.close(fd), "0")
		tn.pass(2 * testDelay) // the SYN,ACK draws a RST, which comes back
		tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1})
		tn.want(a, "waits")
	}
	tn.callers(1)
	tn.pass(3 * testDelay)
	tn.want(a, fmt.Sprintf("4 after %v", 12*testDelay))
}

// A listener holds as many connections as listen() said, embryos
// included. A SYN beyond that is dropped, and comes again.
func TestBacklog(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		for backlog, limit := range map[int]int{-1: 1, 0: 1, 1: 1, 2: 2, 5: 5} {
			tn := newTestNet(t, under(sys))
			tn.server.listener(backlog)
			fds := tn.callers(limit + 1)
			tn.pass(testDelay)
			tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.SynReceived: limit})
			tn.pass(2 * testDelay)
			tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: limit})
			tn.client.wantState(fds[limit], fsm.SynSent)
			require.Len(t, tn.records(Dropped), 1)

			tn.want(tn.server.accept(3), "4")
			tn.pass(sys.TCP.RTOInitial + testDelay)
			tn.client.wantState(fds[limit], fsm.Established)
			tn.pass(testDelay)
			for k := range limit {
				tn.want(tn.server.accept(3), fmt.Sprint(5+k))
			}
		}
	})
}

// FreeBSD's queue is over when it holds more than 3/2 of what listen() said: 8 for 5,
// 193 for 128. The ACK that would complete one more is answered with a RST.
func TestBacklogFreeBSD(t *testing.T) {
	for backlog, limit := range map[int]int{1: 2, 2: 4, 5: 8, 128: 193} {
		tn := newTestNet(t, under(FreeBSD()))
		tn.server.listener(backlog)
		fds := tn.callers(limit + 1)
		tn.pass(2 * testDelay)
		tn.client.wantState(fds[limit], fsm.Established)
		tn.pass(testDelay)
		tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: limit})
		tn.pass(testDelay)
		tn.client.wantState(fds[limit], fsm.Closed)
		tn.client.wantState(fds[limit-1], fsm.Established)

		late := tn.callers(1)[0] // the queue is full when its SYN comes
		tn.pass(2 * testDelay)
		tn.client.wantState(late, fsm.Established)
		tn.pass(2 * testDelay)
		tn.client.wantState(late, fsm.Closed)
		tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: limit})
	}
}

// Darwin has no SYN cache: a queue that is full drops the SYN. Its listener does not
// notice a shutdown().
func TestListenDarwin(t *testing.T) {
	tn := newTestNet(t, under(Darwin()))
	tn.server.listener(2)
	fds := tn.callers(3)
	tn.pass(3 * testDelay)
	tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 2})
	tn.client.wantState(fds[2], fsm.SynSent)
	require.Len(t, tn.records(Dropped), 1)
	tn.want(tn.server.accept(3), "4")
	tn.want(tn.server.accept(3), "5")
	waits := tn.server.accept(3)
	tn.want(tn.server.shutdown(3, ShutRdWr), "-1 ENOTCONN")
	tn.want(waits, "waits")
	tn.pass(time.Second + 2*testDelay)
	tn.want(waits, "6 after 1s")
}

// listen() again changes how many may wait, and nothing else.
func TestListenAgain(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(1)
	tn.callers(1)
	tn.pass(3 * testDelay)
	tn.want(tn.server.listen(3, 3), "0")
	tn.callers(2)
	tn.pass(3 * testDelay)
	tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 3})
	tn.want(tn.server.listen(3, 1), "0")
	tn.callers(1)
	tn.pass(3 * testDelay)
	tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 3})
	for k := range 3 {
		tn.want(tn.server.accept(3), fmt.Sprint(4+k))
	}
	require.Equal(t, 1, tn.server.get(3, SoAcceptConn).Value)
	require.Equal(t, 0, tn.server.get(4, SoAcceptConn).Value)
}

// POSIX listen(): EINVAL on a socket that is connected or connecting.
func TestListenConnected(t *testing.T) {
	for _, s := range []fsm.State{
		fsm.SynSent, fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait, fsm.Closing, fsm.LastAck, fsm.TimeWait,
	} {
		tn := inState(t, s)
		tn.want(tn.client.listen(3, 1), "-1 EINVAL")
		tn.client.wantState(3, s)
		tn.wantNoneSent()
	}
}

// A socket that was not bound listens at an ephemeral port.
func TestListenUnbound(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.server.socket()
	tn.want(tn.server.listen(fd, 1), "0")
	port := tn.server.socketAt(fd).local.Port
	require.GreaterOrEqual(t, port, uint16(49152))
	c := tn.client.connect(tn.client.socket(), tn.server.at(port))
	tn.pass(2 * testDelay)
	tn.want(c, "0 after 20ms")
}

// Closing a listener resets each connection that waits to be
// accepted, with or without text; an embryo is forgotten, and what comes for it
// meets CLOSED. Connections that were accepted go on, and keep
// the port.
func TestCloseListener(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		cfd, sfd := tn.connected()
		fds := tn.callers(2)
		tn.pass(3 * testDelay)
		tn.want(tn.client.send(fds[1], 5), "5")
		tn.pass(testDelay)
		fds = append(fds, tn.callers(1)...)
		tn.pass(testDelay)
		tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 3, fsm.SynReceived: 1})
		tn.forget()

		tn.want(tn.server.close(3), "0")
		tn.wantSent("server R 1:1(0)", "server R 1:1(0)")
		tn.server.wantStates(map[fsm.State]int{fsm.Established: 1})
		tn.pass(testDelay)
		for _, fd := range fds[:2] {
			tn.client.wantState(fd, fsm.Closed)
			tn.client.wantError(fd, ECONNRESET)
		}
		tn.wantSent("client . 1:1(0) ack 1")
		tn.pass(2 * testDelay)
		tn.wantSent("server R 1:1(0)")
		tn.client.wantState(fds[2], fsm.Closed)

		tn.want(tn.client.say(cfd, "still"), "5")
		tn.pass(testDelay)
		tn.wantText(tn.server.recv(sfd, 9), "still")
		late := tn.client.socket()
		c := tn.client.connect(late, tn.server.at(testPort))
		tn.pass(2 * testDelay)
		tn.want(c, "-1 ECONNREFUSED after 20ms")
		fd := tn.server.socket()
		tn.want(tn.server.bind(fd, Endpoint{Port: testPort}), "-1 EADDRINUSE")
		tn.forget()
		tn.claims = false
	})
}

// A process that ends closes its listener like close().
func TestExitListener(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	tn.callers(2)
	tn.pass(3 * testDelay)
	tn.forget()
	tn.server.Exit()
	tn.wantSent("server R 1:1(0)", "server R 1:1(0)")
	tn.server.wantStates(map[fsm.State]int{})
}

// A connection inherits the options of its listener.
func TestAcceptInherits(t *testing.T) {
	tn := newTestNet(t)
	l := tn.server.socket()
	options := []struct {
		option Option
		value  int
	}{
		{SoReuseAddr, 1}, {SoKeepAlive, 1}, {SoRcvBuf, 5000}, {SoSndBuf, 6000}, {SoRcvTimeo, 7000}, {SoSndTimeo, 8000},
		{TCPNoDelay, 1}, {TCPKeepIdle, 8}, {TCPKeepIntvl, 9}, {TCPKeepCnt, 3}, {TCPUserTimeout, 12000}, {TCPMaxSeg, 600},
	}
	for _, o := range options {
		tn.want(tn.server.set(l, o.option, o.value), "0")
	}
	tn.want(tn.server.linger(l, true, 7), "0")
	tn.want(tn.server.bind(l, Endpoint{Port: testPort}), "0")
	tn.want(tn.server.listen(l, 1), "0")
	_, sfd := tn.connected()
	inherited := func() {
		for _, o := range options {
			require.Equal(t, o.value, tn.server.get(sfd, o.option).Value, "%v", o.option)
		}
	}
	inherited()
	require.Equal(t, Linger{true, 7}, tn.server.get(sfd, SoLinger).Linger)
	require.Equal(t, 0, tn.server.get(sfd, SoAcceptConn).Value)
	tn.want(tn.server.disconnect(sfd), "0") // the options outlive the connection
	inherited()
}

// A listener at an address is asked before one at the wildcard.
func TestListenerOfAddress(t *testing.T) {
	tn := newTestNet(t)
	for k, e := range []Endpoint{{Port: testPort}, tn.server.at(testPort)} {
		fd := tn.server.socket()
		require.Equal(t, 3+k, fd)
		tn.want(tn.server.set(fd, SoReuseAddr, 1), "0")
		tn.want(tn.server.bind(fd, e), "0")
		tn.want(tn.server.listen(fd, 2), "0")
	}
	tn.callers(1)
	six := tn.client.socket()
	tn.client.connect(six, Endpoint{tn.server.host.addrs[1], testPort})
	tn.pass(3 * testDelay)
	require.Equal(t, clientAddr, tn.Addr(tn.server.accept(4).Peer.Addr))
	require.Equal(t, clientAddr6, tn.Addr(tn.server.accept(3).Peer.Addr))
	// Without it the other takes its place.
	tn.want(tn.server.close(4), "0")
	tn.callers(1)
	tn.pass(3 * testDelay)
	require.Equal(t, clientAddr, tn.Addr(tn.server.accept(3).Peer.Addr))
}

// With SO_REUSEPORT two listeners share a port; each takes connections while it
// is open, and closing one leaves the other at work.
func TestListenersShareAPort(t *testing.T) {
	for _, which := range []int{3, 4} {
		t.Run(fmt.Sprintf("closing %d", which), func(t *testing.T) {
			tn := newTestNet(t)
			for fd := 3; fd <= 4; fd++ {
				require.Equal(t, fd, tn.server.socket())
				tn.want(tn.server.set(fd, SoReusePort, 1), "0")
				tn.want(tn.server.bind(fd, tn.server.at(testPort)), "0")
				tn.want(tn.server.listen(fd, 5), "0")
			}
			fd := tn.callers(1)[0]
			tn.pass(3 * testDelay)
			tn.client.wantState(fd, fsm.Established)

			tn.want(tn.server.close(which), "0")
			tn.forget()
			fd = tn.callers(1)[0]
			tn.pass(3 * testDelay)
			tn.client.wantState(fd, fsm.Established)
		})
	}
}
