package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// What close() of the last descriptor does in each state, with
// nothing unread and no linger time. It never waits, and the connection
// goes on without a descriptor.
func TestClose(t *testing.T) {
	for _, c := range []struct {
		in   fsm.State
		sent []string
		left fsm.State
	}{
		{fsm.Closed, nil, fsm.Closed},
		{fsm.Listen, nil, fsm.Closed},
		{fsm.SynSent, nil, fsm.Closed},
		{fsm.SynReceived, []string{"client F. 1:1(0) ack 1"}, fsm.FinWait1},
		{fsm.Established, []string{"client F. 1:1(0) ack 1"}, fsm.FinWait1},
		{fsm.FinWait1, nil, fsm.FinWait1},
		{fsm.FinWait2, nil, fsm.FinWait2},
		{fsm.CloseWait, []string{"client F. 1:1(0) ack 2"}, fsm.LastAck},
		{fsm.Closing, nil, fsm.Closing},
		{fsm.LastAck, nil, fsm.LastAck},
		{fsm.TimeWait, nil, fsm.TimeWait},
	} {
		inEach(t, states(c.in), func(tn *testNet, u user) {
			tn.want(u.close(3), "0")
			tn.wantSent(c.sent...)
			u.wantState(3, c.left)
			want := map[fsm.State]int{c.left: 1}
			if c.left == fsm.Closed {
				want = map[fsm.State]int{}
			}
			u.wantStates(want)
			require.Empty(tn.t, inUse(&tn.sockets), "the socket is free")
			tn.want(u.recv(3, 1), "-1 EBADF")
		})
	}
}

// What was sent before close() reaches the peer, and the FIN follows it.
func TestCloseWithText(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		cfd, sfd := tn.connected()
		tn.want(tn.client.send(cfd, 30_000), "30000")
		tn.want(tn.client.close(cfd), "0")
		tn.client.wantState(cfd, fsm.FinWait1)
		got := 0
		for range 1000 {
			c := tn.server.recv(sfd, 4096)
			tn.pass(time.Second)
			require.True(t, c.Done && c.Err == OK)
			if c.Result == 0 {
				break
			}
			got += c.Result
		}
		require.Equal(t, 30_000, got)
		tn.server.wantState(sfd, fsm.CloseWait)
		tn.want(tn.server.close(sfd), "0")
		tn.settle()
		require.NoError(t, func() error { tn.server.close(3); return empty(tn.Network) }())
	})
}

// RFC 9293 3.10.4, SYN-RECEIVED: with text queued CLOSE waits for ESTABLISHED.
func TestCloseInSynReceivedWithText(t *testing.T) {
	inEach(t, states(fsm.SynReceived), func(tn *testNet, u user) {
		tn.want(u.send(3, 10), "10")
		tn.want(u.close(3), "0")
		u.wantState(3, fsm.SynReceived)
		tn.wantNoneSent()
		tn.peer(". 1:1(0) ack 1")
		tn.wantSent("client FP. 1:11(10) ack 1")
		u.wantState(3, fsm.FinWait1)
	})
}

// RFC 9293 3.10.4, CLOSE-WAIT: the state waits until the text is segmentized.
func TestCloseInCloseWaitWithText(t *testing.T) {
	tn := inState(t, fsm.CloseWait)
	u := tn.client
	tn.peer(". 2:2(0) ack 1", window(0))
	tn.want(u.send(3, 10), "10")
	tn.want(u.close(3), "0")
	u.wantState(3, fsm.CloseWait)
	tn.wantNoneSent()
	tn.peer(". 2:2(0) ack 1", window(1000))
	tn.wantSent("client FP. 1:11(10) ack 2")
	u.wantState(3, fsm.LastAck)
	tn.peer(". 2:2(0) ack 12")
	u.wantStates(map[fsm.State]int{})
	require.NoError(t, empty(tn.Network))
}

