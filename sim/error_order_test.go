package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// each runs a test under each of some systems.
func each(t *testing.T, f func(t *testing.T, s System), names ...string) {
	t.Helper()
	for _, name := range names {
		s, ok := Profile(name)
		require.True(t, ok, name)
		t.Run(name, func(t *testing.T) { f(t, s) })
	}
}

// What recv() looks at first, by system: what is on hand, the peer's FIN, the error of
// the connection, shutdown(). Each row puts several of them before it, and reads
// until nothing new comes.
func TestRecvOrderBySystem(t *testing.T) {
	for _, row := range []struct {
		what string
		set  func(tn *testNet, u user)
		want map[string]string // the answers of one recv() after another
	}{
		{"text, then a RST", func(tn *testNet, _ user) {
			tn.peer("P. 1:6(5) ack 1")
			tn.acks(6)
			tn.peer("R. 6:6(0) ack 1")
		}, map[string]string{
			"rfc9293": "-1 ECONNRESET; -1 ENOTCONN; -1 ENOTCONN",
			"linux":   "5; -1 ECONNRESET; 0",
			"freebsd": "5; -1 ECONNRESET; 0",
			"darwin":  "5; -1 ECONNRESET; 0",
			"windows": "-1 WSAECONNRESET; -1 WSAECONNRESET; -1 WSAECONNRESET",
		}},
		{"text and a FIN, then a RST", func(tn *testNet, _ user) {
			tn.peer("FP. 1:6(5) ack 1")
			tn.acks(7)
			tn.peer("R. 7:7(0) ack 1")
		}, map[string]string{
			"rfc9293": "-1 ECONNRESET; -1 ENOTCONN; -1 ENOTCONN",
			"linux":   "5; 0; 0",
			"freebsd": "5; -1 ECONNRESET; 0",
			"darwin":  "5; -1 ECONNRESET; 0",
			"windows": "-1 WSAECONNABORTED; -1 WSAECONNABORTED; -1 WSAECONNABORTED",
		}},
		{"a FIN, then a RST", func(tn *testNet, _ user) {
			tn.peer("F. 1:1(0) ack 1")
			tn.acks(2)
			tn.peer("R. 2:2(0) ack 1")
		}, map[string]string{
			"rfc9293": "0; 0; 0",
			"linux":   "0; 0; 0",
			"freebsd": "-1 ECONNRESET; 0; 0",
			"darwin":  "-1 ECONNRESET; 0; 0",
			"windows": "-1 WSAECONNABORTED; -1 WSAECONNABORTED; -1 WSAECONNABORTED",
		}},
		{"text and a FIN", func(tn *testNet, _ user) {
			tn.peer("FP. 1:6(5) ack 1")
		}, map[string]string{
			"rfc9293": "5; 0; 0", "linux": "5; 0; 0", "freebsd": "5; 0; 0", "darwin": "5; 0; 0", "windows": "5; 0; 0",
		}},
		{"text, then shutdown(SHUT_RD)", func(tn *testNet, u user) {
			tn.peer("P. 1:6(5) ack 1")
			tn.want(u.shutdown(3, ShutRd), "0")
		}, map[string]string{
			"rfc9293": "5; 0; 0",
			"linux":   "5; 0; 0",
			"freebsd": "0; 0; 0",
			"darwin":  "0; 0; 0",
			"windows": "-1 WSAESHUTDOWN; -1 WSAESHUTDOWN; -1 WSAESHUTDOWN",
		}},
		{"shutdown(SHUT_RD), then a RST", func(tn *testNet, u user) {
			tn.want(u.shutdown(3, ShutRd), "0")
			tn.peer("R. 1:1(0) ack 1")
		}, map[string]string{
			"rfc9293": "-1 ECONNRESET; 0; 0",
			"linux":   "-1 ECONNRESET; 0; 0",
			"freebsd": "-1 ECONNRESET; 0; 0",
			"darwin":  "-1 ECONNRESET; 0; 0",
			"windows": "-1 WSAESHUTDOWN; -1 WSAESHUTDOWN; -1 WSAESHUTDOWN",
		}},
		{"nothing", func(_ *testNet, u user) { u.nonblocking(3, true) }, map[string]string{
			"rfc9293": "-1 EAGAIN; -1 EAGAIN; -1 EAGAIN",
			"linux":   "-1 EAGAIN; -1 EAGAIN; -1 EAGAIN",
			"freebsd": "-1 EAGAIN; -1 EAGAIN; -1 EAGAIN",
			"darwin":  "-1 EAGAIN; -1 EAGAIN; -1 EAGAIN",
			"windows": "-1 WSAEWOULDBLOCK; -1 WSAEWOULDBLOCK; -1 WSAEWOULDBLOCK",
		}},
	} {
		row.want["windows2000"] = row.want["windows"]
		for name, want := range row.want {
			t.Run(row.what+" "+name, func(t *testing.T) {
				sys, _ := Profile(name)
				tn := inState(t, fsm.Established, under(sys))
				row.set(tn, tn.client)
				require.Equal(t, want, thrice(func() *Call { return tn.client.recv(3, 100) }))
				tn.forget()
			})
		}
	}
}

