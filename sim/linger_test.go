package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// eachMode runs a test for a blocking and a non-blocking socket.
func eachMode(t *testing.T, f func(t *testing.T, nonblock bool)) {
	t.Run("blocking", func(t *testing.T) { f(t, false) })
	t.Run("non-blocking", func(t *testing.T) { f(t, true) })
}

// Without SO_LINGER close() returns at once, whatever the linger time; text
// and FIN go in the background.
func TestLingerOff(t *testing.T) {
	eachMode(t, func(t *testing.T, nonblock bool) {
		tn := inState(t, fsm.Established)
		tn.client.nonblocking(3, nonblock)
		tn.want(tn.client.linger(3, false, 9), "0")
		tn.peer(". 1:1(0) ack 1", window(0))
		tn.want(tn.client.send(3, 10), "10")
		tn.forget()
		tn.want(tn.client.close(3), "0")
		tn.wantNoneSent()
		tn.client.wantState(3, fsm.FinWait1)
		tn.peer(". 1:1(0) ack 1", window(1000))
		tn.wantSent("client FP. 1:11(10) ack 1")
	})
}

// Without SO_LINGER unread text decides.
func TestLingerOffUnread(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.want(tn.client.linger(3, false, 9), "0")
	tn.peer("P. 1:11(10) ack 1")
	tn.want(tn.client.close(3), "0")
	tn.wantSent("client R 1:1(0)")
}

// With a linger time of 0 close() is ABORT: one RST at once, what
// is queued is lost, and there is no TIME-WAIT.
func TestLingerZero(t *testing.T) {
	eachMode(t, func(t *testing.T, nonblock bool) {
		for s, rst := range map[fsm.State]string{
			fsm.SynReceived: "client R 1:1(0)", fsm.Established: "client R 1:1(0)", fsm.FinWait1: "client R 2:2(0)",
			fsm.FinWait2: "client R 2:2(0)", fsm.CloseWait: "client R 1:1(0)",
		} {
			inEach(t, states(s), func(tn *testNet, u user) {
				u.nonblocking(3, nonblock)
				tn.want(u.linger(3, true, 0), "0")
				tn.want(u.close(3), "0")
				tn.wantSent(rst)
				u.wantStates(map[fsm.State]int{})
				require.NoError(tn.t, empty(tn.Network))
				tn.settle()
				tn.wantNoneSent()
			})
		}
	})
}

// What was queued is lost, and SEQ is SND.NXT: what has left counts.
func TestLingerZeroWithText(t *testing.T) {
	inEach(t, states(fsm.Established, fsm.CloseWait), func(tn *testNet, u user) {
		next := "1:1(0) ack 1"
		if st, _ := u.State(3); st == fsm.CloseWait {
			next = "2:2(0) ack 1"
		}
		tn.peer(". "+next, window(6))
		tn.want(u.send(3, 10), "10")
		tn.forget()
		u.linger(3, true, 0)
		sent := u.socketAt(3)
		nxt := tn.conns.at(sent.conn).SndNxt - tn.conns.at(sent.conn).ISS
		tn.want(u.close(3), "0")
		require.Len(tn.t, tn.sent, 1)
		require.Equal(tn.t, nxt, tn.last.Seg.Seq-tn.last.SeqBase)
		require.Equal(tn.t, fsm.RST, tn.last.Seg.Flags)
		tn.forget()
		tn.settle()
		tn.wantNoneSent()
	})
}

// In CLOSING and LAST-ACK ABORT deletes the connection without a RST (RFC
// 9293 3.10.5).
func TestLingerZeroClosing(t *testing.T) {
	inEach(t, states(fsm.Closing, fsm.LastAck), func(tn *testNet, u user) {
		tn.want(u.linger(3, true, 0), "0")
		tn.want(u.close(3), "0")
		tn.wantNoneSent()
		u.wantStates(map[fsm.State]int{})
		require.NoError(tn.t, empty(tn.Network))
	})
}

