package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// smallBuffer makes room for 1000 octets to be sent.
var smallBuffer = system(func(s *System) { s.TCP.SndBuf = 1000 })

// send() by state: POSIX ENOTCONN without a connection; before the handshake is
// over the octets are queued (RFC 9293 3.10.2); after our FIN, EPIPE and SIGPIPE.
func TestSendByState(t *testing.T) {
	for s, want := range map[fsm.State]string{
		fsm.Closed: "-1 ENOTCONN", fsm.Listen: "-1 ENOTCONN", fsm.SynSent: "10", fsm.SynReceived: "10",
		fsm.Established: "10", fsm.FinWait1: "-1 EPIPE, SIGPIPE", fsm.FinWait2: "-1 EPIPE, SIGPIPE", fsm.CloseWait: "10",
		fsm.Closing: "-1 EPIPE, SIGPIPE", fsm.LastAck: "-1 EPIPE, SIGPIPE", fsm.TimeWait: "-1 EPIPE, SIGPIPE",
	} {
		inEach(t, states(s), func(tn *testNet, u user) {
			tn.want(u.send(3, 10), want)
			if want != "10" {
				tn.wantNoneSent()
			}
			u.wantState(3, s)
		})
	}
}

// What was queued in SYN-SENT goes when the connection is established.
func TestSendInSynSent(t *testing.T) {
	inEach(t, states(fsm.SynSent), func(tn *testNet, u user) {
		tn.want(u.say(3, "early"), "5")
		tn.wantNoneSent()
		tn.peer("S. 0:0(0) ack 1")
		tn.wantSent("client P. 1:6(5) ack 1")
	})
}

// The first check that applies tells: the send side is shut; the error,
// once; no connection.
func TestSendOrderOfChecks(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		tn.peer("R 1:1(0)")
		tn.want(tn.client.send(3, 1), "-1 ECONNRESET")
		tn.want(tn.client.send(3, 1), "-1 ENOTCONN")
		tn.client.wantError(3, OK)

		tn = inState(t, fsm.FinWait2, under(sys))
		tn.peer("R 1:1(0)")
		tn.want(tn.client.send(3, 1), "-1 EPIPE, SIGPIPE")
		tn.client.wantError(3, ECONNRESET)
		tn.want(tn.client.send(3, 1, MsgNoSignal), "-1 EPIPE")

		// After a graceful end.
		tn = inState(t, fsm.LastAck, under(sys))
		tn.peer(". 2:2(0) ack 2")
		tn.client.wantState(3, fsm.Closed)
		tn.want(tn.client.send(3, 1), "-1 EPIPE, SIGPIPE")
		tn.want(tn.client.recv(3, 1), "0")
		tn.client.wantError(3, OK)
	})
}

// Nothing to send: the checks are made all the same.
func TestSendNothing(t *testing.T) {
	for s, want := range map[fsm.State]string{
		fsm.Closed: "-1 ENOTCONN", fsm.Established: "0", fsm.CloseWait: "0", fsm.FinWait2: "-1 EPIPE, SIGPIPE",
	} {
		tn := inState(t, s)
		tn.want(tn.client.send(3, 0), want)
		tn.wantNoneSent()
	}
}

// The first send after the peer's close() succeeds; the error comes when
// its RST is back.
func TestSendToClosedPeer(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	tn.want(tn.client.close(cfd), "0")
	tn.pass(2 * testDelay)
	tn.want(tn.server.recv(sfd, 10), "0")
	tn.want(tn.server.send(sfd, 10), "10")
	tn.pass(2 * testDelay)
	tn.server.wantState(sfd, fsm.Closed)
	tn.wantSent("client F. 1:1(0) ack 1", "server . 1:1(0) ack 2", "server P. 1:11(10) ack 2", "client R 2:2(0)")
	tn.want(tn.server.send(sfd, 10), "-1 ECONNRESET")
	tn.want(tn.server.recv(sfd, 10), "0")
}

// Success means that the octets are in the buffer. A call that blocks
// takes all; a non-blocking one what there is room for.
func TestSendBuffer(t *testing.T) {
	inEach(t, states(fsm.Established), func(tn *testNet, u user) {
		tn.want(u.send(3, 1500, MsgDontWait), "1000")
		tn.want(u.send(3, 1, MsgDontWait), "-1 EAGAIN")
		u.nonblocking(3, true)
		tn.want(u.send(3, 1), "-1 EAGAIN")
		u.nonblocking(3, false)
		c := u.send(3, 300)
		tn.pass(100 * time.Millisecond)
		tn.want(c, "waits")
		tn.peer(". 1:1(0) ack 201")
		tn.want(c, "waits")
		tn.peer(". 1:1(0) ack 301")
		tn.want(c, "300 after 100ms")
		tn.want(u.send(3, 1, MsgDontWait), "-1 EAGAIN")
		unsent := u.do(Call{Op: OpUnsent, FD: 3})
		tn.want(unsent, "0")
		require.Equal(tn.t, 1000, unsent.Value)
		tn.forget()
	}, smallBuffer)
}

