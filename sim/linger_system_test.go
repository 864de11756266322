package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// What close() of a socket with unread text sends, by system, SO_LINGER off or with a
// time: the text is lost, and the peer told by a RST or not. None of them waits but
// where a FIN is sent and there is a time.
func TestCloseUnreadBySystem(t *testing.T) {
	for name, want := range map[string]struct{ sent, lingering string }{
		"rfc9293":     {"client R 1:1(0)", "0"},
		"linux":       {"client R. 1:1(0) ack 11", "0"},
		"freebsd":     {"client F. 1:1(0) ack 11", "waits"},
		"darwin":      {"client R. 1:1(0) ack 11", "0"},
		"windows":     {"client R. 1:1(0) ack 11", "0"},
		"windows2000": {"client R. 1:1(0) ack 11", "0"},
	} {
		for _, on := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				sys, _ := Profile(name)
				tn := inState(t, fsm.Established, under(sys))
				tn.want(tn.client.linger(3, on, 9), "0")
				tn.peer("P. 1:11(10) ack 1")
				tn.pass(time.Second)
				tn.forget()
				c := tn.client.close(3)
				if on {
					tn.want(c, want.lingering)
				} else {
					tn.want(c, "0")
				}
				tn.wantSent(want.sent)
				tn.client.Exit()
				tn.forget()
			})
		}
	}
}

// A linger time of 0 resets, by state and system; "" is silence. FIN-WAIT-1 and those
// behind it are reached by shutdown() here: under Winsock the connection is then
// closed as if there were no SO_LINGER.
func TestLingerZeroBySystem(t *testing.T) {
	bsd := map[fsm.State]string{
		fsm.SynSent: "", fsm.SynReceived: "",
		fsm.Established: "R. 1:1(0) ack 1", fsm.FinWait1: "R. 2:2(0) ack 1", fsm.FinWait2: "R. 2:2(0) ack 1",
		fsm.CloseWait: "R. 1:1(0) ack 2", fsm.Closing: "R. 2:2(0) ack 2", fsm.LastAck: "R. 2:2(0) ack 2", fsm.TimeWait: "",
	}
	winsock := map[fsm.State]string{
		fsm.SynSent: "", fsm.SynReceived: "R. 1:1(0) ack 1",
		fsm.Established: "R. 1:1(0) ack 1", fsm.FinWait1: "", fsm.FinWait2: "",
		fsm.CloseWait: "R. 1:1(0) ack 2", fsm.Closing: "", fsm.LastAck: "", fsm.TimeWait: "",
	}
	for name, table := range map[string]map[fsm.State]string{
		"rfc9293": {
			fsm.SynSent: "", fsm.SynReceived: "R 1:1(0)",
			fsm.Established: "R 1:1(0)", fsm.FinWait1: "R 2:2(0)", fsm.FinWait2: "R 2:2(0)",
			fsm.CloseWait: "R 1:1(0)", fsm.Closing: "", fsm.LastAck: "", fsm.TimeWait: "",
		},
		"linux": {
			fsm.SynSent: "", fsm.SynReceived: "R. 1:1(0) ack 1",
			fsm.Established: "R. 1:1(0) ack 1", fsm.FinWait1: "R. 2:2(0) ack 1", fsm.FinWait2: "R. 2:2(0) ack 1",
			fsm.CloseWait: "R. 1:1(0) ack 2", fsm.Closing: "", fsm.LastAck: "", fsm.TimeWait: "",
		},
		"freebsd": bsd, "darwin": bsd, "windows": winsock, "windows2000": winsock,
	} {
		for s, want := range table {
			for _, nonblock := range []bool{false, true} {
				t.Run(name+" "+s.String(), func(t *testing.T) {
					sys, _ := Profile(name)
					tn := newTestNet(t, under(sys))
					tn.client.socket()
					tn.bring(s) // where TIME-WAIT is apart, the descriptor reads CLOSED
					tn.pass(300 * time.Millisecond)
					tn.forget()
					before := tn.client.host.States()
					tn.client.nonblocking(3, nonblock)
					tn.want(tn.client.linger(3, true, 0), "0")
					tn.want(tn.client.close(3), "0")
					graceful := s == fsm.TimeWait || sys.Winsock && !in(s, fsm.SynSent, fsm.SynReceived, fsm.Established, fsm.CloseWait)
					switch {
					case want != "":
						tn.wantSent("client " + want)
						fallthrough
					case !graceful:
						tn.client.wantStates(map[fsm.State]int{})
						tn.settle()
						tn.wantNoneSent()
					default:
						tn.wantNoneSent()
						tn.client.wantStates(before)
					}
					tn.forget()
					tn.claims = false
				})
			}
		}
	}
}

