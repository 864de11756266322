package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// shutdown(SHUT_RD) by system. Nothing leaves at the call; Linux still delivers what
// comes, FreeBSD acknowledges it and throws it away, Winsock resets the connection.
func TestShutRdBySystem(t *testing.T) {
	for name, want := range map[string]struct{ recv, sent, after string }{
		"rfc9293":     {"0", "client . 1:1(0) ack 11", "10"},
		"linux":       {"0", "client . 1:1(0) ack 11", "10"},
		"freebsd":     {"0", "client . 1:1(0) ack 11", "0"},
		"darwin":      {"0", "client . 1:1(0) ack 11", "0"},
		"windows":     {"-1 WSAESHUTDOWN", "client R 1:1(0)", "-1 WSAESHUTDOWN"},
		"windows2000": {"-1 WSAESHUTDOWN", "client R 1:1(0)", "-1 WSAESHUTDOWN"},
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := inState(t, fsm.Established, under(sys))
			r := tn.client.recv(3, 100)
			tn.want(tn.client.shutdown(3, ShutRd), "0")
			tn.want(r, want.recv)
			tn.wantNoneSent()
			tn.client.wantState(3, fsm.Established)
			tn.want(tn.client.recv(3, 100), want.recv)
			tn.peer("P. 1:11(10) ack 1")
			tn.pass(300 * time.Millisecond)
			tn.wantSent(want.sent)
			tn.want(tn.client.recv(3, 100), want.after)
			if sys.Winsock {
				tn.client.wantState(3, fsm.Closed)
				tn.want(tn.client.send(3, 1), "-1 WSAECONNRESET")
				return
			}
			tn.peer("F. 11:11(0) ack 1")
			tn.client.wantState(3, fsm.CloseWait)
			tn.want(tn.client.send(3, 1), "1")
			tn.forget()
		})
	}
}

// What is thrown away makes room again: the window does not close.
func TestShutRdKeepsTheWindowOpen(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		cfd, sfd := tn.connected()
		tn.want(tn.server.shutdown(sfd, ShutRd), "0")
		c := tn.client.send(cfd, 500_000)
		tn.pass(time.Minute)
		require.Equal(t, 500_000, c.Result)
		tn.want(tn.client.close(cfd), "0")
		tn.pass(time.Minute)
		tn.server.wantState(sfd, fsm.CloseWait)
		tn.want(tn.server.recv(sfd, 1), "0")
	}, "freebsd", "darwin")
}

// shutdown(SHUT_RD) over unread text: it can be read, it is gone, or the connection is
// reset at once.
func TestShutRdUnread(t *testing.T) {
	for name, want := range map[string]struct {
		sent []string
		recv string
	}{
		"rfc9293": {nil, "10"}, "linux": {nil, "10"}, "freebsd": {nil, "0"}, "darwin": {nil, "0"},
		"windows":     {[]string{"client R. 1:1(0) ack 11"}, "-1 WSAESHUTDOWN"},
		"windows2000": {[]string{"client R. 1:1(0) ack 11"}, "-1 WSAESHUTDOWN"},
	} {
		for _, how := range []How{ShutRd, ShutRdWr} {
			t.Run(name, func(t *testing.T) {
				sys, _ := Profile(name)
				tn := inState(t, fsm.Established, under(sys))
				tn.peer("P. 1:11(10) ack 1")
				tn.pass(300 * time.Millisecond)
				tn.forget()
				tn.want(tn.client.shutdown(3, how), "0")
				sent := want.sent
				if how == ShutRdWr && sent == nil {
					sent = []string{"client F. 1:1(0) ack 11"}
				}
				tn.wantSent(sent...)
				tn.want(tn.client.recv(3, 100), want.recv)
				switch {
				case sys.Winsock && how == ShutRdWr:
					tn.want(tn.client.send(3, 1), "-1 WSAESHUTDOWN")
				case sys.Winsock:
					tn.want(tn.client.send(3, 1), "-1 WSAECONNRESET")
				}
			})
		}
	}
}

