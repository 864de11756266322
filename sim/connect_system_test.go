package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// connect() by system, when there has been one before.

// asked begins a connect() to the peer that does not block.
func asked(t *testing.T, sys System) *testNet {
	tn := newTestNet(t, under(sys))
	fd := tn.client.socket()
	tn.want(tn.client.nonblocking(fd, true), "0")
	tn.wantFail(tn.client.connect(fd, tn.peerEnd()), EINPROGRESS)
	tn.forget()
	return tn
}

// Linux tells by the next connect() how the last one ended: once, and without a SYN.
func TestConnectReports(t *testing.T) {
	for _, x := range []struct {
		name  string
		then  func(tn *testNet)
		first string
		again string
	}{
		{"open", func(tn *testNet) { tn.peer("S. 0:0(0) ack 1") }, "0", "-1 EISCONN"},
		{"refused", func(tn *testNet) { tn.peer("R. 0:0(0) ack 1") }, "-1 ECONNREFUSED", "-1 EINPROGRESS"},
		{"refused, and SO_ERROR was read", func(tn *testNet) {
			tn.peer("R. 0:0(0) ack 1")
			tn.client.wantError(3, ECONNREFUSED)
		}, "-1 ECONNABORTED", "-1 EINPROGRESS"},
		{"open, and over", func(tn *testNet) {
			tn.peer("S. 0:0(0) ack 1")
			tn.peer("R 1:1(0)")
		}, "-1 ECONNRESET", "-1 EINPROGRESS"},
		{"still being opened", func(*testNet) {}, "-1 EALREADY", "-1 EALREADY"},
		{"given up by shutdown()", func(tn *testNet) { tn.want(tn.client.shutdown(3, ShutWr), "0") }, "-1 EINPROGRESS", "-1 EALREADY"},
		{"open, and shut", func(tn *testNet) {
			tn.peer("S. 0:0(0) ack 1")
			tn.want(tn.client.shutdown(3, ShutWr), "0")
		}, "-1 EISCONN", "-1 EISCONN"},
	} {
		t.Run(x.name, func(t *testing.T) {
			tn := asked(t, Linux())
			x.then(tn)
			tn.forget()
			tn.want(tn.client.connect(3, tn.peerEnd()), x.first)
			if x.first != "-1 EINPROGRESS" {
				tn.wantNoneSent()
			}
			tn.want(tn.client.connect(3, tn.peerEnd()), x.again)
			tn.forget()
		})
	}
	tn := asked(t, RFC9293())
	tn.peer("S. 0:0(0) ack 1")
	tn.forget()
	tn.want(tn.client.connect(3, tn.peerEnd()), "-1 EISCONN")
}

// A connect() that may block waits with the one before it.
func TestConnectWaitsToo(t *testing.T) {
	for answer, want := range map[string]string{"S. 0:0(0) ack 1": "0", "R. 0:0(0) ack 1": "-1 ECONNREFUSED"} {
		tn := asked(t, Linux())
		tn.want(tn.client.nonblocking(3, false), "0")
		c := tn.client.connect(3, tn.peerEnd())
		tn.want(c, "waits")
		tn.wantNoneSent()
		tn.peer(answer)
		tn.want(c, want)
		tn.forget()
	}
}