// A linger time of 0 throws away what is queued; under Winsock shutdown() before
// close() saves it.
func TestLingerZeroAfterShutdown(t *testing.T) {
	for name, want := range map[string]string{
		"rfc9293": "client R 1:1(0)", "linux": "client R. 1:1(0) ack 1", "freebsd": "client R. 1:1(0) ack 1", "windows": "",
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := inState(t, fsm.Established, under(sys))
			tn.peer(". 1:1(0) ack 1", window(0))
			tn.want(tn.client.send(3, 10), "10")
			tn.want(tn.client.shutdown(3, ShutWr), "0")
			tn.want(tn.client.linger(3, true, 0), "0")
			tn.forget()
			tn.want(tn.client.close(3), "0")
			if want != "" {
				tn.wantSent(want)
				return
			}
			tn.wantNoneSent()
			tn.peer(". 1:1(0) ack 1", window(1000))
			tn.wantSent("client FP. 1:11(10) ack 1")
		})
	}
}

// What becomes of close() and of the connection when the linger time is over.
func TestLingerExpiresBySystem(t *testing.T) {
	for name, want := range map[string]struct{ answer, established, closeWait string }{
		"rfc9293":     {"0 after 2s", "", ""},
		"linux":       {"0 after 2s", "", ""},
		"freebsd":     {"-1 EAGAIN after 2s", "", ""},
		"darwin":      {"0 after 2s", "", ""},
		"windows":     {"0 after 2s", "client R. 7:7(0) ack 1", "client R. 7:7(0) ack 2"},
		"windows2000": {"0 after 2s", "client R. 7:7(0) ack 1", "client R. 7:7(0) ack 2"},
	} {
		for _, s := range states(fsm.Established, fsm.CloseWait) {
			t.Run(name+" "+s.String(), func(t *testing.T) {
				sys, _ := Profile(name)
				tn := inState(t, s, under(sys))
				tn.want(tn.client.set(3, TCPNoDelay, 1), "0")
				tn.want(tn.client.linger(3, true, uint16(2*time.Second/sys.LingerUnit)), "0")
				tn.want(tn.client.send(3, 5), "5")
				c := tn.client.close(3)
				tn.pass(2*time.Second - 1)
				tn.want(c, "waits")
				tn.forget()
				tn.pass(1)
				tn.want(c, want.answer)
				tn.want(tn.client.recv(3, 1), "-1 "+sys.ErrnoName(EBADF))
				require.Empty(t, inUse(&tn.sockets))
				reset := want.established
				if s == fsm.CloseWait {
					reset = want.closeWait
				}
				if reset == "" {
					require.Len(t, inUse(&tn.conns), 1, "it goes on alone")
					tn.forget()
					return
				}
				tn.wantSent(reset)
				require.NoError(t, empty(tn.Network), "no TIME-WAIT")
			})
		}
	}
}

// What ends the wait: our FIN is acknowledged, or a RST comes.
func TestLingerEndsBySystem(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		for _, end := range []string{". 1:1(0) ack 7", "R. 1:1(0) ack 7"} {
			tn := inState(t, fsm.Established, under(sys))
			tn.want(tn.client.set(3, TCPNoDelay, 1), "0")
			tn.want(tn.client.linger(3, true, 60_000), "0")
			tn.want(tn.client.send(3, 5), "5")
			c := tn.client.close(3)
			tn.pass(testDelay)
			tn.want(c, "waits")
			tn.peer(end)
			tn.want(c, "0 after 10ms")
			tn.client.Exit()
		}
	}, Profiles()...)
}

