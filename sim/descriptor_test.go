package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// POSIX 2.14: a call that gives out a descriptor gives the lowest that is free.
func TestDescriptorLowestFree(t *testing.T) {
	tn := newTestNet(t)
	u := tn.client
	for want := 3; want < 8; want++ {
		require.Equal(t, want, u.socket())
	}
	for _, fd := range []int{6, 4, 3} {
		tn.want(u.close(fd), "0")
	}
	tn.want(u.dup(5), "3")
	require.Equal(t, 4, u.socket())
	tn.want(u.dup(7), "6")
	require.Equal(t, 8, u.socket())
	tn.want(u.close(8), "0")
	tn.want(u.close(3), "0")
	require.Equal(t, 3, u.socket())

	child := u.fork()
	require.Equal(t, 8, child.socket(), "a child has its own table")
	tn.want(child.close(5), "0")
	require.Equal(t, 5, child.socket())
	require.Equal(t, 8, u.socket())
}

// accept() gives the lowest free descriptor too.
func TestDescriptorAccept(t *testing.T) {
	tn := newTestNet(t)
	require.Equal(t, 3, tn.server.listener(5))
	require.Equal(t, 4, tn.server.socket())
	require.Equal(t, 5, tn.server.socket())
	tn.want(tn.server.close(4), "0")
	_, sfd := tn.connected()
	require.Equal(t, 4, sfd)
	_, sfd = tn.connected()
	require.Equal(t, 6, sfd)
}

// POSIX: a call on a descriptor that is not open fails with EBADF, whatever else
// may be wrong with it.
func TestDescriptorBad(t *testing.T) {
	tn := newTestNet(t)
	u := tn.client
	fd := u.socket()
	tn.want(u.close(fd), "0")
	for _, bad := range []int{fd, -1, 0, 2, fd + 1, 1 << 20} {
		for _, c := range []*Call{
			u.bind(bad, u.at(1)), u.listen(bad, 1), u.accept(bad), u.connect(bad, tn.server.at(testPort)), u.send(bad, 1),
			u.recv(bad, 1), u.shutdown(bad, ShutWr), u.close(bad), u.set(bad, SoLinger, 1), u.get(bad, SoError),
			u.nonblocking(bad, true), u.do(Call{Op: OpGetFlags, FD: bad}), u.do(Call{Op: OpUnread, FD: bad}),
			u.do(Call{Op: OpUnsent, FD: bad}), u.dup(bad),
		} {
			tn.want(c, "-1 EBADF")
			require.False(t, c.SigPipe)
		}
	}
	tn.wantNoneSent()
}

// POSIX: EMFILE if all descriptors of the process are open.
func TestDescriptorsExhausted(t *testing.T) {
	tn := newTestNet(t, system(func(s *System) { s.Descriptors = 6 }))
	u := tn.client
	for want := 3; want < 6; want++ {
		require.Equal(t, want, u.socket())
	}
	tn.want(u.do(Call{Op: OpSocket}), "-1 EMFILE")
	tn.want(u.dup(3), "-1 EMFILE")
	child := u.fork()
	tn.want(child.dup(3), "-1 EMFILE")
	tn.want(u.close(4), "0")
	tn.want(u.dup(3), "4")
	tn.want(child.dup(3), "-1 EMFILE")
}

// POSIX accept(): EMFILE, and the connection goes on waiting in the queue.
func TestAcceptWithoutDescriptor(t *testing.T) {
	tn := newTestNet(t, system(func(s *System) { s.Descriptors = 5 }))
	tn.server.listener(5)
	spare := tn.server.socket()
	cfd := tn.client.socket()
	tn.client.connect(cfd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(tn.client.say(cfd, "kept"), "4")
	tn.pass(testDelay)
	tn.want(tn.server.accept(3), "-1 EMFILE")
	tn.want(tn.server.accept(3), "-1 EMFILE")
	tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1, fsm.Established: 1})
	require.NoError(t, sound(tn.Network))
	tn.want(tn.server.close(spare), "0")
	tn.want(tn.server.accept(3), "4")
	tn.wantText(tn.server.recv(4, 10), "kept")
}

