package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// bindWinsock makes a socket and binds it at port 1000 as a word of the table says:
// "default W", "reuse S": with an option, at the wildcard or at the first address.
func (u user) bindWinsock(how string) (int, *Call) {
	u.tn.t.Helper()
	option, where, _ := strings.Cut(how, " ")
	fd := u.socket()
	switch option {
	case "reuse":
		u.tn.want(u.set(fd, SoReuseAddr, 1), "0")
	case "excl":
		u.tn.want(u.set(fd, SoExclusiveAddrUse, 1), "0")
	}
	e := at1(u)
	if where == "W" {
		e = anywhere(u)
	}
	return fd, u.bind(fd, e)
}

var winsockAnswers = map[string]string{"ok": "0", "INUSE": "-1 WSAEADDRINUSE", "ACC": "-1 WSAEACCES"}

// "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE": rows are the first socket, columns the
// second. Whether the first listens already makes no difference.
const winsockBinds = `
           | default W | default S | reuse W | reuse S | excl W | excl S
 default W | INUSE     | ok        | ACC     | ok      | INUSE  | ok
 default S | ok        | INUSE     | ok      | ACC     | INUSE  | INUSE
 reuse W   | INUSE     | ok        | ok      | ok      | INUSE  | ok
 reuse S   | ok        | INUSE     | ok      | ok      | INUSE  | INUSE
 excl W    | INUSE     | ACC       | ACC     | ACC     | INUSE  | ACC
 excl S    | ok        | INUSE     | ok      | ACC     | INUSE  | INUSE`

// Windows 2000 and XP: SO_REUSEADDR takes any port but an exclusive one, and without
// it every other socket is in the way.
const windows2000Binds = `
           | default W | default S | reuse W | reuse S | excl W | excl S
 default W | INUSE     | INUSE     | ok      | ok      | INUSE  | INUSE
 default S | INUSE     | INUSE     | ok      | ok      | INUSE  | INUSE
 reuse W   | INUSE     | INUSE     | ok      | ok      | INUSE  | INUSE
 reuse S   | INUSE     | INUSE     | ok      | ok      | INUSE  | INUSE
 excl W    | INUSE     | INUSE     | ACC     | ACC     | INUSE  | INUSE
 excl S    | INUSE     | INUSE     | ACC     | ACC     | INUSE  | INUSE`

func TestBindWinsock(t *testing.T) {
	for name, table := range map[string]string{"windows": winsockBinds, "windows2000": windows2000Binds} {
		sys, _ := Profile(name)
		var columns []string
		cells := 0
		for _, line := range strings.Split(table, "\n")[1:] {
			row := strings.Split(line, "|")
			for i := range row {
				row[i] = strings.TrimSpace(row[i])
			}
			if row[0] == "" {
				columns = row
				continue
			}
			for i, want := range row[1:] {
				for _, listens := range []bool{false, true} {
					tn := newTestNet(t, under(sys))
					fd, b := tn.client.bindWinsock(row[0])
					tn.want(b, "0")
					if listens {
						tn.want(tn.client.listen(fd, 1), "0")
					}
					_, b = tn.client.bindWinsock(columns[i+1])
					require.Equal(t, winsockAnswers[want], answerOf(b), "%s: %s, then %s, listens: %v", name, row[0], columns[i+1], listens)
				}
				cells++
			}
		}
		require.Equal(t, 36, cells)
	}
}

// At another address nothing is in the way.
func TestBindWinsockElsewhere(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		for _, how := range []string{"default S", "reuse S", "excl S"} {
			for _, option := range []Option{SoType, SoReuseAddr, SoExclusiveAddrUse} {
				tn := newTestNet(t, under(sys))
				_, b := tn.client.bindWinsock(how)
				tn.want(b, "0")
				fd := tn.client.socket()
				if option != SoType {
					tn.want(tn.client.set(fd, option, 1), "0")
				}
				tn.want(tn.client.bind(fd, at2(tn.client)), "0")
			}
		}
	}, "windows", "windows2000")
}

