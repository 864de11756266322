package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// An option that a system does not know is neither set nor told; the others are both,
// or can only be asked.
func TestOptionsLacking(t *testing.T) {
	for name, lacks := range map[string][]Option{
		"rfc9293":     {SoExclusiveAddrUse, SoDontLinger, SoLingerSec, TCPMaxRT, TCPNoPush, TCPKeepInit, TCPNoOpt},
		"rfc793":      {SoExclusiveAddrUse, SoDontLinger, SoLingerSec, TCPMaxRT, TCPNoPush, TCPKeepInit, TCPNoOpt},
		"linux":       {SoExclusiveAddrUse, SoDontLinger, SoLingerSec, TCPMaxRT, TCPNoPush, TCPKeepInit, TCPNoOpt},
		"freebsd":     {SoExclusiveAddrUse, SoDontLinger, SoLingerSec, TCPMaxRT, TCPLinger2, TCPCork, TCPUserTimeout},
		"darwin":      {SoExclusiveAddrUse, SoDontLinger, TCPMaxRT, TCPLinger2, TCPCork, TCPUserTimeout, TCPKeepInit},
		"windows":     {SoReusePort, SoLingerSec, TCPCork, TCPNoPush, TCPKeepInit, TCPNoOpt, TCPLinger2, TCPUserTimeout},
		"windows2000": {SoReusePort, SoLingerSec, TCPCork, TCPNoPush, TCPKeepInit, TCPNoOpt, TCPLinger2, TCPUserTimeout},
	} {
		sys, _ := Profile(name)
		require.Equal(t, optionSet(lacks...), sys.Lacks, name)
		for _, o := range Options() {
			tn := newTestNet(t, under(sys))
			fd := tn.client.socket()
			get, set := "0", "0"
			unknown := "-1 " + sys.ErrnoName(ENOPROTOOPT)
			switch {
			case slices.Contains(lacks, o):
				get, set = unknown, unknown
			case slices.Contains([]Option{SoError, SoType, SoAcceptConn}, o):
				set = unknown
			}
			require.Equal(t, get, answerOf(tn.client.get(fd, o)), "%s: get %v", name, o)
			require.Equal(t, set, answerOf(tn.client.set(fd, o, 100)), "%s: set %v", name, o)
		}
	}
}

// SO_DONTLINGER is SO_LINGER's other side: each tells what the other has set.
func TestDontLinger(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		u := tn.client
		require.Equal(t, 1, u.get(3, SoDontLinger).Value, "on by default")
		require.Equal(t, Linger{}, u.get(3, SoLinger).Linger)
		tn.want(u.linger(3, true, 9), "0")
		require.Equal(t, 0, u.get(3, SoDontLinger).Value)
		tn.want(u.set(3, SoDontLinger, 1), "0")
		require.Equal(t, 1, u.get(3, SoDontLinger).Value)
		require.False(t, u.get(3, SoLinger).Linger.On)
		tn.want(u.set(3, SoDontLinger, 0), "0")
		require.True(t, u.get(3, SoLinger).Linger.On)
		tn.want(u.set(3, SoDontLinger, 17), "0")
		require.Equal(t, 1, u.get(3, SoDontLinger).Value)
		tn.want(u.send(3, 5), "5")
		tn.want(u.close(3), "0")
		tn.forget()
	}, "windows", "windows2000")
}

// Darwin counts SO_LINGER in ticks of 10 ms, and SO_LINGER_SEC in seconds.
func TestLingerTicks(t *testing.T) {
	for o, value := range map[Option]uint16{SoLinger: 200, SoLingerSec: 2} {
		tn := inState(t, fsm.Established, under(Darwin()))
		u := tn.client
		tn.want(u.do(Call{Op: OpSetsockopt, FD: 3, Option: o, Linger: Linger{true, value}}), "0")
		require.Equal(t, Linger{true, 200}, u.get(3, SoLinger).Linger)
		require.Equal(t, Linger{true, 2}, u.get(3, SoLingerSec).Linger)
		c := u.close(3)
		tn.pass(time.Minute)
		tn.want(c, "0 after 2s")
		tn.forget()
	}
	tn := newTestNet(t, under(FreeBSD()))
	fd := tn.client.socket()
	tn.want(tn.client.linger(fd, true, 200), "0")
	require.Equal(t, Linger{true, 200}, tn.client.get(fd, SoLinger).Linger)
	require.Equal(t, uint32(200_000), tn.client.socketAt(fd).has().linger, "milliseconds")
}

// A SO_LINGER that is off keeps its time, but under Linux.
func TestLingerOffReadsBack(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := newTestNet(t, under(sys))
		fd := tn.client.socket()
		tn.want(tn.client.linger(fd, false, 9), "0")
		want := Linger{false, 9}
		if sys.Name() == "linux" {
			want = Linger{}
		}
		require.Equal(t, want, tn.client.get(fd, SoLinger).Linger)
	}, Profiles()...)
}

// TCP_MAXRT is in seconds how long text may stay unacknowledged; TCP_USER_TIMEOUT is the
// same in milliseconds.
func TestMaxRT(t *testing.T) {
	tn := inState(t, fsm.Established, under(Windows()))
	tn.want(tn.client.set(3, TCPMaxRT, 4), "0")
	require.Equal(t, 4, tn.client.get(3, TCPMaxRT).Value)
	tn.want(tn.client.send(3, 10), "10")
	r := tn.client.recv(3, 10)
	tn.pass(time.Minute)
	tn.want(r, "-1 WSAETIMEDOUT after 4s")
	tn.forget()

	tn = newTestNet(t, under(Windows()))
	fd := tn.client.socket()
	for _, bad := range []int{-1, 1<<31/1000 + 1} {
		tn.want(tn.client.set(fd, TCPMaxRT, bad), "-1 WSAEINVAL")
	}
}

// TCP_NOPUSH holds a small segment back, as TCP_CORK does.
func TestNoPush(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		tn := inState(t, fsm.Established, under(sys))
		tn.want(tn.client.set(3, TCPNoPush, 1), "0")
		require.Equal(t, 1, tn.client.get(3, TCPNoPush).Value)
		tn.want(tn.client.send(3, 10), "10")
		tn.wantNoneSent()
		tn.want(tn.client.set(3, TCPNoPush, 0), "0")
		tn.wantSent("client P. 1:11(10) ack 1")
	}, "freebsd", "darwin")
}
