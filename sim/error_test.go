package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// POSIX: an error is told once, by whoever asks first.
func TestErrorOnce(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		for name, first := range map[string]func(tn *testNet){
			"SO_ERROR": func(tn *testNet) { tn.client.wantError(3, ECONNRESET) },
			"recv":     func(tn *testNet) { tn.want(tn.client.recv(3, 1), "-1 ECONNRESET") },
			"send":     func(tn *testNet) { tn.want(tn.client.send(3, 1), "-1 ECONNRESET") },
		} {
			t.Run(name, func(t *testing.T) {
				tn := inState(t, fsm.Established, under(sys))
				tn.peer("R 1:1(0)")
				tn.client.wantState(3, fsm.Closed)
				first(tn)
				tn.client.wantError(3, OK)
				tn.want(tn.client.recv(3, 1), "-1 ENOTCONN")
				tn.want(tn.client.send(3, 1), "-1 ENOTCONN")
				tn.wantNoneSent()
			})
		}
	})
}

// Winsock: SO_ERROR gives the error and clears what it shows; every call goes on
// telling it.
func TestErrorSticky(t *testing.T) {
	sys := RFC9293()
	sys.ErrorSticky = true
	tn := inState(t, fsm.Established, under(sys))
	tn.peer("R 1:1(0)")
	tn.want(tn.client.recv(3, 1), "-1 ECONNRESET")
	tn.client.wantError(3, ECONNRESET)
	tn.client.wantError(3, OK)
	tn.want(tn.client.recv(3, 1), "-1 ECONNRESET")
	tn.want(tn.client.send(3, 1), "-1 ECONNRESET")
	tn.client.wantError(3, OK)
	tn.wantNoneSent()
}

// 1.4: how a connection ended, by state. A reset before the handshake is over is
// a refusal; a reset of what is closing anyway is told to nobody.
func TestResetByState(t *testing.T) {
	for s, c := range map[fsm.State]struct {
		rst  string
		want Errno
	}{
		fsm.SynSent:     {"R. 0:0(0) ack 1", ECONNREFUSED},
		fsm.SynReceived: {"R 1:1(0)", ECONNREFUSED},
		fsm.Established: {"R 1:1(0)", ECONNRESET},
		fsm.FinWait1:    {"R 1:1(0)", ECONNRESET},
		fsm.FinWait2:    {"R 1:1(0)", ECONNRESET},
		fsm.CloseWait:   {"R 2:2(0)", ECONNRESET},
		fsm.Closing:     {"R 2:2(0)", OK},
		fsm.LastAck:     {"R 2:2(0)", OK},
		fsm.TimeWait:    {"R 2:2(0)", OK},
	} {
		inEach(t, states(s), func(tn *testNet, u user) {
			tn.peer(c.rst)
			u.wantState(3, fsm.Closed)
			tn.wantNoneSent()
			u.wantError(3, c.want)
			u.wantError(3, OK)
		})
	}
}

// A call that waits when the RST comes gets the error, and SO_ERROR has none left.
func TestResetWakes(t *testing.T) {
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		r := u.recv(3, 10)
		tn.pass(testDelay)
		tn.peer("R 1:1(0)")
		tn.want(r, "-1 ECONNRESET after 10ms")
		u.wantError(3, OK)
	})
	tn := inState(t, fsm.SynSent)
	tn.client.set(3, SoRcvTimeo, 0)
	r := tn.client.recv(3, 10)
	tn.peer("R. 0:0(0) ack 1")
	tn.want(r, "-1 ECONNREFUSED")
}

