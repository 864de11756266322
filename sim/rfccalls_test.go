package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// answered claims the answer of a call of RFC 9293 3.9.1.
func (tn *testNet) answered(want fsm.Result) func(got fsm.Result, ok bool) {
	return func(got fsm.Result, ok bool) {
		tn.t.Helper()
		require.True(tn.t, ok, "no such descriptor")
		require.Equal(tn.t, want.String(), got.String())
	}
}

// RFC 9293 3.9.1: a conversation in the RFC's own calls.
func TestUserCalls(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		s, c := tn.server, tn.client
		sfd, b := s.bindAs(plainly, Endpoint{Port: testPort})
		tn.want(b, "0")
		cfd := c.socket()
		tn.answered(fsm.OK)(s.Open(sfd, false, Endpoint{}))
		tn.answered(fsm.Unspecified)(c.Open(cfd, true, Endpoint{}))
		tn.answered(fsm.OK)(c.Open(cfd, true, s.at(testPort)))
		tn.answered(fsm.Exists)(c.Open(cfd, true, s.at(testPort)))
		tn.answered(fsm.Queued)(c.Receive(cfd, 10))
		tn.pass(3 * testDelay)
		tn.want(s.accept(sfd), "4")
		tn.answered(fsm.OK)(c.Send(cfd, 10, Endpoint{}))
		tn.pass(testDelay)
		r, st, ok := s.Status(4)
		tn.answered(fsm.OK)(r, ok)
		require.Equal(t, fsm.Established, st)
		tn.answered(fsm.OK)(s.Receive(4, 100))
		tn.answered(fsm.Queued)(s.Receive(4, 100))
		tn.answered(fsm.OK)(c.Close(cfd))
		tn.answered(fsm.ClosingError)(c.Send(cfd, 10, Endpoint{}))
		tn.answered(fsm.OK)(c.Close(cfd))
		tn.pass(testDelay)
		tn.answered(fsm.ClosingError)(s.Receive(4, 100))
		tn.answered(fsm.OK)(s.Close(4))
		tn.answered(fsm.ClosingError)(s.Close(4))
		tn.pass(3 * testDelay)
		s.wantState(4, fsm.Closed)
		c.wantState(cfd, fsm.TimeWait)
		tn.answered(fsm.OK)(c.Abort(cfd))
		tn.answered(fsm.NotExist)(c.Abort(cfd))
		for _, end := range []struct {
			u  user
			fd int
		}{{s, 4}, {c, cfd}} {
			tn.answered(fsm.NotExist)(end.u.Send(end.fd, 1, Endpoint{}))
			tn.answered(fsm.NotExist)(end.u.Receive(end.fd, 1))
			tn.answered(fsm.NotExist)(end.u.Close(end.fd))
		}
		_, ok = c.Close(99)
		require.False(t, ok)
	})
}

// RFC 9293 3.10.5: ABORT on an open connection sends a RST and tells the user.
func TestUserAbort(t *testing.T) {
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		r := u.recv(3, 1)
		tn.answered(fsm.OK)(u.Abort(3))
		tn.wantSent("client R 1:1(0)")
		u.wantState(3, fsm.Closed)
		tn.want(r, "-1 ECONNRESET")
	})
}

// RFC 9293 3.10.1, LISTEN: an active OPEN with a remote socket, and a SEND to one,
// make a listening connection connect.
func TestUserOpenFromListen(t *testing.T) {
	for name, open := range map[string]func(u user, to Endpoint) (fsm.Result, bool){
		"OPEN": func(u user, to Endpoint) (fsm.Result, bool) { return u.Open(3, true, to) },
		"SEND": func(u user, to Endpoint) (fsm.Result, bool) { return u.Send(3, 5, to) },
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTestNet(t)
			tn.server.listener(1)
			require.Equal(t, 3, tn.client.socket())
			tn.want(tn.client.bind(3, Endpoint{Port: 1000}), "0")
			tn.answered(fsm.OK)(tn.client.Open(3, false, Endpoint{}))
			tn.client.wantState(3, fsm.Listen)
			tn.answered(fsm.Unspecified)(tn.client.Open(3, true, Endpoint{}))
			tn.answered(fsm.OK)(open(tn.client, tn.server.at(testPort)))
			tn.client.wantState(3, fsm.SynSent)
			tn.pass(3 * testDelay)
			tn.client.wantState(3, fsm.Established)
			tn.want(tn.server.accept(3), "4")
		})
	}
}

// A listening connection that stops listening leaves nothing behind it: what had
// come for it is dealt with as at close(), and what comes later meets CLOSED.
func TestUserCallsOnListener(t *testing.T) {
	for name, end := range map[string]func(tn *testNet){
		"CLOSE": func(tn *testNet) { tn.answered(fsm.OK)(tn.server.Close(3)) },
		"ABORT": func(tn *testNet) { tn.answered(fsm.OK)(tn.server.Abort(3)) },
		"OPEN":  func(tn *testNet) { tn.answered(fsm.OK)(tn.server.Open(3, true, tn.peerEnd())) },
		"SEND":  func(tn *testNet) { tn.answered(fsm.OK)(tn.server.Send(3, 1, tn.peerEnd())) },
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTestNet(t)
			tn.server.listener(5)
			a := tn.server.accept(3)
			fds := tn.callers(2)
			tn.pass(3 * testDelay)
			tn.want(a, "4 after 30ms")
			fds = append(fds, tn.callers(1)...)
			tn.pass(testDelay)
			tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 2, fsm.SynReceived: 1})
			end(tn)
			require.NoError(t, sound(tn.Network))
			fds = append(fds, tn.callers(1)...)
			tn.pass(4 * testDelay)
			tn.client.wantState(fds[0], fsm.Established)
			for _, fd := range fds[1:] {
				tn.client.wantState(fd, fsm.Closed)
			}
			tn.want(tn.server.say(4, "still"), "5")
			tn.want(tn.server.close(3), "0")
			tn.pass(testDelay)
			tn.wantText(tn.client.recv(fds[0], 9), "still")
		})
	}
}

// A call that waits in accept() ends when its socket listens no more.
func TestUserCloseEndsAccept(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	a := tn.server.accept(3)
	tn.answered(fsm.OK)(tn.server.Close(3))
	require.True(t, a.Done && a.Result == -1, answerOf(a))
	tn.want(tn.server.accept(3), "-1 EINVAL")
	tn.want(tn.server.close(3), "0")
	require.NoError(t, empty(tn.Network))
}

// After a CLOSE call sending is over, for the socket's calls too.
func TestSendAfterUserClose(t *testing.T) {
	inEach(t, states(fsm.Established, fsm.CloseWait), func(tn *testNet, u user) {
		tn.answered(fsm.OK)(u.Close(3))
		tn.want(u.send(3, 5), "-1 EPIPE, SIGPIPE")
		tn.forget()
	})
}