// POSIX close(): the connection lives as long as one descriptor of it does,
// whether it was duplicated or inherited.
func TestDescriptorsShared(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	child := tn.client.fork()
	tn.want(tn.client.dup(cfd), "4")
	tn.want(tn.client.close(cfd), "0")
	tn.want(tn.client.close(4), "0")
	tn.pass(testDelay)
	tn.wantNoneSent()
	tn.want(tn.client.send(cfd, 1), "-1 EBADF")
	tn.want(child.send(cfd, 5), "5")
	tn.pass(testDelay)
	tn.want(tn.server.recv(sfd, 10), "5")
	tn.wantSent("client P. 1:6(5) ack 1")
	child.Exit()
	tn.wantSent("client F. 6:6(0) ack 1")
}

// close() twice: the second is EBADF, and frees nothing again.
func TestCloseTwice(t *testing.T) {
	tn := newTestNet(t)
	a, b := tn.client.socket(), tn.client.socket()
	tn.want(tn.client.close(a), "0")
	tn.want(tn.client.close(a), "-1 EBADF")
	require.Equal(t, a, tn.client.socket())
	require.NoError(t, sound(tn.Network))
	tn.want(tn.client.close(b), "0")
	tn.want(tn.client.close(a), "0")
	require.NoError(t, empty(tn.Network))
}

// The flags of a descriptor's file are shared by all duplicates (POSIX open file
// description).
func TestFlagsShared(t *testing.T) {
	tn := newTestNet(t)
	cfd, _ := tn.connected()
	tn.want(tn.client.dup(cfd), "4")
	child := tn.client.fork()
	tn.want(child.nonblocking(4, true), "0")
	flags := tn.client.do(Call{Op: OpGetFlags, FD: cfd})
	tn.want(flags, "0")
	require.True(t, flags.Nonblock)
	tn.want(tn.client.recv(cfd, 1), "-1 EAGAIN")
	tn.want(tn.client.nonblocking(cfd, false), "0")
	tn.want(child.recv(4, 1), "waits")
}

// A process that has ended makes no calls any more.
func TestGoneProcess(t *testing.T) {
	tn := newTestNet(t)
	worker := user{tn, tn.client.host.AddProcess("worker")}
	fd := worker.socket()
	worker.Exit()
	require.True(t, worker.Gone())
	require.Nil(t, tn.client.host.Process("worker"))
	for _, c := range []*Call{worker.do(Call{Op: OpSocket}), worker.recv(fd, 1), worker.close(fd)} {
		tn.want(c, "never")
	}
	require.NoError(t, empty(tn.Network))

	// A host always has a first process: a new one takes the place of one that ends.
	tn.client.Exit()
	next := tn.client.host.Process("")
	require.NotNil(t, next)
	require.NotSame(t, tn.client.Process, next)
	require.Equal(t, 3, user{tn, next}.socket())
}

// The state of a connection can be asked for after close() too, until its number
// is used again.
func TestStateAfterClose(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	_, known := tn.client.State(cfd + 1)
	require.False(t, known, "a number that was never used")
	tn.want(tn.client.close(cfd), "0")
	tn.pass(3 * testDelay)
	tn.client.wantState(cfd, fsm.FinWait2)
	tn.server.wantState(sfd, fsm.CloseWait)
	tn.want(tn.server.close(sfd), "0")
	tn.server.wantState(sfd, fsm.LastAck)
	tn.pass(testDelay)
	tn.client.wantState(cfd, fsm.TimeWait)
	tn.client.socket()
	tn.client.wantState(cfd, fsm.Closed)
	tn.pass(testDelay)
	tn.server.wantState(sfd, fsm.Closed)
}