// RFC 9293 3.6.1 (SHLD-3), RFC 2525 2.17: close() with unread octets resets
// the connection; one is enough. RFC 793 sends a FIN and keeps what is queued.
func TestCloseUnread(t *testing.T) {
	for _, c := range []struct {
		in         fsm.State
		text, sent string
	}{
		{fsm.Established, "P. 1:2(1) ack 1", "client R 1:1(0)"},
		{fsm.FinWait1, "P. 1:2(1) ack 1", "client R 2:2(0)"},
		{fsm.FinWait2, "P. 1:2(1) ack 2", "client R 2:2(0)"},
	} {
		t.Run(c.in.String(), func(t *testing.T) {
			tn := inState(t, c.in)
			tn.peer(c.text)
			tn.forget()
			tn.want(tn.client.close(3), "0")
			tn.wantSent(c.sent)
			tn.client.wantStates(map[fsm.State]int{})
			require.NoError(t, empty(tn.Network))
		})
	}
	t.Run("CLOSE-WAIT", func(t *testing.T) {
		tn := inState(t, fsm.Established)
		tn.peer("FP. 1:2(1) ack 1")
		tn.client.wantState(3, fsm.CloseWait)
		tn.forget()
		tn.want(tn.client.close(3), "0")
		tn.wantSent("client R 1:1(0)")
		tn.client.wantStates(map[fsm.State]int{})
	})
	t.Run("rfc793", func(t *testing.T) {
		tn := inState(t, fsm.Established, under(RFC793()))
		tn.peer("P. 1:2(1) ack 1")
		tn.forget()
		tn.want(tn.client.close(3), "0")
		tn.wantSent("client F. 1:1(0) ack 2")
		tn.client.wantStates(map[fsm.State]int{fsm.FinWait1: 1})
	})
}

// Octets that were only looked at are unread; those that were read are
// not; a FIN is no octet.
func TestCloseUnreadCounts(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.peer("P. 1:11(10) ack 1")
	tn.want(tn.client.recv(3, 10, MsgPeek), "10")
	tn.forget()
	tn.want(tn.client.close(3), "0")
	tn.wantSent("client R 1:1(0)")

	tn = inState(t, fsm.Established)
	tn.peer("FP. 1:11(10) ack 1")
	tn.want(tn.client.recv(3, 10), "10")
	tn.forget()
	tn.want(tn.client.close(3), "0")
	tn.wantSent("client F. 1:1(0) ack 12")

	tn = inState(t, fsm.Established)
	tn.peer("P. 1:11(10) ack 1")
	tn.want(tn.client.shutdown(3, ShutWr), "0")
	tn.forget()
	tn.want(tn.client.close(3), "0")
	tn.wantSent("client R 2:2(0)")
}

// A process that ends closes its descriptors, the same rules hold.
func TestExit(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(tn *testNet)
		sent string
	}{
		{"plain", func(*testNet) {}, "client F. 1:1(0) ack 1"},
		{"unread", func(tn *testNet) { tn.peer("P. 1:2(1) ack 1") }, "client R 1:1(0)"},
		{"linger 0", func(tn *testNet) { tn.client.linger(3, true, 0) }, "client R 1:1(0)"},
		{"linger", func(tn *testNet) { tn.client.linger(3, true, 9) }, "client F. 1:1(0) ack 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tn := inState(t, fsm.Established)
			r := tn.client.recv(3, 100, MsgWaitAll)
			c.do(tn)
			if c.name == "unread" { // what is read is not unread
				tn = inState(t, fsm.Established)
				c.do(tn)
				r = nil
			}
			tn.forget()
			tn.client.Exit()
			tn.wantSent(c.sent)
			require.Empty(t, inUse(&tn.sockets))
			if r != nil {
				tn.pass(time.Minute)
				tn.want(r, "never")
			}
			tn.forget()
		})
	}
}

// A process that ends closes its own descriptors: a child that has inherited them
// goes on with the connection.
func TestExitLeavesChild(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	child := tn.client.fork()
	tn.client.Exit()
	tn.wantNoneSent()
	tn.want(child.say(cfd, "still"), "5")
	tn.pass(testDelay)
	tn.wantText(tn.server.recv(sfd, 9), "still")
	tn.forget()
	child.Exit()
	tn.wantSent("client F. 6:6(0) ack 1")
}