// acks waits until the client has acknowledged so many octets: a RST at the number
// acknowledged last counts under every system.
func (tn *testNet) acks(n uint32) {
	tn.t.Helper()
	tn.pass(300 * time.Millisecond)
	require.Equal(tn.t, n, tn.last.Seg.Ack.Sub(tn.last.AckBase), "acknowledged")
}

// thrice gives the answers of a call that is made three times.
func thrice(call func() *Call) string {
	return fmt.Sprintf("%s; %s; %s", answerOf(call()), answerOf(call()), answerOf(call()))
}

// What recv() says where there is no connection.
func TestRecvNotConnected(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		notConnected := "-1 " + sys.ErrnoName(ENOTCONN)
		for _, s := range states(fsm.Closed, fsm.Listen) {
			tn := inState(t, s, under(sys))
			require.Equal(t, notConnected, answerOf(tn.client.recv(3, 1)), s.String())
		}
		tn := inState(t, fsm.SynSent, under(sys))
		if c := tn.client.recv(3, 1); sys.Winsock {
			tn.want(c, notConnected)
		} else {
			tn.want(c, "waits")
		}
		tn.client.Exit()
	}, Profiles()...)
}

// What send() looks at first, by system.
func TestSendOrderBySystem(t *testing.T) {
	for _, row := range []struct {
		what string
		in   fsm.State
		set  func(tn *testNet, u user)
		want map[string]string
	}{
		{"a RST", fsm.Established, func(tn *testNet, _ user) {
			tn.peer("R. 1:1(0) ack 1")
		}, map[string]string{
			"rfc9293": "-1 ECONNRESET; -1 ENOTCONN; -1 ENOTCONN",
			"linux":   "-1 ECONNRESET; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"freebsd": "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"darwin":  "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"windows": "-1 WSAECONNRESET; -1 WSAECONNRESET; -1 WSAECONNRESET",
		}},
		{"a RST after the FIN", fsm.CloseWait, func(tn *testNet, _ user) {
			tn.acks(2)
			tn.peer("R. 2:2(0) ack 1")
		}, map[string]string{
			"rfc9293": "-1 ECONNRESET; -1 ENOTCONN; -1 ENOTCONN",
			"linux":   "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"freebsd": "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"darwin":  "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"windows": "-1 WSAECONNABORTED; -1 WSAECONNABORTED; -1 WSAECONNABORTED",
		}},
		{"shutdown(SHUT_WR)", fsm.Established, func(tn *testNet, u user) {
			tn.want(u.shutdown(3, ShutWr), "0")
		}, map[string]string{
			"rfc9293": "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"linux":   "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"freebsd": "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"darwin":  "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"windows": "-1 WSAESHUTDOWN; -1 WSAESHUTDOWN; -1 WSAESHUTDOWN",
		}},
		{"shutdown(SHUT_WR), then a RST", fsm.Established, func(tn *testNet, u user) {
			tn.want(u.shutdown(3, ShutWr), "0")
			tn.peer("R. 1:1(0) ack 2")
		}, map[string]string{
			"rfc9293": "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"linux":   "-1 ECONNRESET; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"freebsd": "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"darwin":  "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"windows": "-1 WSAESHUTDOWN; -1 WSAESHUTDOWN; -1 WSAESHUTDOWN",
		}},
		{"the peer's FIN alone", fsm.CloseWait, func(*testNet, user) {}, map[string]string{
			"rfc9293": "1; 1; 1", "linux": "1; 1; 1", "freebsd": "1; 1; 1", "darwin": "1; 1; 1", "windows": "1; 1; 1",
		}},
		{"no connection yet", fsm.Closed, func(*testNet, user) {}, map[string]string{
			"rfc9293": "-1 ENOTCONN; -1 ENOTCONN; -1 ENOTCONN",
			"linux":   "-1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE; -1 EPIPE, SIGPIPE",
			"freebsd": "-1 ENOTCONN; -1 ENOTCONN; -1 ENOTCONN",
			"darwin":  "-1 ENOTCONN; -1 ENOTCONN; -1 ENOTCONN",
			"windows": "-1 WSAENOTCONN; -1 WSAENOTCONN; -1 WSAENOTCONN",
		}},
		{"no room", fsm.Established, func(tn *testNet, u user) {
			u.nonblocking(3, true)
			tn.peer(". 1:1(0) ack 1", window(0))
			for u.send(3, 10_000).Err == OK {
			}
		}, map[string]string{
			"rfc9293": "-1 EAGAIN; -1 EAGAIN; -1 EAGAIN",
			"linux":   "-1 EAGAIN; -1 EAGAIN; -1 EAGAIN",
			"freebsd": "-1 EAGAIN; -1 EAGAIN; -1 EAGAIN",
			"darwin":  "-1 EAGAIN; -1 EAGAIN; -1 EAGAIN",
			"windows": "-1 WSAEWOULDBLOCK; -1 WSAEWOULDBLOCK; -1 WSAEWOULDBLOCK",
		}},
	} {
		row.want["windows2000"] = row.want["windows"]
		for name, want := range row.want {
			t.Run(row.what+" "+name, func(t *testing.T) {
				sys, _ := Profile(name)
				tn := inState(t, row.in, under(sys))
				row.set(tn, tn.client)
				require.Equal(t, want, thrice(func() *Call { return tn.client.send(3, 1) }))
				tn.forget()
			})
		}
	}
}

