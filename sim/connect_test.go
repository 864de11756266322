package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// connect() waits for the handshake; SEND and RECEIVE work at once after it.
func TestConnect(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(1)
		fd := tn.client.socket()
		c := tn.client.connect(fd, tn.server.at(testPort))
		tn.want(c, "waits")
		tn.client.wantState(fd, fsm.SynSent)
		tn.pass(testDelay)
		tn.want(c, "waits")
		tn.pass(testDelay)
		tn.want(c, "0 after 20ms")
		tn.pass(testDelay)
		tn.wantSent("client S 0:0(0)", "server S. 0:0(0) ack 1", "client . 1:1(0) ack 1")
		tn.client.wantState(fd, fsm.Established)
		a := tn.server.accept(3)
		tn.want(a, "4")
		require.Equal(t, clientAddr, tn.Addr(a.Peer.Addr))
	})
}

// A port at which nobody listens refuses. The socket can be used again:
// its options are those that were set.
func TestConnectRefused(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		fd := tn.client.socket()
		c := tn.client.connect(fd, tn.server.at(testPort))
		tn.pass(2 * testDelay)
		tn.want(c, "-1 ECONNREFUSED after 20ms")
		tn.wantSent("client S 0:0(0)", "server R. 0:0(0) ack 1")
		tn.client.wantState(fd, fsm.Closed)
		tn.client.wantError(fd, OK) // connect() has told it
		tn.want(tn.client.recv(fd, 1), "-1 ENOTCONN")
		tn.want(tn.client.send(fd, 1), "-1 ENOTCONN")
		tn.want(tn.client.shutdown(fd, ShutWr), "-1 ENOTCONN")

		tn.server.listener(1)
		c = tn.client.connect(fd, tn.server.at(testPort))
		tn.pass(3 * testDelay)
		tn.want(c, "0 after 20ms")
		tn.forget()
	})
}

// On FreeBSD a connection that was refused is over as one that was reset: send() finds
// EPIPE. Where there has been none yet it is ENOTCONN.
func TestSendAfterRefusal(t *testing.T) {
	for _, sys := range []System{FreeBSD(), Darwin()} {
		tn := newTestNet(t, under(sys))
		fd := tn.client.socket()
		tn.want(tn.client.send(fd, 1), "-1 ENOTCONN")
		c := tn.client.connect(fd, tn.server.at(testPort))
		tn.pass(2 * testDelay)
		tn.want(c, "-1 ECONNREFUSED after 20ms")
		tn.want(tn.client.send(fd, 1), "-1 EPIPE, SIGPIPE")
	}
}

// POSIX 2.10.16: options are the socket's, and hold whatever becomes of its
// connections.
func TestOptionsOutliveConnection(t *testing.T) {
	options := []struct {
		option Option
		value  int
	}{
		{SoReuseAddr, 1}, {SoKeepAlive, 1}, {SoRcvBuf, 5000}, {SoSndBuf, 6000}, {SoRcvTimeo, 7000}, {TCPNoDelay, 1},
		{TCPKeepIdle, 8}, {TCPKeepIntvl, 9}, {TCPKeepCnt, 3}, {TCPUserTimeout, 12000}, {TCPMaxSeg, 600},
	}
	tn := newTestNet(t)
	fd := tn.client.socket()
	for _, o := range options {
		tn.want(tn.client.set(fd, o.option, o.value), "0")
	}
	c := tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(2 * testDelay)
	tn.want(c, "-1 ECONNREFUSED after 20ms")
	tn.server.listener(1)
	tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.client.wantState(fd, fsm.Established)
	for _, o := range options {
		require.Equal(t, o.value, tn.client.get(fd, o.option).Value, "%v", o.option)
	}
}

// Nobody answers. RFC 9293 gives a SYN up at R2, 180 s or more (MUST-23),
// RFC 793 when its user timeout of 300 s is over; no RST tells of it.
func TestConnectTimesOut(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	c := tn.client.connect(fd, tn.peerEnd())
	tn.settle()
	tn.want(c, "-1 ETIMEDOUT after 3m3s")
	var at []time.Duration
	for _, r := range tn.records(Sent) {
		require.Equal(t, "S 0:0(0)", r.Packet.Relative().Header())
		at = append(at, time.Duration(r.At)/time.Second)
	}
	require.Equal(t, []time.Duration{0, 1, 3, 7, 15, 31, 63, 123}, at)
	tn.client.wantError(fd, OK)

	tn = newTestNet(t, under(RFC793()))
	c = tn.client.connect(tn.client.socket(), tn.peerEnd())
	tn.settle()
	tn.want(c, "-1 ETIMEDOUT after 5m0s")
}

