package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// SHUT_WR is CLOSE: a FIN after the text; send() fails then and recv()
// does not.
func TestShutWr(t *testing.T) {
	for s, next := range map[fsm.State]fsm.State{
		fsm.SynReceived: fsm.FinWait1, fsm.Established: fsm.FinWait1, fsm.CloseWait: fsm.LastAck,
	} {
		inEach(t, states(s), func(tn *testNet, u user) {
			tn.want(u.shutdown(3, ShutWr), "0")
			ack := "1"
			if s == fsm.CloseWait {
				ack = "2"
			}
			tn.wantSent("client F. 1:1(0) ack " + ack)
			u.wantState(3, next)
			tn.want(u.send(3, 1), "-1 EPIPE, SIGPIPE")
			tn.want(u.send(3, 1, MsgNoSignal), "-1 EPIPE")
			if s == fsm.Established {
				tn.peer("P. 1:11(10) ack 2")
				tn.want(u.recv(3, 100), "10")
				tn.forget()
			}
		})
	}
}

// The text that shutdown() finds queued goes before the FIN.
func TestShutWrWithText(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	tn.want(tn.client.send(cfd, 20_000), "20000")
	tn.want(tn.client.shutdown(cfd, ShutWr), "0")
	r := tn.server.recv(sfd, 50_000, MsgWaitAll)
	tn.pass(20 * testDelay)
	require.Equal(t, 20_000, r.Result)
	tn.want(tn.server.recv(sfd, 1), "0")
}

// There is no second FIN, and nothing else either.
func TestShutWrTwice(t *testing.T) {
	inEach(t, states(fsm.FinWait1, fsm.FinWait2, fsm.Closing, fsm.LastAck), func(tn *testNet, u user) {
		st, _ := u.State(3)
		tn.want(u.shutdown(3, ShutWr), "0")
		tn.wantNoneSent()
		u.wantState(3, st)
	})
}

// POSIX: ENOTCONN where there is no connection; whatever
// is there stays, and SO_ERROR too.
func TestShutdownNotConnected(t *testing.T) {
	for _, how := range []How{ShutRd, ShutWr, ShutRdWr} {
		inEach(t, states(fsm.Closed, fsm.Listen, fsm.SynSent), func(tn *testNet, u user) {
			st, _ := u.State(3)
			tn.want(u.shutdown(3, how), "-1 ENOTCONN")
			tn.wantNoneSent()
			u.wantState(3, st)
		})
		tn := inState(t, fsm.Established)
		tn.peer("R 1:1(0)")
		tn.want(tn.client.shutdown(3, how), "-1 ENOTCONN")
		tn.client.wantError(3, ECONNRESET)
	}
}

// A listener that shutdown() has failed on still listens.
func TestShutdownListener(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(2)
	a := tn.server.accept(3)
	tn.want(tn.server.shutdown(3, ShutRdWr), "-1 ENOTCONN")
	tn.want(a, "waits")
	tn.callers(1)
	tn.pass(3 * testDelay)
	tn.want(a, "4 after 30ms")
}

// SHUT_RD sends nothing. What is on hand can be read, then the end is
// found; a call that waits returns 0. What comes later is acknowledged, and can
// be read; a FIN counts.
func TestShutRd(t *testing.T) {
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		tn.peer("P. 1:6(5) ack 1")
		tn.forget()
		tn.want(u.shutdown(3, ShutRd), "0")
		tn.wantNoneSent()
		u.wantState(3, fsm.Established)
		tn.want(u.recv(3, 100), "5")
		tn.want(u.recv(3, 100), "0")
		tn.peer("P. 6:16(10) ack 1")
		tn.pass(testDelay * 30)
		tn.wantSent("client . 1:1(0) ack 16")
		tn.want(u.recv(3, 100), "10")
		tn.want(u.recv(3, 100), "0")
		tn.want(u.send(3, 5), "5")
		tn.wantSent("client P. 1:6(5) ack 16")
		tn.peer("F. 16:16(0) ack 6")
		u.wantState(3, fsm.CloseWait)
		tn.wantSent("client . 6:6(0) ack 17")
	})
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		r := u.recv(3, 100)
		tn.want(u.dup(3), "4")
		tn.want(u.shutdown(4, ShutRd), "0")
		tn.want(r, "0")
	})
}

// SHUT_RDWR does both. The descriptor is still there, so text that comes
// is taken: nobody has closed.
func TestShutRdWr(t *testing.T) {
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		r := u.recv(3, 100)
		tn.want(u.shutdown(3, ShutRdWr), "0")
		tn.wantSent("client F. 1:1(0) ack 1")
		tn.want(r, "0")
		tn.want(u.send(3, 1), "-1 EPIPE, SIGPIPE")
		tn.want(u.recv(3, 100), "0")
		tn.peer(". 1:1(0) ack 2")
		u.wantState(3, fsm.FinWait2)
		tn.peer("F. 1:1(0) ack 2")
		u.wantState(3, fsm.TimeWait)
		tn.forget()
	})
}

// shutdown() is for all descriptors of a connection, and none is closed.
func TestShutdownShared(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	child := tn.client.fork()
	tn.want(child.shutdown(cfd, ShutWr), "0")
	tn.want(tn.client.send(cfd, 1), "-1 EPIPE, SIGPIPE")
	tn.pass(5 * testDelay)
	tn.server.wantState(sfd, fsm.CloseWait)
	tn.want(tn.server.say(sfd, "reply"), "5")
	tn.pass(testDelay)
	tn.wantText(tn.client.recv(cfd, 9), "reply")
	tn.want(child.close(cfd), "0")
	tn.client.wantState(cfd, fsm.FinWait2)
}

// A send that waits for room ends when the direction is shut: with what it has
// sent, or EPIPE.
func TestShutWrWakesSend(t *testing.T) {
	for sent, answer := range map[int]string{0: "-1 EPIPE, SIGPIPE after 10ms", 100: "1000 after 10ms"} {
		tn := inState(t, fsm.Established, system(func(s *System) { s.TCP.SndBuf = 1000 }))
		tn.peer(". 1:1(0) ack 1", window(0))
		if sent == 0 {
			tn.want(tn.client.send(3, 1000), "1000")
		}
		c := tn.client.send(3, 1000+sent)
		tn.want(c, "waits")
		tn.pass(testDelay)
		tn.want(tn.client.shutdown(3, ShutWr), "0")
		tn.want(c, answer)
	}
}