// The error that send() passes over where EPIPE comes first is there for SO_ERROR and
// for recv().
func TestPipeLeavesTheError(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		for _, ask := range []string{"SO_ERROR", "recv"} {
			tn := inState(t, fsm.Established, under(sys))
			tn.peer("R. 1:1(0) ack 1")
			tn.want(tn.client.send(3, 1), "-1 EPIPE, SIGPIPE")
			if ask == "recv" {
				tn.want(tn.client.recv(3, 1), "-1 ECONNRESET")
			} else {
				tn.client.wantError(3, ECONNRESET)
			}
			tn.client.wantError(3, OK)
		}
	}, "freebsd", "darwin")
}

// An error that stays is told by every call, SO_ERROR and shutdown() included.
func TestErrorStays(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		tn.peer("P. 1:11(10) ack 1")
		require.Equal(t, 10, tn.client.do(Call{Op: OpUnread, FD: 3}).Value)
		tn.acks(11)
		tn.peer("R. 11:11(0) ack 1")
		require.Zero(t, tn.client.do(Call{Op: OpUnread, FD: 3}).Value, "lost")
		for range 2 {
			tn.want(tn.client.recv(3, 1), "-1 WSAECONNRESET")
			tn.want(tn.client.send(3, 1), "-1 WSAECONNRESET")
			tn.want(tn.client.shutdown(3, ShutWr), "-1 WSAECONNRESET")
		}
		tn.client.wantError(3, ECONNRESET) // asking for it clears it, for those who ask
		tn.want(tn.client.recv(3, 1), "-1 WSAECONNRESET")
	}, "windows", "windows2000")
}

// What a call that waits for more had taken before the RST came is not lost.
func TestResetKeepsWhatWasTaken(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		c := tn.client.recv(3, 100, MsgWaitAll)
		tn.peer("P. 1:6(5) ack 1")
		tn.acks(6)
		tn.want(c, "waits")
		tn.peer("R. 6:6(0) ack 1")
		tn.want(c, "5 after 300ms")
		tn.forget()
	}, Profiles()...)
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		c := tn.client.recv(3, 100, MsgWaitAll)
		tn.peer("P. 1:6(5) ack 1")
		tn.want(tn.client.shutdown(3, ShutRd), "0")
		tn.want(c, "5")
		tn.forget()
	}, Profiles()...)
}

// What a connection that dies without a RST is told as, by what it died of.
func TestDeathIsTold(t *testing.T) {
	for name, want := range map[string]struct{ text, keepAlive string }{
		"rfc9293": {"-1 ETIMEDOUT", "-1 ETIMEDOUT"},
		"linux":   {"-1 ETIMEDOUT", "-1 ETIMEDOUT"},
		"freebsd": {"-1 ETIMEDOUT", "-1 ETIMEDOUT"},
		"darwin":  {"-1 ETIMEDOUT", "-1 ETIMEDOUT"},
		"windows": {"-1 WSAECONNABORTED", "-1 WSAENETRESET"}, "windows2000": {"-1 WSAECONNABORTED", "-1 WSAENETRESET"},
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := inState(t, fsm.Established, under(sys))
			tn.want(tn.client.send(3, 10), "10")
			tn.pass(time.Hour)
			tn.want(tn.client.recv(3, 1), want.text)
			tn.forget()

			tn = inState(t, fsm.Established, under(sys))
			tn.want(tn.client.set(3, SoKeepAlive, 1), "0")
			tn.pass(3 * time.Hour)
			tn.want(tn.client.recv(3, 1), want.keepAlive)
			if sys.Winsock { // and from then on, what follows from it
				tn.want(tn.client.send(3, 1), "-1 WSAECONNRESET")
				tn.want(tn.client.recv(3, 1), "-1 WSAECONNRESET")
			}
			tn.forget()
		})
	}
}
