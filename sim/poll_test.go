package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// 3.8: what poll() finds in each state.
func TestPollByState(t *testing.T) {
	for s, want := range map[fsm.State]PollEvents{
		fsm.Listen: 0, fsm.SynSent: 0, fsm.SynReceived: 0, fsm.Established: PollOut,
		fsm.FinWait1: PollOut, fsm.FinWait2: PollOut, // send() would not block: it fails
		fsm.CloseWait: PollIn | PollOut | PollRdHup, // no HUP before both directions are shut
		fsm.Closing:   PollIn | PollOut | PollHup | PollRdHup,
		fsm.LastAck:   PollIn | PollOut | PollHup | PollRdHup,
		fsm.TimeWait:  PollIn | PollOut | PollHup | PollRdHup,
	} {
		inEach(t, states(s), func(tn *testNet, u user) {
			require.Equal(tn.t, want, u.events(3))
			tn.wantNoneSent()
		})
	}
}

// 3.8: a RST, a timeout, a refusal: everything at once; ERR goes when the error
// has been told, the rest stays.
func TestPollError(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.peer("R 1:1(0)")
	require.Equal(t, PollIn|PollOut|PollErr|PollHup|PollRdHup, tn.client.events(3))
	tn.client.wantError(3, ECONNRESET)
	require.Equal(t, PollIn|PollOut|PollHup|PollRdHup, tn.client.events(3))
	// ERR and HUP come unasked; the rest only if it was asked for (POSIX poll).
	tn = inState(t, fsm.Established)
	tn.peer("R 1:1(0)")
	c := tn.client.poll(0, PollFD{FD: 3})
	tn.want(c, "1")
	require.Equal(t, PollErr|PollHup, c.Poll[0].Revents)
}

// Text makes a socket readable; room makes it writable.
func TestPollReadyToReadAndWrite(t *testing.T) {
	tn := inState(t, fsm.Established, smallBuffer)
	tn.peer("P. 1:6(5) ack 1")
	require.Equal(t, PollIn|PollOut, tn.client.events(3))
	tn.client.recv(3, 4)
	require.Equal(t, PollIn|PollOut, tn.client.events(3))
	tn.client.recv(3, 4)
	require.Equal(t, PollOut, tn.client.events(3))
	tn.want(tn.client.send(3, 1000), "1000")
	require.Zero(t, tn.client.events(3))
	tn.peer(". 6:6(0) ack 1001")
	require.Equal(t, PollOut, tn.client.events(3))
	tn.client.shutdown(3, ShutRd)
	require.Equal(t, PollIn|PollOut|PollRdHup, tn.client.events(3))
}

// A listener is readable when accept() would not wait.
func TestPollListener(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	c := tn.server.poll(-1, PollFD{FD: 3, Events: PollIn})
	tn.callers(1)
	tn.pass(2 * testDelay)
	tn.want(c, "waits")
	tn.pass(testDelay)
	tn.want(c, "1 after 30ms")
	require.Equal(t, PollIn, c.Poll[0].Revents)
	tn.want(tn.server.accept(3), "4")
	require.Zero(t, tn.server.events(3))
}

// poll() waits for the first of several, as long as it is told to: 0 is not at
// all, negative is for ever.
func TestPollWaits(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	_, other := tn.connected()
	both := []PollFD{{FD: sfd, Events: PollIn}, {FD: other, Events: PollIn | PollRdHup}}
	tn.want(tn.server.poll(0, both...), "0")
	c := tn.server.poll(50*time.Millisecond, both...)
	tn.pass(time.Second)
	tn.want(c, "0 after 50ms")
	require.Zero(t, c.Poll[0].Revents|c.Poll[1].Revents)

	c = tn.server.poll(time.Second, both...)
	tn.want(tn.client.send(cfd, 1), "1")
	tn.pass(testDelay)
	tn.want(c, "1 after 10ms")
	require.Equal(t, PollIn, c.Poll[0].Revents)
	require.Zero(t, c.Poll[1].Revents)
	tn.pass(time.Hour)
	tn.want(c, "1 after 10ms")
	tn.server.recv(sfd, 9)

	c = tn.server.poll(-1, both...)
	tn.want(tn.client.close(cfd+1), "0")
	tn.pass(testDelay)
	tn.want(c, "1 after 10ms")
	require.Equal(t, PollIn|PollRdHup, c.Poll[1].Revents)
}

// POSIX poll(): POLLNVAL for a descriptor that is not open; an entry with a
// negative one is passed over.
func TestPollInvalid(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	tn.want(tn.client.close(fd), "0")
	c := tn.client.poll(-1, PollFD{FD: fd, Events: PollIn})
	tn.want(c, "1")
	require.Equal(t, PollNval, c.Poll[0].Revents)
	c = tn.client.poll(0, PollFD{FD: -1, Events: PollIn, Revents: PollIn})
	tn.want(c, "0")
	require.Zero(t, c.Poll[0].Revents)
}
