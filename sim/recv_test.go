package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// recv() waits for the first octets and gives what is there.
func TestRecvWaits(t *testing.T) {
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		c := u.recv(3, 100)
		tn.pass(50 * time.Millisecond)
		tn.want(c, "waits")
		tn.peer("P. 1:6(5) ack 1")
		tn.want(c, "5 after 50ms")
		tn.wantText(c, "abcde")
		tn.peer("P. 6:16(10) ack 1")
		tn.wantText(u.recv(3, 3), "fgh")
		tn.wantText(u.recv(3, 3), "ijk")
		tn.wantText(u.recv(3, 100), "lmno")
	})
}

// Of two that wait the first gets what comes.
func TestRecvOrder(t *testing.T) {
	tn := inState(t, fsm.Established)
	a, b := tn.client.recv(3, 3), tn.client.recv(3, 3)
	tn.peer("P. 1:3(2) ack 1")
	tn.want(a, "2")
	tn.want(b, "waits")
	tn.peer("P. 3:4(1) ack 1")
	tn.wantText(b, "c")
	a, b = tn.client.recv(3, 3), tn.client.recv(3, 3)
	tn.peer("P. 4:9(5) ack 1")
	tn.wantText(a, "def")
	tn.wantText(b, "gh")
}

// The first check that applies tells: text, then the peer's FIN, then the
// error, once, then ENOTCONN.
func TestRecvOrderOfChecks(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		timeout := system(func(s *System) { *s = sys; s.TCP.UserTimeout = time.Second })

		// Text, then the error of a timeout, once, then ENOTCONN.
		tn := inState(t, fsm.Established, timeout)
		tn.peer("P. 1:6(5) ack 1")
		tn.want(tn.client.send(3, 1), "1")
		tn.pass(time.Minute)
		tn.client.wantState(3, fsm.Closed)
		tn.want(tn.client.recv(3, 2), "2")
		tn.want(tn.client.recv(3, 100), "3")
		tn.want(tn.client.recv(3, 100), "-1 ETIMEDOUT")
		tn.want(tn.client.recv(3, 100), "-1 ENOTCONN")
		tn.client.wantError(3, OK)

		// Text, then the FIN: the error is not for recv().
		tn = inState(t, fsm.Established, timeout)
		tn.peer("FP. 1:6(5) ack 1")
		tn.want(tn.client.send(3, 1), "1")
		tn.pass(time.Minute)
		tn.client.wantState(3, fsm.Closed)
		tn.want(tn.client.recv(3, 100), "5")
		tn.want(tn.client.recv(3, 100), "0")
		tn.want(tn.client.recv(3, 100), "0")
		tn.client.wantError(3, ETIMEDOUT)

		// The FIN, although the connection was reset behind it.
		tn = inState(t, fsm.CloseWait, under(sys))
		tn.peer("R 2:2(0)")
		tn.want(tn.client.recv(3, 100), "0")
		tn.want(tn.client.send(3, 1), "-1 ECONNRESET")
		tn.want(tn.client.send(3, 1), "-1 ENOTCONN")
		tn.want(tn.client.recv(3, 100), "0")

		// A RST throws away what was not read (RFC 9293 3.10.7.4 second).
		tn = inState(t, fsm.Established, under(sys))
		tn.peer("P. 1:6(5) ack 1")
		tn.peer("R 6:6(0)")
		tn.want(tn.client.recv(3, 100), "-1 ECONNRESET")
		tn.want(tn.client.recv(3, 100), "-1 ENOTCONN")
	})
}

// Nothing to read, by state: POSIX ENOTCONN without a connection.
func TestRecvByState(t *testing.T) {
	for s, want := range map[fsm.State]string{
		fsm.Closed: "-1 ENOTCONN", fsm.Listen: "-1 ENOTCONN", fsm.SynSent: "-1 EAGAIN", fsm.SynReceived: "-1 EAGAIN",
		fsm.Established: "-1 EAGAIN", fsm.FinWait1: "-1 EAGAIN", fsm.FinWait2: "-1 EAGAIN", fsm.CloseWait: "0",
		fsm.Closing: "0", fsm.LastAck: "0", fsm.TimeWait: "0",
	} {
		inEach(t, states(s), func(tn *testNet, u user) {
			tn.want(u.recv(3, 10, MsgDontWait), want)
			u.nonblocking(3, true)
			tn.want(u.recv(3, 10), want)
			tn.wantNoneSent()
			u.wantState(3, s)
		})
	}
}

// The end of the stream is found again and again, after the connection is over
// too; so are the octets before it.
func TestRecvEnd(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.FinWait2, under(sys))
		tn.peer("FP. 1:6(5) ack 2")
		tn.pass(5 * time.Minute)
		tn.client.wantState(3, fsm.Closed)
		tn.want(tn.client.recv(3, 2), "2")
		tn.want(tn.client.recv(3, 100), "3")
		tn.want(tn.client.recv(3, 100), "0")
		tn.want(tn.client.recv(3, 100), "0")
		tn.want(tn.client.close(3), "0")
		require.NoError(t, empty(tn.Network))
	})
}

