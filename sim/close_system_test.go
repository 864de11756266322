package sim

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// The limit of FIN-WAIT-2: it begins with close(), not with shutdown(), its end sends
// nothing, and what comes later meets CLOSED.
func TestFinWait2BySystem(t *testing.T) {
	for name, limit := range map[string]time.Duration{
		"linux": time.Minute, "freebsd": 675 * time.Second, "darwin": time.Minute,
		"windows": 2 * time.Minute, "windows2000": 2 * time.Minute,
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			sys.TCP.Tick = 0
			tn := inState(t, fsm.FinWait2, under(sys))
			tn.pass(4 * time.Minute)
			tn.client.wantState(3, fsm.FinWait2)
			tn.want(tn.client.close(3), "0")
			tn.pass(limit - 1)
			tn.client.wantStates(map[fsm.State]int{fsm.FinWait2: 1})
			tn.pass(1)
			tn.client.wantStates(map[fsm.State]int{})
			tn.wantNoneSent()
			tn.peer("P. 1:11(10) ack 2")
			tn.wantSent("client R 2:2(0)")
		})
	}
}

// Windows 2000 ends FIN-WAIT-2 of a socket that is open too, and tells of a reset;
// FreeBSD if nothing can be received any more.
func TestFinWait2Held(t *testing.T) {
	tn := inState(t, fsm.FinWait2, under(Windows2000()))
	tn.pass(5*time.Minute - 1)
	tn.client.wantState(3, fsm.FinWait2)
	tn.pass(1)
	tn.client.wantState(3, fsm.Closed)
	tn.want(tn.client.recv(3, 1), "-1 WSAECONNRESET")
	tn.wantNoneSent()

	each(t, func(t *testing.T, sys System) {
		for _, how := range []How{ShutWr, ShutRdWr} {
			tn := inState(t, fsm.Established, under(sys))
			tn.want(tn.client.shutdown(3, how), "0")
			tn.peer(". 1:1(0) ack 2")
			tn.forget()
			tn.pass(sys.TCP.FinWait2 - 1)
			tn.client.wantState(3, fsm.FinWait2)
			tn.pass(1)
			want := fsm.FinWait2
			if how == ShutRdWr {
				want = fsm.Closed
			}
			tn.client.wantState(3, want)
			tn.wantNoneSent()
		}
	}, "freebsd", "darwin")
}

// Text that comes when nobody can read it any more draws a RST, under every system of
// today; RFC 793 takes it.
func TestTextAfterCloseBySystem(t *testing.T) {
	for name, want := range map[string]string{
		"rfc793": "client . 2:2(0) ack 11", "rfc9293": "client R 2:2(0)", "linux": "client R 2:2(0)", "freebsd": "client R 2:2(0)",
		"darwin": "client R 2:2(0)", "windows": "client R 2:2(0)", "windows2000": "client R 2:2(0)",
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := inState(t, fsm.Established, under(sys))
			tn.want(tn.client.close(3), "0")
			tn.peer(". 1:1(0) ack 2")
			tn.wantSent("client F. 1:1(0) ack 1")
			tn.peer("P. 1:11(10) ack 2")
			tn.wantSent(want)
		})
	}
}

// How long TIME-WAIT lasts, and what the descriptor shows of it.
func TestTimeWaitBySystem(t *testing.T) {
	for name, want := range map[string]struct {
		lasts time.Duration
		shows fsm.State
	}{
		"rfc793": {4 * time.Minute, fsm.TimeWait}, "rfc9293": {4 * time.Minute, fsm.TimeWait}, "linux": {time.Minute, fsm.Closed},
		"freebsd": {time.Minute, fsm.TimeWait}, "darwin": {30 * time.Second, fsm.TimeWait},
		"windows": {2 * time.Minute, fsm.TimeWait}, "windows2000": {4 * time.Minute, fsm.TimeWait},
	} {
		for _, closed := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				sys, _ := Profile(name)
				sys.TCP.Tick = 0
				tn := newTestNet(t, under(sys))
				tn.client.socket()
				tn.bring(fsm.TimeWait)
				tn.client.wantState(3, want.shows)
				if closed {
					tn.want(tn.client.close(3), "0")
				}
				tn.forget()
				tn.pass(want.lasts - 1)
				tn.client.wantStates(map[fsm.State]int{fsm.TimeWait: 1})
				tn.pass(1)
				tn.client.wantStates(map[fsm.State]int{})
				tn.wantNoneSent()
			})
		}
	}
}

// A RST in SYN-RECEIVED of a connection that was opened by both sides.
func TestActiveSynReceivedReset(t *testing.T) {
	for name, want := range map[string]Errno{
		"rfc9293": ECONNREFUSED, "linux": ECONNRESET, "freebsd": ECONNREFUSED, "darwin": ECONNREFUSED, "windows": ECONNREFUSED,
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := inState(t, fsm.SynReceived, under(sys))
			tn.peer("R. 1:1(0) ack 1")
			tn.client.wantState(3, fsm.Closed)
			tn.client.wantError(3, want)
			tn.wantNoneSent()
		})
	}
}

// close() in SYN-RECEIVED of a connection that was opened by both sides: FIN, or nothing.
func TestCloseSynReceivedBySystem(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.SynReceived, under(sys))
		tn.want(tn.client.close(3), "0")
		if sys.TCP.Features&fsm.CloseSynReceivedDeletes != 0 {
			tn.wantNoneSent()
			tn.client.wantStates(map[fsm.State]int{})
			tn.peer(". 1:1(0) ack 1")
			tn.wantSent("client R 1:1(0)")
			return
		}
		tn.wantSent("client F. 1:1(0) ack 1")
		tn.client.wantStates(map[fsm.State]int{fsm.FinWait1: 1})
	}, "rfc9293", "linux", "freebsd", "darwin")
}

// close() while another thread receives: its call ends, or the socket stays open until
// it returns.
func TestCloseWhileRecvBlocksBySystem(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		r := tn.client.recv(3, 10)
		tn.want(tn.client.close(3), "0")
		if sys.Name() != "linux" && sys.Name() != "freebsd" {
			tn.wantFail(r, EBADF)
			tn.wantSent("client F. 1:1(0) ack 1")
			return
		}
		tn.want(r, "waits")
		tn.wantNoneSent()
		tn.peer("P. 1:11(10) ack 1")
		tn.want(r, "10")
		tn.client.wantStates(map[fsm.State]int{fsm.FinWait1: 1})
		tn.forget()
	}, Profiles()...)
}