// In TIME-WAIT there is nothing left to be reset: it lasts, unread text or not.
func TestShutRdUnreadTimeWait(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.FinWait2, under(sys))
		tn.peer("FP. 1:11(10) ack 2")
		tn.client.wantState(3, fsm.TimeWait)
		tn.forget()
		tn.want(tn.client.shutdown(3, ShutRd), "0")
		tn.want(tn.client.recv(3, 100), "-1 WSAESHUTDOWN")
		tn.wantNoneSent()
		tn.pass(sys.TCP.TimeWait - 1)
		tn.client.wantState(3, fsm.TimeWait)
		tn.pass(1)
		tn.client.wantState(3, fsm.Closed)
		tn.wantNoneSent()
	}, "windows", "windows2000")
}

// Text after shutdown() of both directions, the descriptor being open.
func TestShutRdWrBySystem(t *testing.T) {
	for name, want := range map[string]struct {
		sent  string
		state fsm.State
		error Errno
	}{
		"linux":   {"client R 2:2(0)", fsm.Closed, ECONNRESET},
		"freebsd": {"client . 2:2(0) ack 11", fsm.FinWait2, OK},
		"darwin":  {"client . 2:2(0) ack 11", fsm.FinWait2, OK},
		"windows": {"client R 2:2(0)", fsm.Closed, ECONNRESET}, "windows2000": {"client R 2:2(0)", fsm.Closed, ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := inState(t, fsm.Established, under(sys))
			tn.want(tn.client.shutdown(3, ShutRdWr), "0")
			tn.wantSent("client F. 1:1(0) ack 1")
			tn.peer(". 1:1(0) ack 2")
			tn.peer("P. 1:11(10) ack 2")
			tn.pass(300 * time.Millisecond)
			tn.wantSent(want.sent)
			tn.client.wantState(3, want.state)
			tn.client.wantError(3, want.error)
		})
	}
}

// shutdown() of a socket that listens: Linux stops listening, the others refuse; FreeBSD
// ends accept() all the same, unless only sending is shut.
func TestShutdownListenerBySystem(t *testing.T) {
	for name, want := range map[string]map[How][3]string{ // the answer, that of accept(), and of connect()
		"rfc9293": {ShutRd: {"-1 ENOTCONN", "waits", "0"}, ShutWr: {"-1 ENOTCONN", "waits", "0"}, ShutRdWr: {"-1 ENOTCONN", "waits", "0"}},
		"linux":   {ShutRd: {"0", "-1 EINVAL", "-1 ECONNREFUSED"}, ShutWr: {"0", "waits", "0"}, ShutRdWr: {"0", "-1 EINVAL", "-1 ECONNREFUSED"}},
		"freebsd": {
			ShutRd: {"-1 ENOTCONN", "-1 ECONNABORTED", "0"}, ShutWr: {"-1 ENOTCONN", "waits", "0"},
			ShutRdWr: {"-1 ENOTCONN", "-1 ECONNABORTED", "0"},
		},
		"darwin": {
			ShutRd: {"-1 ENOTCONN", "waits", "0"}, ShutWr: {"-1 ENOTCONN", "waits", "0"},
			ShutRdWr: {"-1 ENOTCONN", "waits", "0"},
		},
		"windows": {
			ShutRd: {"-1 WSAENOTCONN", "waits", "0"}, ShutWr: {"-1 WSAENOTCONN", "waits", "0"},
			ShutRdWr: {"-1 WSAENOTCONN", "waits", "0"},
		},
		"windows2000": {ShutRd: {"-1 WSAENOTCONN", "waits", "0"}, ShutRdWr: {"-1 WSAENOTCONN", "waits", "0"}},
	} {
		for how, answers := range want {
			t.Run(name, func(t *testing.T) {
				sys, _ := Profile(name)
				tn := newTestNet(t, under(sys))
				tn.server.listener(5)
				a := tn.server.accept(3)
				tn.want(tn.server.shutdown(3, how), answers[0])
				tn.want(a, answers[1])
				c := tn.client.connect(tn.client.socket(), tn.server.at(testPort))
				tn.pass(2 * testDelay)
				tn.want(c, answers[2]+" after 20ms")
				if a.Done { // another accept() finds what this one did not
					return
				}
				tn.pass(testDelay)
				require.True(t, a.Done)
			})
		}
	}
}