// RFC 9293 3.10.8: what was sent stays unacknowledged for the user timeout: the
// user is told, the peer is not.
func TestUserTimeout(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		tn.want(tn.client.send(3, 10), "10")
		r := tn.client.recv(3, 10)
		tn.settle()
		tn.want(r, "-1 ETIMEDOUT after 5m0s")
		tn.client.wantState(3, fsm.Closed)
		for _, p := range tn.records(Sent) {
			require.Zero(t, p.Packet.Seg.Flags&fsm.RST)
		}
	})
	// TCP_USER_TIMEOUT sets it for one connection.
	tn := inState(t, fsm.Established)
	tn.want(tn.client.set(3, TCPUserTimeout, 5000), "0")
	tn.want(tn.client.send(3, 10), "10")
	r := tn.client.recv(3, 10)
	tn.pass(time.Minute)
	tn.want(r, "-1 ETIMEDOUT after 5s")
}

// RFC 9293 3.8.4: a keep-alive connection whose peer is gone ends in ETIMEDOUT;
// with a RST.
func TestKeepAliveDead(t *testing.T) {
	inEach(t, states(fsm.Established, fsm.FinWait2, fsm.CloseWait), func(tn *testNet, u user) {
		tn.want(u.set(3, SoKeepAlive, 1), "0")
		tn.want(u.set(3, TCPKeepIdle, 100), "0")
		tn.want(u.set(3, TCPKeepIntvl, 10), "0")
		tn.want(u.set(3, TCPKeepCnt, 3), "0")
		tn.pass(129 * time.Second)
		require.Len(tn.t, tn.sent, 3)
		tn.pass(time.Second)
		u.wantState(3, fsm.Closed)
		require.Len(tn.t, tn.sent, 4)
		require.Equal(tn.t, fsm.RST, tn.last.Seg.Flags&fsm.RST)
		tn.forget()
		u.wantError(3, ETIMEDOUT)
	})
}

// Without keep-alives an idle connection stays for ever.
func TestIdleForEver(t *testing.T) {
	inEach(t, states(fsm.Established, fsm.FinWait2, fsm.CloseWait), func(tn *testNet, u user) {
		st, _ := u.State(3)
		tn.settle()
		tn.pass(1000 * 24 * time.Hour)
		u.wantState(3, st)
		tn.wantNoneSent()
	})
}

// Neither does an orphan in FIN-WAIT-2 end, as no RFC limits it; with a
// limit it does, and nothing tells of it.
func TestOrphanFinWait2(t *testing.T) {
	inEach(t, states(fsm.FinWait2), func(tn *testNet, u user) {
		tn.want(u.close(3), "0")
		tn.settle()
		tn.pass(1000 * 24 * time.Hour)
		u.wantStates(map[fsm.State]int{fsm.FinWait2: 1})
	})
	tn := inState(t, fsm.FinWait2, system(func(s *System) { s.TCP.FinWait2 = time.Minute }))
	tn.pass(time.Hour)
	tn.client.wantState(3, fsm.FinWait2)
	tn.want(tn.client.close(3), "0")
	tn.pass(time.Minute - 1)
	tn.client.wantStates(map[fsm.State]int{fsm.FinWait2: 1})
	tn.pass(1)
	require.NoError(t, empty(tn.Network))
	tn.wantNoneSent()
}

// An orphan whose peer is dead is gone after the user timeout.
func TestOrphanDeadPeer(t *testing.T) {
	inEach(t, states(fsm.FinWait1, fsm.Closing, fsm.LastAck), func(tn *testNet, u user) {
		tn.want(u.close(3), "0")
		start := tn.now
		tn.settle()
		require.NoError(tn.t, empty(tn.Network))
		require.LessOrEqual(tn.t, tn.now.Sub(start), 5*time.Minute)
	})
}

// A window that stays closed, and is answered for, ends nothing.
func TestZeroWindowForEver(t *testing.T) {
	tn := newTestNet(t, system(func(s *System) { s.TCP.RcvBuf = 1000 }))
	cfd, sfd := tn.connected()
	tn.want(tn.client.send(cfd, 5000), "5000")
	tn.pass(10 * 24 * time.Hour)
	tn.client.wantState(cfd, fsm.Established)
	c := tn.server.recv(sfd, 5000, MsgWaitAll)
	tn.pass(5 * time.Minute)
	require.Equal(t, 5000, c.Result)
}