// How a socket was bound counts, and not what is set behind that: SO_REUSEADDR comes too
// late for others to share, and SO_EXCLUSIVEADDRUSE is refused.
func TestBindWinsockOptionTooLate(t *testing.T) {
	tn := newTestNet(t, under(Windows()))
	fd, b := tn.client.bindWinsock("default S")
	tn.want(b, "0")
	tn.want(tn.client.set(fd, SoReuseAddr, 1), "0")
	require.Equal(t, 1, tn.client.get(fd, SoReuseAddr).Value)
	_, b = tn.client.bindWinsock("reuse S")
	tn.want(b, "-1 WSAEACCES")

	tn = newTestNet(t, under(Windows()))
	fd, b = tn.client.bindWinsock("reuse S")
	tn.want(b, "0")
	tn.want(tn.client.set(fd, SoReuseAddr, 0), "0")
	_, b = tn.client.bindWinsock("reuse S")
	tn.want(b, "0")

	tn.want(tn.client.set(fd, SoExclusiveAddrUse, 1), "-1 WSAEINVAL")
	require.Equal(t, 0, tn.client.get(fd, SoExclusiveAddrUse).Value)
	_, b = tn.client.bindWinsock("reuse S")
	tn.want(b, "0")

	fd = tn.client.socket()
	tn.want(tn.client.set(fd, SoExclusiveAddrUse, 1), "0")
	require.Equal(t, 1, tn.client.get(fd, SoExclusiveAddrUse).Value)
	tn.want(tn.client.set(fd, SoExclusiveAddrUse, 0), "0")
	require.Equal(t, 0, tn.client.get(fd, SoExclusiveAddrUse).Value)
}

// A connection that lives on a port is in the way of all but SO_REUSEADDR; one in
// TIME-WAIT of nobody. None of them notices.
func TestBindWinsockBesideConnection(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		for _, s := range states(fsm.SynSent, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait, fsm.Closing, fsm.LastAck, fsm.TimeWait) {
			for option, want := range map[Option]string{SoType: "-1 WSAEADDRINUSE", SoReuseAddr: "0", SoExclusiveAddrUse: "-1 WSAEADDRINUSE"} {
				if s == fsm.TimeWait {
					want = "0"
				}
				tn := inState(t, s, under(sys))
				before := tn.client.host.States()
				fd := tn.client.socket()
				if option != SoType {
					tn.want(tn.client.set(fd, option, 1), "0")
				}
				require.Equal(t, want, answerOf(tn.client.bind(fd, tn.client.at(tn.last.From.Port))), "%v, %v", s, option)
				tn.client.wantStates(before)
				tn.wantNoneSent()
			}
		}
	}, "windows", "windows2000")
}

// An exclusive listener that is closed keeps others off its port until its connections
// are over; TIME-WAIT does not count.
func TestBindWinsockRestart(t *testing.T) {
	tn := newTestNet(t, under(Windows()))
	fd := tn.server.socket()
	tn.want(tn.server.set(fd, SoExclusiveAddrUse, 1), "0")
	tn.want(tn.server.bind(fd, Endpoint{Port: testPort}), "0")
	tn.want(tn.server.listen(fd, 5), "0")
	cfd, sfd := tn.connected()
	tn.want(tn.server.close(fd), "0")
	again := tn.server.socket()
	tn.want(tn.server.set(again, SoExclusiveAddrUse, 1), "0")
	tn.want(tn.server.bind(again, Endpoint{Port: testPort}), "-1 WSAEADDRINUSE")
	tn.want(tn.server.close(sfd), "0")
	tn.pass(3 * testDelay)
	tn.want(tn.server.bind(again, Endpoint{Port: testPort}), "-1 WSAEADDRINUSE")
	tn.want(tn.client.close(cfd), "0")
	tn.pass(3 * testDelay)
	tn.server.wantStates(map[fsm.State]int{fsm.TimeWait: 1})
	tn.want(tn.server.bind(again, Endpoint{Port: testPort}), "0")
}

// Two may listen at one endpoint if both have SO_REUSEADDR. The last to do so gets the
// connections, until it is closed.
func TestListenWinsockShared(t *testing.T) {
	tn := newTestNet(t, under(Windows()))
	var fds []int
	for range 2 {
		fd := tn.server.socket()
		tn.want(tn.server.set(fd, SoReuseAddr, 1), "0")
		tn.want(tn.server.bind(fd, Endpoint{Port: testPort}), "0")
		tn.want(tn.server.listen(fd, 5), "0")
		tn.want(tn.server.nonblocking(fd, true), "0")
		fds = append(fds, fd)
	}
	for _, at := range []int{1, 0} {
		tn.callers(1)
		tn.pass(3 * testDelay)
		if at == 1 {
			tn.want(tn.server.accept(fds[0]), "-1 WSAEWOULDBLOCK")
		}
		a := tn.server.accept(fds[at])
		require.Equal(t, OK, a.Err)
		tn.want(tn.server.close(fds[at]), "0")
		tn.pass(time.Second)
	}
}