// What send() and recv() do before the connection is open.
func TestOpeningBySystem(t *testing.T) {
	for name, want := range map[string]struct {
		send, recv string
		sent       []string
	}{
		"rfc9293":     {"10", "waits", []string{"client P. 1:11(10) ack 1"}},
		"linux":       {"waits", "waits", []string{"client . 1:1(0) ack 1", "client P. 1:11(10) ack 1"}},
		"freebsd":     {"-1 ENOTCONN", "waits", []string{"client . 1:1(0) ack 1"}},
		"darwin":      {"-1 ENOTCONN", "waits", []string{"client . 1:1(0) ack 1"}},
		"windows":     {"-1 WSAENOTCONN", "-1 WSAENOTCONN", []string{"client . 1:1(0) ack 1"}},
		"windows2000": {"-1 WSAENOTCONN", "-1 WSAENOTCONN", []string{"client . 1:1(0) ack 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := asked(t, sys)
			tn.want(tn.client.nonblocking(3, false), "0")
			r := tn.client.recv(3, 1)
			tn.want(r, want.recv)
			s := tn.client.send(3, 10)
			tn.want(s, want.send)
			tn.peer("S. 0:0(0) ack 1")
			if want.send == "waits" {
				tn.want(s, "10")
			}
			tn.wantSent(want.sent...)
			tn.client.Exit()
			tn.forget()
		})
	}
}

// A send() that waits for the connection learns that it was refused.
func TestSendRefused(t *testing.T) {
	tn := asked(t, Linux())
	tn.wantFail(tn.client.send(3, 10), EAGAIN)
	tn.want(tn.client.nonblocking(3, false), "0")
	s := tn.client.send(3, 10)
	tn.want(s, "waits")
	tn.peer("R. 0:0(0) ack 1")
	tn.wantFail(s, ECONNREFUSED)
}