// SO_SNDTIMEO: a send that finds no room in its time fails with EAGAIN; one that
// has sent something tells how much (POSIX 2.10.16).
func TestSendTimeout(t *testing.T) {
	tn := inState(t, fsm.Established, smallBuffer)
	tn.want(tn.client.set(3, SoSndTimeo, 100), "0")
	c := tn.client.send(3, 1500)
	tn.pass(time.Second)
	tn.want(c, "1000 after 100ms")
	c = tn.client.send(3, 1)
	tn.pass(time.Second)
	tn.want(c, "-1 EAGAIN after 100ms")
	require.Equal(t, 100, tn.client.get(3, SoSndTimeo).Value)
}

// A send that waits when the RST comes tells what it has sent; the next
// call finds the error. One that has sent nothing finds it itself.
func TestSendReset(t *testing.T) {
	eachRFC(t, func(t *testing.T, sys System) {
		small := system(func(s *System) { *s = sys; s.TCP.SndBuf = 1000 })
		for name, next := range map[string]func(tn *testNet){
			"send":     func(tn *testNet) { tn.want(tn.client.send(3, 1), "-1 ECONNRESET") },
			"recv":     func(tn *testNet) { tn.want(tn.client.recv(3, 1), "-1 ECONNRESET") },
			"SO_ERROR": func(tn *testNet) { tn.client.wantError(3, ECONNRESET) },
		} {
			t.Run(name, func(t *testing.T) {
				tn := inState(t, fsm.Established, small)
				c := tn.client.send(3, 1500)
				tn.pass(testDelay)
				tn.peer("R 1:1(0)")
				tn.want(c, "1000 after 10ms")
				next(tn)
			})
		}
		tn := inState(t, fsm.Established, small)
		tn.want(tn.client.send(3, 1000), "1000")
		c := tn.client.send(3, 1)
		tn.pass(testDelay)
		tn.peer("R 1:1(0)")
		tn.want(c, "-1 ECONNRESET after 10ms")
		require.False(t, c.SigPipe)
		tn.client.wantError(3, OK)
	})
}

// A send that waits fails with the connection where the system has it so, whatever was
// taken: by FreeBSD with EPIPE, and SO_ERROR has the reason; by Windows for good.
func TestSendResetFailsWhole(t *testing.T) {
	reset := func(change func(*System), answer string) *testNet {
		tn := inState(t, fsm.Established, smallBuffer, system(change))
		c := tn.client.send(3, 1500)
		tn.pass(testDelay)
		tn.peer("R 1:1(0)")
		tn.want(c, answer)
		return tn
	}
	tn := reset(func(s *System) { s.PartialSendFails, s.PipeWhenDead = true, true }, "-1 EPIPE, SIGPIPE after 10ms")
	tn.client.wantError(3, ECONNRESET)
	tn = reset(func(s *System) { s.PartialSendFails, s.ErrorSticky = true, true }, "-1 ECONNRESET after 10ms")
	tn.want(tn.client.send(3, 1), "-1 ECONNRESET")
}

// MSG_MORE is SEND without PUSH (RFC 9293 3.9.1.2): text that does not fill a
// segment waits for more.
func TestSendMore(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.want(tn.client.say(3, "one, ", MsgMore), "5")
	tn.wantNoneSent()
	tn.want(tn.client.say(3, "two"), "3")
	tn.wantSent("client P. 1:9(8) ack 1")
	require.Equal(t, "one, two", string(tn.AppendText(nil, tn.last.Text, 8)))
}

// MSG_OOB is SEND with URGENT: the pointer names the octet after the last
// (MUST-62).
func TestSendUrgent(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.want(tn.client.send(3, 5, MsgOOB), "5")
	tn.wantSent("client PU. 1:6(5) ack 1")
	require.Equal(t, uint16(5), tn.last.Seg.Up)
}

// The octets of a send are those that its caller gave, however they travel; where
// it gave none they are the pattern.
func TestSendText(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	tn.want(tn.client.say(cfd, "first "), "6")
	tn.want(tn.client.send(cfd, 4), "4") // offsets 6 to 9 of the stream: ghij
	tn.want(tn.client.say(cfd, " last"), "5")
	tn.pass(time.Second)
	tn.wantText(tn.server.recv(sfd, 8), "first gh")
	tn.wantText(tn.server.recv(sfd, 100), "ij last")
}

// The caller's octets are copied when they are sent: it may write others into its
// buffer then. A call that blocks still sends from it.
func TestSendCopies(t *testing.T) {
	tn := newTestNet(t, smallBuffer)
	cfd, sfd := tn.connected()
	data := make([]byte, 1500)
	for i := range data {
		data[i] = byte(i % 251)
	}
	want := string(data)
	c := tn.client.do(Call{Op: OpSend, FD: cfd, N: len(data), Data: data})
	tn.pass(time.Second)
	require.True(t, c.Done)
	clear(data)
	r := tn.server.recv(sfd, 1500, MsgWaitAll)
	tn.pass(time.Second)
	tn.wantText(r, want)
}
