package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// How many connections wait at a listener, by what listen() asks for; and what becomes
// of one more.
func TestBacklogBySystem(t *testing.T) {
	for name, want := range map[string]struct {
		limits map[int]int // by backlog
		more   string      // what connect() says within a second
	}{
		"rfc9293":     {map[int]int{1: 1, 2: 2, 4: 4}, "waits"},
		"linux":       {map[int]int{1: 2, 2: 3, 4: 5}, "waits"},
		"freebsd":     {map[int]int{1: 2, 2: 4, 4: 7, 128: 193}, "0 after 20ms"}, // until the RST comes
		"darwin":      {map[int]int{1: 1, 2: 2, 4: 4}, "waits"},
		"windows":     {map[int]int{1: 1, 2: 2, 4: 4}, "waits"}, // a refused SYN is sent again
		"windows2000": {map[int]int{1: 1, 2: 2, 4: 4}, "waits"},
	} {
		for backlog, limit := range want.limits {
			t.Run(name, func(t *testing.T) {
				sys, _ := Profile(name)
				tn := newTestNet(t, under(sys))
				tn.server.listener(backlog)
				for range limit {
					tn.callers(1)
					tn.pass(3 * testDelay)
				}
				tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: limit})
				c := tn.client.connect(tn.client.socket(), tn.server.at(testPort))
				tn.pass(400 * time.Millisecond)
				tn.want(c, want.more)
				tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: limit})
				tn.forget()
			})
		}
	}
}

// Two connections complete for one place: the second is left alone, or reset.
func TestOverflowAtThirdAck(t *testing.T) {
	for name, sent := range map[string]string{
		"linux": "", "freebsd": "server R 1:1(0)", "linux, tcp_abort_on_overflow=1": "server R 1:1(0)",
	} {
		t.Run(name, func(t *testing.T) {
			sys, ok := Profile(name)
			if !ok {
				sys = Linux()
				require.NoError(t, sys.Sysctl("net.ipv4.tcp_abort_on_overflow", "1"))
			}
			tn := newTestNet(t, under(sys))
			tn.server.listener(1 - sys.BacklogExtra)
			fds := tn.callers(2)
			tn.pass(2 * testDelay)
			tn.forget()
			tn.pass(testDelay)
			if sent != "" {
				tn.wantSent(sent)
				tn.pass(testDelay)
				tn.client.wantState(fds[1], fsm.Closed)
				tn.client.wantError(fds[1], ECONNRESET)
				return
			}
			tn.wantNoneSent()
			tn.client.wantState(fds[1], fsm.Established)
			tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 1}) // of the second there is a cookie
		})
	}
}

// A full listener under Winsock answers a SYN with a RST; connect() tries again every
// half second, and is refused in the end.
func TestFullListenerRefuses(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(1)
		tn.callers(1)
		tn.pass(3 * testDelay)
		tn.forget()
		c := tn.client.connect(tn.client.socket(), tn.server.at(testPort))
		for range 3 {
			tn.wantSent("client S 0:0(0)")
			tn.want(c, "waits")
			tn.pass(testDelay)
			tn.wantSent("server R. 0:0(0) ack 1")
			tn.pass(510 * time.Millisecond)
		}
		tn.wantNoneSent()
		tn.want(c, "-1 WSAECONNREFUSED after 1.06s")
	}, "windows", "windows2000")
}

// accept() of a connection that was reset while it waited, and had brought text.
func TestAcceptAfterResetBySystem(t *testing.T) {
	for name, want := range map[string]string{
		"rfc9293": "-1 ECONNABORTED", "linux": "4", "freebsd": "-1 ECONNABORTED", "darwin": "-1 ECONNABORTED",
		"windows": "-1 WSAECONNRESET", "windows2000": "-1 WSAECONNRESET",
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := newTestNet(t, under(sys))
			tn.server.listener(5)
			fd := tn.callers(1)[0]
			tn.pass(3 * testDelay)
			tn.want(tn.client.say(fd, "late"), "4")
			tn.pass(time.Second)
			tn.want(tn.client.linger(fd, true, 0), "0")
			tn.want(tn.client.close(fd), "0")
			tn.pass(testDelay)
			tn.want(tn.server.accept(3), want)
			if want == "4" {
				tn.wantText(tn.server.recv(4, 9), "late")
				tn.want(tn.server.recv(4, 9), "-1 ECONNRESET")
			}
		})
	}
}

// A FIN before accept() does no harm under any system; accept() of what does not
// listen is refused.
func TestAcceptBySystem(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(5)
		fd := tn.callers(1)[0]
		tn.pass(3 * testDelay)
		tn.want(tn.client.say(fd, "late"), "4")
		tn.want(tn.client.close(fd), "0")
		tn.pass(time.Second)
		tn.want(tn.server.accept(3), "4")
		tn.server.wantState(4, fsm.CloseWait)
		tn.wantText(tn.server.recv(4, 9), "late")
		tn.want(tn.server.recv(4, 9), "0")
		tn.wantFail(tn.server.accept(4), EINVAL)
	}, Profiles()...)
}