// connect(AF_UNSPEC) of a socket that listens ends that, on every system that has it.
func TestDisconnectListener(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.server.listener(5)
	cfd := tn.client.socket()
	tn.want(tn.server.disconnect(fd), "0")
	tn.server.wantState(fd, fsm.Closed)
	c := tn.client.connect(cfd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(c, "-1 ECONNREFUSED after 20ms")
	tn.forget()
}

// poll() of a socket that was never connected: nothing to read, and no end.
func TestPollFresh(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	require.Equal(t, PollOut|PollHup, tn.client.events(fd))
}

// Linux gives connect() even ports and bind() odd ones, as long as there are such; both
// counted from the lowest.
func TestPortParity(t *testing.T) {
	few := system(func(s *System) { s.PortLo, s.PortHi, s.PortParity = 50_000, 50_007, true })
	for s := range uint64(20) {
		tn := newTestNet(t, few, seed(s))
		for k := range 8 {
			tn.client.connect(tn.client.socket(), tn.peerEnd())
			require.Equal(t, k >= 4, tn.last.From.Port%2 == 1, "connect() %d", k)
		}
		tn.forget()
		tn = newTestNet(t, few, seed(s))
		for k := range 8 {
			fd, b := tn.client.bindAs(plainly, Endpoint{})
			tn.want(b, "0")
			require.Equal(t, k < 4, tn.client.socketAt(fd).local.Port%2 == 1, "bind() %d", k)
		}
	}
}

// To one destination Linux goes on from the port before, with a small gap.
func TestPortsInTurn(t *testing.T) {
	tn := newTestNet(t, under(Linux()))
	before := uint16(0)
	for range 50 {
		tn.client.connect(tn.client.socket(), tn.peerEnd())
		port := tn.last.From.Port
		if before != 0 && before < 60_000 {
			require.Contains(t, []uint16{2, 4, 6, 8, 10, 12, 14, 16}, port-before)
		}
		before = port
	}
	tn.forget()
}

// net.ipv4.tcp_tw_reuse of 2: connect() takes a port in TIME-WAIT if both ends are on this
// host, once it is a second old.
func TestTimeWaitReuseWithin(t *testing.T) {
	one := system(func(s *System) { s.PortLo, s.PortHi = 50_000, 50_000 })
	tn := newTestNet(t, under(Linux()), one)
	l := tn.client.listener(5)
	cfd := tn.client.socket()
	tn.client.connect(cfd, tn.client.at(testPort))
	tn.pass(testDelay)
	a := tn.client.accept(l)
	tn.want(tn.client.close(cfd), "0")
	tn.pass(testDelay)
	tn.want(tn.client.close(a.Result), "0")
	tn.pass(testDelay)
	cfd = tn.client.socket()
	tn.want(tn.client.connect(cfd, tn.client.at(testPort)), "-1 EADDRNOTAVAIL")
	tn.pass(time.Second + testDelay)
	c := tn.client.connect(cfd, tn.client.at(testPort))
	tn.pass(testDelay)
	tn.want(c, "0")
	tn.forget()
}

// The number of a connection that ends TIME-WAIT lies where Linux has it.
func TestReopenBeyond(t *testing.T) {
	tn, from := serverWaits(t, under(Linux()))
	end := tuple{Endpoint{tn.server.host.addrs[0], testPort}, from}
	old := tn.conns.at(tn.demux.get(end)).SndNxt
	tn.reconnect(from)
	tn.pass(3 * testDelay)
	require.Equal(t, uint32(65537), tn.conns.at(tn.demux.get(end)).ISS.Sub(old))
	tn.forget()
}

// XNU counts what is held behind a gap as unread.
func TestResetHeldBySystem(t *testing.T) {
	for name, want := range map[string]string{"linux": "F.", "freebsd": "F.", "darwin": "R."} {
		sys, _ := Profile(name)
		tn := inState(t, fsm.Established, under(sys))
		tn.peer("P. 11:21(10) ack 1")
		tn.forget()
		tn.want(tn.client.close(3), "0")
		tn.wantSent("client " + want + " 1:1(0) ack 1")
	}
}

// Data that nobody has read resets in CLOSING and LAST-ACK too, where the system has it
// so; a linger time of 0 only if something is unsent.
func TestUnreadInLastAck(t *testing.T) {
	for name, want := range map[string][]string{
		"linux": {"client R. 2:2(0) ack 12"}, "rfc9293": nil, "freebsd": nil, "darwin": {"client R. 2:2(0) ack 12"},
	} {
		sys, _ := Profile(name)
		tn := inState(t, fsm.Established, under(sys))
		tn.peer("FP. 1:11(10) ack 1")
		tn.want(tn.client.shutdown(3, ShutWr), "0")
		tn.pass(testDelay)
		tn.forget()
		tn.want(tn.client.close(3), "0")
		tn.wantSent(want...)
	}
	tn := inState(t, fsm.LastAck, under(Linux()))
	tn.want(tn.client.linger(3, true, 0), "0")
	tn.want(tn.client.close(3), "0")
	tn.wantNoneSent()
}

// shutdown() in TIME-WAIT finds a connection, or none.
func TestShutdownInTimeWait(t *testing.T) {
	for name, want := range map[string]string{
		"rfc9293": "0", "freebsd": "-1 ENOTCONN", "darwin": "-1 ENOTCONN", "windows": "0",
	} {
		sys, _ := Profile(name)
		tn := inState(t, fsm.TimeWait, under(sys))
		tn.want(tn.client.shutdown(3, ShutRd), want)
	}
}

// FreeBSD's shutdown() of a listener ends one accept(): the one that waits, or the next.
func TestShutdownListenerError(t *testing.T) {
	sys, _ := Profile("freebsd")
	tn := newTestNet(t, under(sys))
	l := tn.server.listener(5)
	tn.want(tn.server.nonblocking(l, true), "0")
	tn.wantFail(tn.server.shutdown(l, ShutRd), ENOTCONN)
	tn.wantFail(tn.server.accept(l), ECONNABORTED)
	tn.wantFail(tn.server.accept(l), EAGAIN)
	tn.server.wantState(l, fsm.Listen)
}

// TCP_LINGER2: 0 is the system's time, more than two minutes are two.
func TestLinger2(t *testing.T) {
	for set, want := range map[int]int{0: 60, 5: 5, 200: 120, -7: -1} {
		tn := inState(t, fsm.FinWait2, under(Linux()))
		tn.want(tn.client.set(3, TCPLinger2, set), "0")
		require.Equal(t, want, tn.client.get(3, TCPLinger2).Value)
	}
}