// A non-blocking connect() is in progress, and another one finds it so;
// When it is over the socket is connected.
func TestConnectNonblocking(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(1)
		fd := tn.client.socket()
		tn.want(tn.client.nonblocking(fd, true), "0")
		tn.want(tn.client.connect(fd, tn.server.at(testPort)), "-1 EINPROGRESS")
		tn.want(tn.client.connect(fd, tn.server.at(testPort)), "-1 EALREADY")
		require.Zero(t, tn.client.events(fd))
		tn.pass(3 * testDelay)
		require.Equal(t, PollOut, tn.client.events(fd))
		tn.client.wantError(fd, OK)
		tn.want(tn.client.connect(fd, tn.server.at(testPort)), "-1 EISCONN")
		tn.wantSent("client S 0:0(0)", "server S. 0:0(0) ack 1", "client . 1:1(0) ack 1")
	})
}

// A refusal of a non-blocking connect() is SO_ERROR's, once.
func TestConnectNonblockingRefused(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	tn.client.nonblocking(fd, true)
	tn.want(tn.client.connect(fd, tn.server.at(testPort)), "-1 EINPROGRESS")
	tn.pass(2 * testDelay)
	require.Equal(t, PollIn|PollOut|PollErr|PollHup|PollRdHup, tn.client.events(fd))
	tn.client.wantError(fd, ECONNREFUSED)
	tn.client.wantError(fd, OK)
	require.Equal(t, PollIn|PollOut|PollHup|PollRdHup, tn.client.events(fd))
}

// POSIX connect(): EALREADY, EISCONN, EOPNOTSUPP by the state of the socket,
// half-closed ones included.
func TestConnectAgain(t *testing.T) {
	for s, want := range map[fsm.State]string{
		fsm.Listen: "-1 EOPNOTSUPP", fsm.SynSent: "-1 EALREADY", fsm.SynReceived: "-1 EALREADY",
		fsm.Established: "-1 EISCONN", fsm.FinWait1: "-1 EISCONN", fsm.FinWait2: "-1 EISCONN", fsm.CloseWait: "-1 EISCONN",
		fsm.Closing: "-1 EISCONN", fsm.LastAck: "-1 EISCONN", fsm.TimeWait: "-1 EISCONN",
	} {
		t.Run(s.String(), func(t *testing.T) {
			tn := inState(t, s)
			tn.want(tn.client.connect(3, tn.server.at(testPort)), want)
			tn.wantNoneSent()
			tn.client.wantState(3, s)
		})
	}
}

// There is a connection with these endpoints already, in
// whatever state; POSIX: EADDRINUSE.
func TestConnectSameTuple(t *testing.T) {
	for _, s := range []fsm.State{
		fsm.SynSent, fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait, fsm.Closing, fsm.LastAck,
		fsm.TimeWait,
	} {
		t.Run(s.String(), func(t *testing.T) {
			tn := inState(t, s)
			fd := tn.client.socket()
			tn.want(tn.client.set(fd, SoReuseAddr, 1), "0")
			tn.want(tn.client.bind(fd, Endpoint{Port: tn.last.From.Port}), "0")
			tn.want(tn.client.connect(fd, tn.peerEnd()), "-1 EADDRINUSE")
			tn.wantNoneSent()
			tn.client.wantState(3, s)
			tn.client.wantState(fd, fsm.Closed)
			// Another remote endpoint is another connection.
			other := tn.peerEnd()
			other.Port++
			tn.want(tn.client.connect(fd, other), "waits")
			tn.wantSent("client S 0:0(0)")
		})
	}
}

// There is no such remote socket: RFC 9293 3.10.1, "remote socket unspecified".
func TestConnectUnspecified(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	tn.want(tn.client.connect(fd, Endpoint{Port: 80}), "-1 EADDRNOTAVAIL")
	tn.want(tn.client.connect(fd, tn.server.at(0)), "-1 EADDRNOTAVAIL")
	tn.wantNoneSent()
	tn.client.wantState(fd, fsm.Closed)
}

// A host without an address of the family cannot reach the other.
func TestConnectUnreachable(t *testing.T) {
	n := New(Config{})
	four := n.AddHost("four", RFC9293(), clientAddr).Process("")
	six := n.AddHost("six", RFC9293(), serverAddr6)
	fd := four.Call(&Call{Op: OpSocket}).Result
	c := four.Call(&Call{Op: OpConnect, FD: fd, Addr: Endpoint{six.addrs[0], 80}})
	require.Equal(t, "-1 ENETUNREACH", answerOf(c))
	require.NoError(t, sound(n))
}