// Asking a socket for something else does not lose what can still be read when
// its connection is over.
func TestRecvAfterOtherCalls(t *testing.T) {
	for name, ask := range map[string]func(u user){
		"SO_ERROR":  func(u user) { u.get(3, SoError) },
		"SO_RCVBUF": func(u user) { u.get(3, SoRcvBuf) },
		"setsockopt": func(u user) {
			u.set(3, TCPNoDelay, 1)
		},
		"SIOCINQ":  func(u user) { u.do(Call{Op: OpUnread, FD: 3}) },
		"SIOCOUTQ": func(u user) { u.do(Call{Op: OpUnsent, FD: 3}) },
		"poll":     func(u user) { u.events(3) },
		"STATUS":   func(u user) { u.Status(3) },
		"send":     func(u user) { u.send(3, 1) },
		"tcp_info": func(u user) { u.Info(3) },
	} {
		t.Run(name, func(t *testing.T) {
			tn := inState(t, fsm.FinWait2)
			tn.peer("FP. 1:6(5) ack 2")
			tn.pass(5 * time.Minute)
			tn.client.wantState(3, fsm.Closed)
			ask(tn.client)
			tn.want(tn.client.recv(3, 100), "5")
			tn.want(tn.client.recv(3, 100), "0")
			tn.want(tn.client.close(3), "0")
			require.NoError(t, empty(tn.Network))
		})
	}
}

// MSG_PEEK looks and leaves; the window stays closed.
func TestRecvPeek(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.peer("P. 1:6(5) ack 1")
	for range 3 {
		tn.wantText(tn.client.recv(3, 100, MsgPeek), "abcde")
		tn.wantText(tn.client.recv(3, 2, MsgPeek), "ab")
	}
	tn.wantText(tn.client.recv(3, 2), "ab")
	tn.wantText(tn.client.recv(3, 100, MsgPeek), "cde")
	tn.wantText(tn.client.recv(3, 100), "cde")
	tn.want(tn.client.recv(3, 100, MsgPeek|MsgDontWait), "-1 EAGAIN")
	c := tn.client.recv(3, 100, MsgPeek)
	tn.peer("P. 6:7(1) ack 1")
	tn.wantText(c, "f")
	tn.wantText(tn.client.recv(3, 100), "f")
}

// MSG_WAITALL waits for all octets that were asked for. It gives fewer when the
// stream ends, the connection does, or it must not wait: and then what there is,
// not an error (POSIX recv).
func TestRecvWaitAll(t *testing.T) {
	start := func(flags MsgFlags) (*testNet, *Call) {
		tn := inState(t, fsm.Established)
		tn.peer("P. 1:6(5) ack 1")
		return tn, tn.client.recv(3, 10, MsgWaitAll|flags)
	}
	tn, c := start(0)
	tn.want(c, "waits")
	tn.peer("P. 6:8(2) ack 1")
	tn.want(c, "waits")
	tn.peer("P. 8:16(8) ack 1")
	tn.wantText(c, "abcdefghij")
	tn.wantText(tn.client.recv(3, 100), "klmno")

	tn, c = start(0)
	tn.peer("F. 6:6(0) ack 1")
	tn.want(c, "5")
	tn.want(tn.client.recv(3, 10), "0")

	tn, c = start(0)
	tn.peer("R 6:6(0)")
	tn.want(c, "5")
	tn.want(tn.client.recv(3, 10), "-1 ECONNRESET")

	tn, c = start(0)
	tn.client.shutdown(3, ShutRd)
	tn.want(c, "5")

	tn, c = start(MsgDontWait)
	tn.want(c, "5")
	tn.wantText(c, "abcde")

	tn, c = start(MsgPeek)
	tn.want(c, "5")
	tn.wantText(tn.client.recv(3, 10), "abcde")
}

// MSG_TRUNC throws the octets away (tcp(7)).
func TestRecvTrunc(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.peer("P. 1:11(10) ack 1")
	c := tn.client.recv(3, 4, MsgTrunc)
	tn.want(c, "4")
	require.Empty(t, c.Got)
	tn.wantText(tn.client.recv(3, 100), "efghij")
}

// SO_RCVTIMEO: a receive that finds nothing in its time fails with EAGAIN; one
// that has got something gives it (POSIX 2.10.16).
func TestRecvTimeout(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.want(tn.client.set(3, SoRcvTimeo, 100), "0")
	c := tn.client.recv(3, 10)
	tn.pass(time.Second)
	tn.want(c, "-1 EAGAIN after 100ms")
	c = tn.client.recv(3, 10, MsgWaitAll)
	tn.peer("P. 1:6(5) ack 1")
	tn.pass(time.Second)
	tn.want(c, "5 after 100ms")
	tn.wantText(c, "abcde")
	tn.want(tn.client.recv(3, 10, MsgDontWait), "-1 EAGAIN")

	c = tn.client.recv(3, 10)
	tn.pass(99 * time.Millisecond)
	tn.peer("P. 6:7(1) ack 1")
	tn.want(c, "1 after 99ms")
	tn.want(tn.client.set(3, SoRcvTimeo, 0), "0")
	c = tn.client.recv(3, 10)
	tn.pass(time.Hour)
	tn.want(c, "waits")
}

// A Call may be used again when it is done: its limits count anew.
func TestCallAgain(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.client.set(3, SoRcvTimeo, 100)
	c := &Call{Op: OpRecv, FD: 3, N: 10}
	tn.client.Call(c)
	tn.peer("P. 1:6(5) ack 1")
	tn.want(c, "5")
	tn.client.Call(c)
	tn.want(c, "waits")
	tn.pass(time.Second)
	tn.want(c, "-1 EAGAIN after 100ms")
	tn.client.Call(c)
	tn.pass(time.Second)
	tn.want(c, "-1 EAGAIN after 100ms")
}

// The room that recv() makes is offered to the peer.
func TestRecvOpensWindow(t *testing.T) {
	tn := newTestNet(t, system(func(s *System) { s.TCP.RcvBuf = 4000 }))
	cfd, sfd := tn.connected()
	tn.want(tn.client.send(cfd, 10_000), "10000")
	tn.pass(time.Second)
	got := 0
	for got < 10_000 {
		c := tn.server.recv(sfd, 4000)
		tn.pass(time.Second)
		require.True(t, c.Done, "the window opens")
		got += c.Result
	}
}
