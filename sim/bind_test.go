package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// reuse is what a socket says about an address that is in use.
type reuse uint8

const (
	plainly reuse = iota
	reuseAddr
	reusePort
)

// bindAs makes a socket and binds it.
func (u user) bindAs(r reuse, e Endpoint) (int, *Call) {
	u.tn.t.Helper()
	fd := u.socket()
	switch r {
	case reuseAddr:
		u.tn.want(u.set(fd, SoReuseAddr, 1), "0")
	case reusePort:
		u.tn.want(u.set(fd, SoReusePort, 1), "0")
	case plainly:
	}
	return fd, u.bind(fd, e)
}

const inUseAnswer = "-1 EADDRINUSE"

// BSD's rule: a socket that is bound or listens is in the way of another at the
// same address, SO_REUSEADDR or not, unless both have SO_REUSEPORT; and at an
// address that overlaps unless the new one has SO_REUSEADDR.
func TestBindConflict(t *testing.T) {
	for _, listens := range []bool{false, true} {
		for _, c := range []struct {
			name                  string
			first, second         func(u user) Endpoint
			plain, addr, bothPort string
		}{
			{"same address", at1, at1, inUseAnswer, inUseAnswer, "0"},
			{"both wildcards", anywhere, anywhere, inUseAnswer, inUseAnswer, "0"},
			{"wildcard, then address", anywhere, at1, inUseAnswer, "0", "0"},
			{"address, then wildcard", at1, anywhere, inUseAnswer, "0", "0"},
			{"other address", at1, at2, "0", "0", "0"},
		} {
			for second, want := range map[reuse]string{plainly: c.plain, reuseAddr: c.addr, reusePort: c.bothPort} {
				tn := newTestNet(t)
				u := tn.client
				first := plainly
				if second == reusePort {
					first = reusePort
				}
				fd, b := u.bindAs(first, c.first(u))
				tn.want(b, "0")
				if listens {
					tn.want(u.listen(fd, 1), "0")
				}
				_, b = u.bindAs(second, c.second(u))
				require.Equal(t, want, answerOf(b), "%s, %v, listens: %v", c.name, second, listens)
			}
		}
	}
}

func at1(u user) Endpoint    { return Endpoint{u.host.addrs[0], 1000} }
func at2(u user) Endpoint    { return Endpoint{u.host.addrs[1], 1000} }
func anywhere(user) Endpoint { return Endpoint{Port: 1000} }

// SO_REUSEADDR of the first socket alone does not help the second; SO_REUSEPORT
// of one alone neither.
func TestBindConflictOneSided(t *testing.T) {
	for _, r := range []reuse{reuseAddr, reusePort} {
		tn := newTestNet(t)
		_, b := tn.client.bindAs(r, at1(tn.client))
		tn.want(b, "0")
		_, b = tn.client.bindAs(plainly, at1(tn.client))
		tn.want(b, inUseAnswer)
	}
	tn := newTestNet(t)
	_, b := tn.client.bindAs(plainly, at1(tn.client))
	tn.want(b, "0")
	_, b = tn.client.bindAs(reusePort, at1(tn.client))
	tn.want(b, inUseAnswer)
}

// A connection on the port is in the way, TIME-WAIT and orphans included, unless
// the new socket has SO_REUSEADDR; it does not notice.
func TestBindBesideConnection(t *testing.T) {
	for _, s := range []fsm.State{
		fsm.SynSent, fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait, fsm.Closing, fsm.LastAck,
		fsm.TimeWait,
	} {
		for _, orphan := range []bool{false, true} {
			if orphan && s == fsm.SynSent {
				continue
			}
			tn := inState(t, s)
			port := tn.last.From.Port
			if orphan {
				tn.want(tn.client.close(3), "0")
				tn.forget()
			}
			before := tn.client.host.States()
			for _, e := range []Endpoint{{Port: port}, tn.client.at(port)} {
				_, b := tn.client.bindAs(plainly, e)
				require.Equal(t, inUseAnswer, answerOf(b), "%v, orphan: %v", s, orphan)
			}
			_, b := tn.client.bindAs(plainly, Endpoint{tn.client.host.addrs[1], port})
			tn.want(b, "0")
			_, b = tn.client.bindAs(reuseAddr, tn.client.at(port))
			require.Equal(t, "0", answerOf(b), "%v, orphan: %v", s, orphan)
			tn.client.wantStates(before)
			tn.wantNoneSent()
		}
	}
}

