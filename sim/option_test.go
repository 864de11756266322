package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// Every option that can be set reads as it was set, in every state, and is off,
// or the profile's, before.
func TestOptions(t *testing.T) {
	for _, o := range []struct {
		option        Option
		before, value int
	}{
		{SoReuseAddr, 0, 1}, {SoReusePort, 0, 1}, {SoKeepAlive, 0, 1}, {SoRcvBuf, 65535, 4000}, {SoSndBuf, 65536, 5000},
		{SoRcvTimeo, 0, 1500}, {SoSndTimeo, 0, 2500}, {TCPNoDelay, 0, 1}, {TCPCork, 0, 1}, {TCPKeepIdle, 7200, 10},
		{TCPKeepIntvl, 75, 20}, {TCPKeepCnt, 9, 4}, {TCPUserTimeout, 300_000, 7000},
	} {
		t.Run(o.option.String(), func(t *testing.T) {
			for _, s := range []fsm.State{fsm.Closed, fsm.Listen, fsm.SynSent, fsm.Established, fsm.CloseWait, fsm.TimeWait} {
				tn := inState(t, s)
				c := tn.client.get(3, o.option)
				tn.want(c, "0")
				require.Equal(t, o.before, c.Value)
				tn.want(tn.client.set(3, o.option, o.value), "0")
				require.Equal(t, o.value, tn.client.get(3, o.option).Value)
				if o.value == 1 { // a switch: any number but 0 is on
					tn.want(tn.client.set(3, o.option, 0), "0")
					require.Equal(t, 0, tn.client.get(3, o.option).Value)
					tn.want(tn.client.set(3, o.option, 17), "0")
					require.Equal(t, 1, tn.client.get(3, o.option).Value)
				}
				tn.wantNoneSent()
			}
		})
	}
}

// Options that only tell cannot be set (POSIX ENOPROTOOPT).
func TestOptionsReadOnly(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	for o, want := range map[Option]int{SoError: 0, SoType: SockStream, SoAcceptConn: 0} {
		tn.want(tn.client.set(fd, o, 1), "-1 ENOPROTOOPT")
		require.Equal(t, want, tn.client.get(fd, o).Value)
	}
	tn.want(tn.client.listen(fd, 1), "0")
	require.Equal(t, 1, tn.client.get(fd, SoAcceptConn).Value)
}

// Values that mean nothing are refused (POSIX EINVAL), and change nothing.
func TestOptionsInvalid(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	for o, bad := range map[Option][]int64{
		SoRcvBuf: {-1, 1 << 32}, SoSndBuf: {-1, 1 << 32}, TCPMaxSeg: {0, -1, 65536}, TCPKeepIdle: {-1, 1 << 31},
		TCPKeepIntvl: {-1, 1 << 31}, TCPKeepCnt: {-1}, TCPUserTimeout: {-1, 1 << 32},
	} {
		before := tn.client.get(fd, o).Value
		for _, v := range bad {
			if int64(int(v)) != v {
				continue // an int of 32 bits cannot say it
			}
			tn.want(tn.client.set(fd, o, int(v)), "-1 EINVAL")
			require.Equal(t, before, tn.client.get(fd, o).Value, "%v", o)
		}
	}
}

// TCP_MAXSEG bounds the segments of both directions (RFC 9293 3.7.1).
func TestMaxSegment(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(1)
	fd := tn.client.socket()
	tn.want(tn.client.set(fd, TCPMaxSeg, 600), "0")
	tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	require.Equal(t, uint16(600), tn.records(Sent)[0].Packet.Seg.MSS)
	tn.want(tn.server.accept(3), "4")
	tn.want(tn.client.send(fd, 3000), "3000")
	tn.want(tn.server.send(4, 3000), "3000")
	tn.pass(testDelay * 50)
	for _, r := range tn.records(Sent) {
		require.LessOrEqual(t, r.Packet.Seg.Len, uint16(600))
	}
	require.Equal(t, 600, tn.client.get(fd, TCPMaxSeg).Value)
}

// SO_RCVBUF is what a peer may send before anything is read.
func TestRcvBuf(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(1)
	tn.want(tn.server.set(3, SoRcvBuf, 3000), "0")
	cfd, sfd := tn.connected()
	tn.want(tn.client.send(cfd, 10_000), "10000")
	tn.pass(testDelay * 20)
	unread := tn.server.do(Call{Op: OpUnread, FD: sfd})
	tn.want(unread, "0")
	require.LessOrEqual(t, unread.Value, 3001) // a probe of the closed window is an octet more
	require.GreaterOrEqual(t, unread.Value, 2000)
}

// TCP_NODELAY sends small segments at once; the Nagle algorithm waits for the ACK
// of what is out (RFC 9293 3.7.4, MUST-17).
func TestNoDelay(t *testing.T) {
	for _, on := range []int{0, 1} {
		tn := inState(t, fsm.Established)
		tn.want(tn.client.set(3, TCPNoDelay, on), "0")
		tn.want(tn.client.send(3, 5), "5")
		tn.want(tn.client.send(3, 5), "5")
		if on == 1 {
			tn.wantSent("client P. 1:6(5) ack 1", "client P. 6:11(5) ack 1")
			continue
		}
		tn.wantSent("client P. 1:6(5) ack 1")
		tn.want(tn.client.set(3, TCPNoDelay, 1), "0")
		tn.wantSent("client P. 6:11(5) ack 1")
	}
}

// TCP_CORK holds what does not fill a segment, and lets it go when it is pulled.
func TestCork(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.want(tn.client.set(3, TCPCork, 1), "0")
	tn.want(tn.client.send(3, 5), "5")
	tn.want(tn.client.send(3, 5), "5")
	tn.wantNoneSent()
	tn.want(tn.client.set(3, TCPCork, 0), "0")
	tn.wantSent("client P. 1:11(10) ack 1")
}

// ioctl: SIOCINQ tells what can be read, SIOCOUTQ what is not acknowledged; our FIN counts
// there, as on Linux, which alone has it.
func TestQueuesTold(t *testing.T) {
	tn := inState(t, fsm.Established)
	ask := func(o Op) int {
		c := tn.client.do(Call{Op: o, FD: 3})
		tn.want(c, "0")
		return c.Value
	}
	require.Equal(t, 0, ask(OpUnread))
	require.Equal(t, 0, ask(OpUnsent))
	tn.peer("P. 1:11(10) ack 1")
	tn.want(tn.client.send(3, 30), "30")
	tn.want(tn.client.shutdown(3, ShutWr), "0")
	require.Equal(t, 10, ask(OpUnread))
	require.Equal(t, 31, ask(OpUnsent))
	tn.client.recv(3, 4)
	tn.peer("F. 11:11(0) ack 21")
	require.Equal(t, 6, ask(OpUnread))
	require.Equal(t, 11, ask(OpUnsent))
	tn.peer(". 12:12(0) ack 32")
	require.Equal(t, 0, ask(OpUnsent))
	tn.forget()
}

// fcntl: O_NONBLOCK reads as it was set.
func TestNonblockReadsBack(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	for _, on := range []bool{false, true, false} {
		tn.want(tn.client.nonblocking(fd, on), "0")
		c := tn.client.do(Call{Op: OpGetFlags, FD: fd})
		tn.want(c, "0")
		require.Equal(t, on, c.Nonblock)
	}
	// socket(SOCK_STREAM | SOCK_NONBLOCK).
	c := tn.client.do(Call{Op: OpSocket, Nonblock: true})
	require.True(t, tn.client.do(Call{Op: OpGetFlags, FD: c.Result}).Nonblock)
}