// No RST in CLOSED, LISTEN, SYN-SENT and TIME-WAIT; TIME-WAIT stays for its
// full time.
func TestLingerZeroNoReset(t *testing.T) {
	inEach(t, states(fsm.Closed, fsm.Listen, fsm.SynSent), func(tn *testNet, u user) {
		tn.want(u.linger(3, true, 0), "0")
		tn.want(u.close(3), "0")
		tn.wantNoneSent()
		require.NoError(tn.t, func() error { tn.settle(); return empty(tn.Network) }())
	})
	inEach(t, states(fsm.TimeWait), func(tn *testNet, u user) {
		tn.want(u.linger(3, true, 0), "0")
		tn.want(u.close(3), "0")
		tn.wantNoneSent()
		tn.pass(4*time.Minute - time.Second)
		u.wantStates(map[fsm.State]int{fsm.TimeWait: 1})
		tn.pass(time.Second)
		require.NoError(tn.t, empty(tn.Network))
	})
}

// close() waits until the peer's TCP has all, text or not, and
// acknowledges our FIN; its user need not have read anything.
func TestLingerAcked(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		for _, n := range []int{0, 10, 2000} {
			tn := newTestNet(t, under(sys))
			cfd, sfd := tn.connected()
			tn.want(tn.client.linger(cfd, true, 9), "0")
			if n > 0 {
				tn.want(tn.client.send(cfd, n), itoa(n))
			}
			c := tn.client.close(cfd)
			tn.want(c, "waits")
			tn.want(tn.client.recv(cfd, 1), "-1 EBADF") // the descriptor is gone already
			tn.pass(2 * testDelay)
			tn.want(c, "0 after 20ms")
			tn.client.wantStates(map[fsm.State]int{fsm.FinWait2: 1})
			tn.server.wantState(sfd, fsm.CloseWait)
			if n > 0 {
				tn.want(tn.server.recv(sfd, 5000), itoa(n))
			}
			tn.want(tn.server.recv(sfd, 1), "0")
		}
	})
}

// In each state: FIN-WAIT-2 is enough, and where it is reached, or nothing is
// to be waited for, close() does not wait.
func TestLingerByState(t *testing.T) {
	for _, c := range []struct {
		in     fsm.State
		answer string // while the FIN is not acknowledged
		acked  string // the segment that acknowledges it
	}{
		{fsm.Closed, "0", ""}, {fsm.Listen, "0", ""}, {fsm.SynSent, "0", ""},
		{fsm.SynReceived, "waits", ". 1:1(0) ack 2"}, {fsm.Established, "waits", ". 1:1(0) ack 2"},
		{fsm.FinWait1, "waits", ". 1:1(0) ack 2"}, {fsm.FinWait2, "0", ""},
		{fsm.CloseWait, "waits", ". 2:2(0) ack 2"}, {fsm.Closing, "waits", ". 2:2(0) ack 2"},
		{fsm.LastAck, "waits", ". 2:2(0) ack 2"}, {fsm.TimeWait, "0", ""},
	} {
		inEach(t, states(c.in), func(tn *testNet, u user) {
			tn.want(u.linger(3, true, 9), "0")
			call := u.close(3)
			tn.want(call, c.answer)
			if c.acked != "" {
				tn.pass(300 * time.Millisecond)
				tn.want(call, "waits")
				tn.peer(c.acked)
				tn.want(call, "0 after 300ms")
				require.Empty(tn.t, inUse(&tn.sockets))
			}
		})
	}
}

// When the linger time is over close() returns; the connection goes
// on without it: what is not acknowledged is sent again.
func TestLingerExpires(t *testing.T) {
	inEach(t, states(fsm.Established, fsm.CloseWait), func(tn *testNet, u user) {
		tn.want(u.linger(3, true, 2), "0")
		tn.want(u.send(3, 5), "5")
		c := u.close(3)
		tn.pass(2*time.Second - 1)
		tn.want(c, "waits")
		tn.pass(1)
		require.True(tn.t, c.Done)
		require.Equal(tn.t, 2*time.Second, c.Ended.Sub(c.Started))
		require.Empty(tn.t, inUse(&tn.sockets))
		require.Len(tn.t, inUse(&tn.conns), 1, "an orphan")
		tn.forget()
		tn.pass(10 * time.Second)
		require.NotEmpty(tn.t, tn.sent)
		tn.forget()
	})
}