// A non-blocking close() with a linger time and something to wait for: it waits all
// the same, goes on in the background, or fails and does nothing at all.
func TestLingerNonblockingBySystem(t *testing.T) {
	for name, want := range map[string]string{
		"rfc9293": "0", "linux": "waits", "freebsd": "0", "darwin": "0",
		"windows": "-1 WSAEWOULDBLOCK", "windows2000": "-1 WSAEWOULDBLOCK",
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := inState(t, fsm.Established, under(sys))
			tn.peer(". 1:1(0) ack 1", window(0))
			tn.client.nonblocking(3, true)
			tn.want(tn.client.linger(3, true, 9000), "0")
			tn.want(tn.client.send(3, 5), "5")
			tn.forget()
			c := tn.client.close(3)
			tn.want(c, want)
			tn.wantNoneSent()
			if want == "-1 WSAEWOULDBLOCK" { // the handle is open, and no disconnect has begun
				tn.client.wantState(3, fsm.Established)
				tn.peer(". 1:1(0) ack 1", window(1000))
				tn.wantSent("client P. 1:6(5) ack 1")
				tn.want(tn.client.send(3, 5), "5")
				tn.peer(". 1:1(0) ack 6", window(1000))
				tn.peer(". 1:1(0) ack 11", window(1000))
				tn.forget()
				tn.want(tn.client.close(3), "0")
				tn.wantSent("client F. 11:11(0) ack 1")
				return
			}
			tn.client.wantStates(map[fsm.State]int{fsm.FinWait1: 1})
			tn.client.Exit()
			tn.peer(". 1:1(0) ack 1", window(1000))
			tn.wantSent("client FP. 1:6(5) ack 1")
		})
	}
}

// With nothing to send a non-blocking close() goes on in the background; Linux waits
// for the ACK of its FIN even so.
func TestLingerNonblockingIdle(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		tn.client.nonblocking(3, true)
		tn.want(tn.client.linger(3, true, 9000), "0")
		c := tn.client.close(3)
		if sys.LingerBlocks {
			tn.want(c, "waits")
		} else {
			tn.want(c, "0")
		}
		tn.wantSent("client F. 1:1(0) ack 1")
		tn.client.Exit()
	}, Profiles()...)
}

// A process that ends waits for nothing. Under Winsock its connections are reset, a
// socket without SO_LINGER or unread text included.
func TestExitBySystem(t *testing.T) {
	for name, want := range map[string]string{
		"rfc9293": "client F. 1:1(0) ack 1", "linux": "client F. 1:1(0) ack 1", "freebsd": "client F. 1:1(0) ack 1",
		"darwin": "client F. 1:1(0) ack 1", "windows": "client R. 1:1(0) ack 1", "windows2000": "client R. 1:1(0) ack 1",
	} {
		for _, on := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				sys, _ := Profile(name)
				tn := inState(t, fsm.Established, under(sys))
				tn.want(tn.client.linger(3, on, 9), "0")
				tn.client.Exit()
				tn.wantSent(want)
				require.Empty(t, inUse(&tn.sockets))
			})
		}
	}
}

// An accepted connection has its listener's SO_LINGER.
func TestLingerInheritedBySystem(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		tn.server.listener(5)
		tn.want(tn.server.linger(3, true, 0), "0")
		_, sfd := tn.connected()
		require.Equal(t, Linger{true, 0}, tn.server.get(sfd, SoLinger).Linger)
		tn.want(tn.server.close(sfd), "0")
		require.Len(t, tn.sent, 1)
		require.Contains(t, tn.sent[0], "server R")
		tn.forget()
	}, Profiles()...)
}