// close() of a listener resets what waits, forgets embryos, and leaves accepted
// connections alone.
func TestCloseListenerBySystem(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(5)
		cfd, sfd := tn.connected()
		waits := tn.callers(1)[0]
		tn.pass(3 * testDelay)
		embryo := tn.callers(1)[0]
		tn.pass(testDelay)
		tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 2, fsm.SynReceived: 1})
		tn.forget()
		tn.want(tn.server.close(3), "0")
		reset := "server R 1:1(0)"
		if sys.TCP.Features&fsm.ResetWithAck != 0 {
			reset = "server R. 1:1(0) ack 1"
		}
		tn.wantSent(reset)
		left := map[fsm.State]int{fsm.Established: 1}
		if sys.EmbryosStay {
			left[fsm.SynReceived] = 1
		}
		tn.server.wantStates(left)
		tn.pass(testDelay)
		tn.wantSent("client . 1:1(0) ack 1")
		tn.client.wantState(waits, fsm.Closed)
		tn.pass(testDelay)
		tn.wantSent("server R 1:1(0)")
		tn.pass(testDelay)
		tn.client.wantState(embryo, fsm.Closed)
		tn.want(tn.client.send(cfd, 1), "1")
		tn.pass(testDelay)
		tn.want(tn.server.recv(sfd, 1), "1")
		tn.forget()
		tn.claims = false
	}, Profiles()...)
}

// connect() of a socket that listens, connects, is connected or half-closed.
func TestConnectTwiceBySystem(t *testing.T) {
	for name, want := range map[string]Errno{
		"rfc9293": EOPNOTSUPP, "linux": EISCONN, "freebsd": EOPNOTSUPP, "darwin": EOPNOTSUPP, "windows": EINVAL, "windows2000": EINVAL,
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := newTestNet(t, under(sys))
			tn.server.listener(5)
			tn.wantFail(tn.server.connect(3, tn.client.at(testPort)), want)
			tn.server.wantState(3, fsm.Listen)
			for s, e := range map[fsm.State]Errno{fsm.SynSent: EALREADY, fsm.Established: EISCONN, fsm.FinWait2: EISCONN, fsm.CloseWait: EISCONN} {
				tn := inState(t, s, under(sys))
				tn.client.socketAt(3).set(sockAsked, false) // the one before has told
				tn.wantFail(tn.client.connect(3, tn.peerEnd()), e)
				tn.wantNoneSent()
				tn.client.wantState(3, s)
			}
		})
	}
}

// How long connect() waits for an answer that never comes, and what it says; and when a
// SYN is refused.
func TestConnectFailsBySystem(t *testing.T) {
	for name, want := range map[string]struct{ silence, refused string }{
		"rfc9293":     {"-1 ETIMEDOUT after 3m3s", "-1 ECONNREFUSED after 20ms"},
		"linux":       {"-1 ETIMEDOUT after 2m11s", "-1 ECONNREFUSED after 20ms"},
		"freebsd":     {"-1 ETIMEDOUT after 1m15s", "-1 ECONNREFUSED after 20ms"},
		"darwin":      {"-1 ETIMEDOUT after 1m15s", "-1 ECONNREFUSED after 20ms"},
		"windows":     {"-1 WSAETIMEDOUT after 21s", "-1 WSAECONNREFUSED after 1.06s"},
		"windows2000": {"-1 WSAETIMEDOUT after 21s", "-1 WSAECONNREFUSED after 1.06s"},
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			sys.TCP.Tick = 0
			tn := newTestNet(t, under(sys))
			c := tn.client.connect(tn.client.socket(), tn.peerEnd())
			tn.settle()
			tn.want(c, want.silence)
			tn = newTestNet(t, under(sys))
			c = tn.client.connect(tn.client.socket(), tn.server.at(testPort))
			tn.settle()
			tn.want(c, want.refused)
		})
	}
}

// An embryo that has outlived its listener goes with the first that comes for it: a segment,
// which meets CLOSED, an ICMP message, or its timer.
func TestForsakenEmbryo(t *testing.T) {
	for name, ends := range map[string]func(tn *testNet, from Endpoint){
		"a segment": func(tn *testNet, _ Endpoint) { tn.pass(2 * testDelay) },
		"ICMP": func(tn *testNet, from Endpoint) {
			k := tn.demux.get(tuple{tn.server.at(testPort), from})
			tn.advise("unreachable", "host_unreachable", tn.server.at(testPort), from, tn.conns.at(k).ISS)
		},
		"its timer": func(tn *testNet, _ Endpoint) { tn.pass(2 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTestNet(t, under(Linux()))
			tn.server.listener(5)
			fd := tn.callers(1)[0]
			tn.pass(testDelay)
			if name != "a segment" {
				tn.Fault(Fault{Verb: Drop, Host: tn.client.host.id, Nth: 1, Count: 99})
			}
			tn.want(tn.server.close(3), "0")
			tn.server.wantStates(map[fsm.State]int{fsm.SynReceived: 1})
			ends(tn, tn.sockets.at(tn.client.Process.socket(fd)).local)
			tn.server.wantStates(map[fsm.State]int{})
		})
	}
}

// One end of the range of ephemeral ports never lies beyond the other.
func TestPortRangeEnds(t *testing.T) {
	s := Windows()
	require.NoError(t, s.Sysctl("net.inet.ip.portrange.last", "40000"))
	require.Equal(t, [2]uint16{40000, 40000}, [2]uint16{s.PortLo, s.PortHi})
	require.NoError(t, s.Sysctl("net.inet.ip.portrange.first", "50000"))
	require.Equal(t, [2]uint16{50000, 50000}, [2]uint16{s.PortLo, s.PortHi})
	require.NoError(t, s.Sysctl("MaxUserPort", "5000"))
	require.Equal(t, [2]uint16{1025, 5000}, [2]uint16{s.PortLo, s.PortHi})
}