// RFC 9293 3.6.1: text that comes after a full close is lost, and a
// RST with its ACK as sequence number tells so. What comes later meets CLOSED.
func TestTextAfterClose(t *testing.T) {
	for _, s := range []fsm.State{fsm.FinWait1, fsm.FinWait2} {
		t.Run(s.String(), func(t *testing.T) {
			tn := inState(t, s)
			tn.want(tn.client.close(3), "0")
			tn.wantNoneSent()
			tn.peer("P. 1:11(10) ack 2")
			tn.wantSent("client R 2:2(0)")
			tn.client.wantStates(map[fsm.State]int{})
			tn.peer("F. 11:11(0) ack 2")
			tn.wantSent("client R 2:2(0)")
		})
	}
}

// Old text, and a FIN alone, are no new text.
func TestOldTextAfterClose(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.peer("P. 1:11(10) ack 1")
	tn.want(tn.client.recv(3, 10), "10")
	tn.want(tn.client.close(3), "0")
	tn.forget()
	tn.peer("P. 1:11(10) ack 1")
	tn.wantSent("client . 2:2(0) ack 11")
	tn.peer("F. 11:11(0) ack 2")
	tn.wantSent("client . 2:2(0) ack 12")
	tn.client.wantStates(map[fsm.State]int{fsm.TimeWait: 1})
}

// RFC 793 knows no half-duplex close: text is taken and acknowledged, although
// nobody will read it, until the window is full.
func TestTextAfterClose793(t *testing.T) {
	tn := inState(t, fsm.FinWait2, under(RFC793()))
	tn.want(tn.client.close(3), "0")
	tn.peer("P. 1:1001(1000) ack 2")
	tn.wantSent("client . 2:2(0) ack 1001")
	tn.peer("P. 1001:4097(3096) ack 2")
	tn.wantSent("client . 2:2(0) ack 4097")
	tn.peer("P. 4097:4098(1) ack 2")
	tn.wantSent("client . 2:2(0) ack 4097")
	tn.client.wantStates(map[fsm.State]int{fsm.FinWait2: 1})
	tn.peer("R 4097:4097(0)")
	require.NoError(t, empty(tn.Network))
}

// A half close is not a full one: text is still received (RFC 9293 3.6).
func TestTextAfterHalfClose(t *testing.T) {
	inEach(t, states(fsm.FinWait1, fsm.FinWait2), func(tn *testNet, u user) {
		tn.peer("P. 1:11(10) ack 2")
		tn.want(u.recv(3, 100), "10")
		u.wantState(3, fsm.FinWait2)
	})
}

// RFC 9293 3.10.4: CLOSE acts at once, although another thread waits on
// the descriptor: the FIN leaves, and the call that waits ends.
func TestCloseWhileRecvBlocks(t *testing.T) {
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		r := u.recv(3, 10)
		tn.want(u.close(3), "0")
		tn.wantSent("client F. 1:1(0) ack 1")
		tn.pass(testDelay)
		require.True(tn.t, r.Done && r.Result == -1, answerOf(r))
	})
}

// A RST that is lost tells nobody: the peer learns when it sends.
func TestLostReset(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	tn.Fault(Fault{Verb: Drop, Host: tn.client.host.id, Set: fsm.RST, Nth: 1, Count: 1})
	tn.client.linger(cfd, true, 0)
	tn.want(tn.client.close(cfd), "0")
	tn.pass(24 * time.Hour)
	tn.server.wantState(sfd, fsm.Established)
	tn.wantSent("client R 1:1(0)")
	tn.want(tn.server.send(sfd, 5), "5")
	tn.pass(2 * testDelay)
	tn.wantSent("server P. 1:6(5) ack 1", "client R 1:1(0)")
	tn.server.wantState(sfd, fsm.Closed)
	tn.server.wantError(sfd, ECONNRESET)
}