// A RST ends the waiting at once.
func TestLingerReset(t *testing.T) {
	inEach(t, states(fsm.Established, fsm.FinWait1), func(tn *testNet, u user) {
		u.linger(3, true, 9)
		c := u.close(3)
		tn.pass(100 * time.Millisecond)
		tn.peer("R 1:1(0)")
		require.True(tn.t, c.Done)
		require.Equal(tn.t, 100*time.Millisecond, c.Ended.Sub(c.Started))
		tn.settle()
		require.NoError(tn.t, empty(tn.Network))
	})
}

// POSIX leaves it open: a non-blocking close() goes on in the
// background, unless the system's switch says that it waits all the same.
func TestLingerNonblocking(t *testing.T) {
	for _, waits := range []bool{false, true} {
		tn := inState(t, fsm.Established, system(func(s *System) { s.LingerBlocks = waits }))
		tn.client.nonblocking(3, true)
		tn.client.linger(3, true, 9)
		tn.want(tn.client.send(3, 5), "5")
		c := tn.client.close(3)
		if waits {
			tn.want(c, "waits")
		} else {
			tn.want(c, "0")
		}
		tn.wantSent("client P. 1:6(5) ack 1", "client F. 6:6(0) ack 1")
		tn.pass(testDelay)
		tn.peer(". 1:1(0) ack 7")
		if waits {
			tn.want(c, "0 after 10ms")
		}
	}
}

// Unread text comes before the linger time: RST, and no wait. RFC 793
// keeps what is queued, and waits.
func TestLingerUnread(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.client.linger(3, true, 9)
	tn.peer("P. 1:11(10) ack 1")
	tn.want(tn.client.close(3), "0")
	tn.wantSent("client R 1:1(0)")

	tn = inState(t, fsm.Established, under(RFC793()))
	tn.client.linger(3, true, 9)
	tn.peer("P. 1:11(10) ack 1")
	tn.forget()
	tn.want(tn.client.close(3), "waits")
	tn.wantSent("client F. 1:1(0) ack 11")
	tn.client.Exit()
}

// A process that ends waits for nothing, and what it waited for
// never returns to it.
func TestLingerExit(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.client.linger(3, true, 9)
	c := tn.client.close(3)
	tn.want(c, "waits")
	tn.client.Exit()
	tn.pass(time.Minute)
	tn.want(c, "never")
	require.Empty(t, inUse(&tn.sockets))
}

// shutdown() does not linger; nor does a CLOSE-WAIT
// end because of it.
func TestLingerIsForClose(t *testing.T) {
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		tn.want(u.linger(3, true, 0), "0")
		tn.want(u.shutdown(3, ShutRdWr), "0")
		tn.wantSent("client F. 1:1(0) ack 1")
		u.wantState(3, fsm.FinWait1)
	})
	inEach(t, states(fsm.CloseWait), func(tn *testNet, u user) {
		tn.want(u.linger(3, true, 1), "0")
		tn.pass(30 * 24 * time.Hour)
		u.wantState(3, fsm.CloseWait)
		tn.wantNoneSent()
	})
}

// The option reads as it was set.
func TestLingerReadsBack(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	require.Equal(t, Linger{}, tn.client.get(fd, SoLinger).Linger, "off by default")
	for _, l := range []Linger{{true, 0}, {true, 65535}, {true, 5}} {
		tn.want(tn.client.linger(fd, l.On, l.Seconds), "0")
		require.Equal(t, l, tn.client.get(fd, SoLinger).Linger)
	}
	tn.want(tn.client.linger(fd, false, 0), "0")
	require.False(t, tn.client.get(fd, SoLinger).Linger.On)
}