// RFC 9293 3.5 Figure 7 (MUST-10): both ends connect to each other, and
// there is one connection.
func TestSimultaneousOpen(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		a, b := tn.client.socket(), tn.server.socket()
		tn.want(tn.client.bind(a, tn.client.at(1000)), "0")
		tn.want(tn.server.bind(b, tn.server.at(2000)), "0")
		ca := tn.client.connect(a, tn.server.at(2000))
		cb := tn.server.connect(b, tn.client.at(1000))
		tn.pass(testDelay)
		tn.client.wantState(a, fsm.SynReceived)
		tn.server.wantState(b, fsm.SynReceived)
		tn.pass(testDelay)
		tn.want(ca, "0 after 20ms")
		tn.want(cb, "0 after 20ms")
		tn.wantSent("client S 0:0(0)", "server S 0:0(0)", "server S. 0:0(0) ack 1", "client S. 0:0(0) ack 1")
		tn.want(tn.client.say(a, "to"), "2")
		tn.want(tn.server.say(b, "fro"), "3")
		tn.pass(2 * testDelay)
		tn.wantText(tn.client.recv(a, 9), "fro")
		tn.wantText(tn.server.recv(b, 9), "to")
		tn.client.wantStates(map[fsm.State]int{fsm.Established: 1})
		tn.server.wantStates(map[fsm.State]int{fsm.Established: 1})
		tn.forget()
		tn.claims = false
	})
}

// A socket that connects to itself is a simultaneous open of one end: it
// reads what it has sent.
func TestSelfConnect(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		u := tn.client
		fd := u.socket()
		tn.want(u.bind(fd, u.at(1000)), "0")
		c := u.connect(fd, u.at(1000))
		tn.pass(0)
		tn.want(c, "0")
		u.wantStates(map[fsm.State]int{fsm.Established: 1})
		tn.want(u.say(fd, "echo"), "4")
		tn.pass(0)
		tn.wantText(u.recv(fd, 9), "echo")
		tn.want(u.shutdown(fd, ShutWr), "0")
		tn.pass(time.Second)
		tn.want(u.recv(fd, 9), "0")
		tn.want(u.close(fd), "0")
		tn.settle()
		require.NoError(t, empty(tn.Network))
	})
}

// RFC 9293 3.10.5: connect(AF_UNSPEC) aborts the connection, with a RST
// in the states that have one, and the socket can connect again.
func TestDisconnect(t *testing.T) {
	for s, rst := range map[fsm.State]string{
		fsm.SynSent: "", fsm.SynReceived: "client R 1:1(0)", fsm.Established: "client R 1:1(0)", fsm.FinWait1: "client R 2:2(0)",
		fsm.FinWait2: "client R 2:2(0)", fsm.CloseWait: "client R 1:1(0)", fsm.Closing: "", fsm.LastAck: "",
	} {
		t.Run(s.String(), func(t *testing.T) {
			tn := inState(t, s)
			tn.want(tn.client.disconnect(3), "0")
			if rst == "" {
				tn.wantNoneSent()
			} else {
				tn.wantSent(rst)
			}
			tn.client.wantState(3, fsm.Closed)
			tn.client.wantStates(map[fsm.State]int{})
			tn.server.listener(1)
			c := tn.client.connect(3, tn.server.at(testPort))
			tn.pass(3 * testDelay)
			tn.want(c, "0 after 20ms")
			tn.want(tn.client.send(3, 1), "1")
			tn.forget()
		})
	}
}

// close() in SYN-SENT sends nothing; what answers the SYN later meets
// CLOSED.
func TestCloseInSynSent(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(1)
		fd := tn.client.socket()
		tn.client.nonblocking(fd, true)
		tn.client.connect(fd, tn.server.at(testPort))
		tn.pass(testDelay)
		tn.wantSent("client S 0:0(0)", "server S. 0:0(0) ack 1")
		tn.want(tn.client.close(fd), "0")
		tn.wantNoneSent()
		tn.client.wantStates(map[fsm.State]int{})
		tn.pass(2 * testDelay)
		tn.wantSent("client R 1:1(0)")
		tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1})
		tn.want(tn.server.close(3), "0")
		tn.settle()
		require.NoError(t, empty(tn.Network))
	})
}