// A listener that stops resets what waits to be accepted; listen() begins anew.
func TestShutdownStopsListener(t *testing.T) {
	tn := newTestNet(t, under(Linux()))
	tn.server.listener(5)
	tn.callers(1)
	tn.pass(3 * testDelay)
	tn.forget()
	tn.want(tn.server.shutdown(3, ShutRd), "0")
	tn.wantSent("server R. 1:1(0) ack 1")
	tn.server.wantState(3, fsm.Closed)
	tn.want(tn.server.listen(3, 5), "0")
	tn.callers(1)
	tn.pass(3 * testDelay)
	tn.want(tn.server.accept(3), "4")
	tn.forget()
	tn.claims = false
}

// shutdown() while connect() waits: refused, the end of it, or a FIN behind the
// handshake.
func TestShutdownSynSentBySystem(t *testing.T) {
	for name, want := range map[string]struct {
		answer  string
		state   fsm.State
		opened  []string // what the SYN,ACK draws
		becomes fsm.State
		error   Errno
	}{
		"rfc9293":     {"-1 ENOTCONN", fsm.SynSent, []string{"client . 1:1(0) ack 1"}, fsm.Established, OK},
		"linux":       {"0", fsm.Closed, []string{"client R 1:1(0)"}, fsm.Closed, ECONNRESET},
		"freebsd":     {"0", fsm.SynSent, []string{"client F. 1:1(0) ack 1"}, fsm.FinWait1, OK},
		"darwin":      {"0", fsm.SynSent, []string{"client F. 1:1(0) ack 1"}, fsm.FinWait1, OK},
		"windows":     {"-1 WSAENOTCONN", fsm.SynSent, []string{"client . 1:1(0) ack 1"}, fsm.Established, OK},
		"windows2000": {"-1 WSAENOTCONN", fsm.SynSent, []string{"client . 1:1(0) ack 1"}, fsm.Established, OK},
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := inState(t, fsm.SynSent, under(sys))
			tn.want(tn.client.shutdown(3, ShutWr), want.answer)
			tn.wantNoneSent()
			tn.client.wantState(3, want.state)
			tn.peer("S. 0:0(0) ack 1")
			tn.wantSent(want.opened...)
			tn.client.wantState(3, want.becomes)
			tn.client.wantError(3, want.error)
			if want.becomes == fsm.FinWait1 {
				tn.want(tn.client.send(3, 1), "-1 EPIPE, SIGPIPE")
				tn.want(tn.client.shutdown(3, ShutWr), "0")
				tn.peer(". 1:1(0) ack 2")
				tn.client.wantState(3, fsm.FinWait2)
				tn.wantNoneSent()
			}
		})
	}
}

// In SYN-RECEIVED of a connection that both sides open BSD's FIN waits for the handshake
// too; elsewhere it leaves at once.
func TestShutdownSynReceivedBySystem(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.SynReceived, under(sys))
		tn.want(tn.client.shutdown(3, ShutWr), "0")
		if sys.ShutdownFinLater {
			tn.wantNoneSent()
			tn.client.wantState(3, fsm.SynReceived)
			tn.peer(". 1:1(0) ack 1")
		}
		tn.wantSent("client F. 1:1(0) ack 1")
		tn.client.wantState(3, fsm.FinWait1)
	}, "rfc9293", "linux", "freebsd", "darwin")
}

// A second shutdown(SHUT_WR) sends nothing, and on a connection that is over it is
// refused, under every system.
func TestShutdownTwiceBySystem(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.FinWait2, under(sys))
		tn.want(tn.client.shutdown(3, ShutWr), "0")
		tn.wantNoneSent()
		tn.client.wantState(3, fsm.FinWait2)

		tn = inState(t, fsm.LastAck, under(sys))
		tn.peer(". 2:2(0) ack 2")
		tn.client.wantState(3, fsm.Closed)
		tn.wantFail(tn.client.shutdown(3, ShutWr), ENOTCONN)
		tn.forget()
	}, Profiles()...)
}