// The port is free again when the connection is over.
func TestBindAfterTimeWait(t *testing.T) {
	tn := inState(t, fsm.TimeWait)
	port := tn.last.From.Port
	tn.want(tn.client.close(3), "0")
	tn.pass(4*time.Minute - 1)
	fd, b := tn.client.bindAs(plainly, Endpoint{Port: port})
	tn.want(b, inUseAnswer)
	tn.pass(1)
	tn.want(tn.client.bind(fd, Endpoint{Port: port}), "0")
}

// A connection that came through a listener keeps the port when the listener is
// gone, and an unaccepted one does.
func TestBindBesideAccepted(t *testing.T) {
	tn := newTestNet(t)
	_, sfd := tn.connected()
	tn.want(tn.server.close(3), "0")
	_, b := tn.server.bindAs(plainly, Endpoint{Port: testPort})
	tn.want(b, inUseAnswer)
	fd, b := tn.server.bindAs(reuseAddr, Endpoint{Port: testPort})
	tn.want(b, "0")
	tn.want(tn.server.listen(fd, 1), "0")
	tn.server.wantState(sfd, fsm.Established)
}

// POSIX bind(): EINVAL on a socket that has an address, however it came by it.
func TestBindTwice(t *testing.T) {
	tn := newTestNet(t)
	fd, b := tn.client.bindAs(plainly, at1(tn.client))
	tn.want(b, "0")
	tn.want(tn.client.bind(fd, Endpoint{Port: 2000}), "-1 EINVAL")
	for _, s := range []fsm.State{
		fsm.Listen, fsm.SynSent, fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait, fsm.Closing,
		fsm.LastAck, fsm.TimeWait,
	} {
		tn := inState(t, s)
		tn.want(tn.client.bind(3, Endpoint{Port: 2000}), "-1 EINVAL")
		tn.client.wantState(3, s)
	}
	tn = newTestNet(t)
	_, sfd := tn.connected()
	tn.want(tn.server.bind(sfd, Endpoint{Port: 2000}), "-1 EINVAL")
}

// POSIX bind(): EADDRNOTAVAIL for an address that is not the host's.
func TestBindForeign(t *testing.T) {
	tn := newTestNet(t)
	fd := tn.client.socket()
	tn.want(tn.client.bind(fd, tn.server.at(1000)), "-1 EADDRNOTAVAIL")
	tn.want(tn.client.bind(fd, Endpoint{tn.AddrID(nobody), 1000}), "-1 EADDRNOTAVAIL")
	tn.want(tn.client.bind(fd, tn.client.at(1000)), "0")
}

// Two sockets may be bound to one address only to find that one of them
// cannot listen.
func TestListenConflict(t *testing.T) {
	tn := newTestNet(t)
	u := tn.server
	a, b := u.bindAs(reuseAddr, at1(u))
	tn.want(b, "0")
	c, b := u.bindAs(reuseAddr, anywhere(u))
	tn.want(b, "0")
	tn.want(u.listen(a, 1), "0")
	tn.want(u.listen(c, 1), "0") // another address
	d, b := u.bindAs(reuseAddr, at1(u))
	tn.want(b, inUseAnswer)
	tn.want(u.close(a), "0")
	tn.want(u.bind(d, at1(u)), "0")
	tn.want(u.listen(d, 1), "0")
}

// A socket keeps its address until it is closed, whatever became of its
// connection, and gives it back then.
func TestBoundUntilClosed(t *testing.T) {
	tn := newTestNet(t)
	fd, b := tn.client.bindAs(plainly, at1(tn.client))
	tn.want(b, "0")
	c := tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(2 * testDelay)
	tn.want(c, "-1 ECONNREFUSED after 20ms")
	other, b := tn.client.bindAs(plainly, at1(tn.client))
	tn.want(b, inUseAnswer)
	tn.want(tn.client.dup(fd), "5")
	tn.want(tn.client.close(fd), "0")
	tn.want(tn.client.bind(other, at1(tn.client)), inUseAnswer)
	tn.want(tn.client.close(5), "0")
	tn.want(tn.client.bind(other, at1(tn.client)), "0")
}
