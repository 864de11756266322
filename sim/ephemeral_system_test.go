package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// The ephemeral ports of each system, for connect() and for bind() to port 0.
func TestEphemeralRangeBySystem(t *testing.T) {
	for name, want := range map[string][2]uint16{
		"rfc9293": {49152, 65535}, "rfc793": {49152, 65535}, "linux": {32768, 60999}, "freebsd": {10000, 65535},
		"darwin": {10000, 65535}, "windows": {49152, 65535}, "windows2000": {1025, 5000},
	} {
		sys, _ := Profile(name)
		require.Equal(t, want, [2]uint16{sys.PortLo, sys.PortHi}, name)
		for s := range uint64(20) {
			tn := newTestNet(t, under(sys), seed(s))
			tn.client.connect(tn.client.socket(), tn.peerEnd())
			fd, b := tn.client.bindAs(plainly, Endpoint{})
			tn.want(b, "0")
			for _, port := range []uint16{tn.last.From.Port, tn.client.socketAt(fd).local.Port} {
				require.GreaterOrEqual(t, port, want[0], name)
				require.LessOrEqual(t, port, want[1], name)
			}
		}
	}
}

// What is said when no port is left, and whether there are ports to another remote
// endpoint then.
func TestEphemeralExhaustedBySystem(t *testing.T) {
	for name, want := range map[string]struct{ connect, elsewhere, bind string }{
		"rfc9293":     {"-1 EADDRNOTAVAIL", "waits", "-1 EADDRINUSE"},
		"linux":       {"-1 EADDRNOTAVAIL", "waits", "-1 EADDRINUSE"},
		"freebsd":     {"-1 EADDRNOTAVAIL", "waits", "-1 EADDRNOTAVAIL"},
		"darwin":      {"-1 EADDRNOTAVAIL", "waits", "-1 EADDRNOTAVAIL"},
		"windows":     {"-1 WSAENOBUFS", "-1 WSAENOBUFS", "-1 WSAENOBUFS"},
		"windows2000": {"-1 WSAENOBUFS", "-1 WSAENOBUFS", "-1 WSAENOBUFS"},
	} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := newTestNet(t, under(sys), fewPorts)
			for range 4 {
				tn.want(tn.client.connect(tn.client.socket(), tn.peerEnd()), "waits")
			}
			tn.forget()
			fd := tn.client.socket()
			tn.want(tn.client.connect(fd, tn.peerEnd()), want.connect)
			tn.wantNoneSent()
			tn.client.wantState(fd, fsm.Closed)
			_, b := tn.client.bindAs(plainly, Endpoint{})
			tn.want(b, want.bind)
			other := tn.peerEnd()
			other.Port++
			tn.want(tn.client.connect(fd, other), want.elsewhere)
			tn.forget()
		})
	}
}

// Beyond its limit TIME-WAIT takes nobody in, or the oldest makes room; the segments on
// the wire are the same.
func TestTimeWaitLimitBySystem(t *testing.T) {
	for name, oldest := range map[string]bool{"linux": false, "freebsd": true, "darwin": true} {
		t.Run(name, func(t *testing.T) {
			sys, _ := Profile(name)
			tn := newTestNet(t, under(sys), system(func(s *System) { s.TimeWaitLimit = 2 }))
			tn.server.listener(5)
			var ports []uint16
			for range 4 {
				cfd, sfd := tn.connected()
				ports = append(ports, tn.client.socketAt(cfd).local.Port)
				tn.want(tn.client.close(cfd), "0")
				tn.pass(2 * testDelay)
				tn.want(tn.server.close(sfd), "0")
				tn.pass(3 * testDelay)
			}
			tn.client.wantStates(map[fsm.State]int{fsm.TimeWait: 2})
			tn.server.wantStates(map[fsm.State]int{fsm.Listen: 1})
			var left []uint16
			for _, i := range inUse(&tn.conns) {
				if c := tn.conns.at(i); c.State == fsm.TimeWait {
					left = append(left, c.at.local.Port)
				}
			}
			want := ports[:2]
			if oldest {
				want = ports[2:]
			}
			require.ElementsMatch(t, want, left)
		})
	}
}

// Two that enter TIME-WAIT at one instant where there is room for one, or for none:
// what is deleted is deleted once.
func TestTimeWaitLimitAtOnce(t *testing.T) {
	each(t, func(t *testing.T, sys System) {
		for _, limit := range []int{0, 1} {
			tn := newTestNet(t, under(sys), system(func(s *System) { s.TimeWaitLimit = limit }))
			tn.server.listener(5)
			var cfds, sfds []int
			for range 3 {
				cfd, sfd := tn.connected()
				cfds, sfds = append(cfds, cfd), append(sfds, sfd)
			}
			for k := range cfds {
				tn.want(tn.client.shutdown(cfds[len(cfds)-1-k], ShutWr), "0")
			}
			tn.pass(2 * testDelay)
			for k := range sfds {
				tn.want(tn.server.close(sfds[len(sfds)-1-k]), "0")
			}
			tn.pass(3 * testDelay)
			require.NoError(t, sound(tn.Network))
			require.Equal(t, limit, tn.client.host.States()[fsm.TimeWait])
			for _, fd := range cfds {
				tn.want(tn.client.close(fd), "0")
			}
			tn.want(tn.server.close(3), "0")
			tn.settle()
			require.NoError(t, empty(tn.Network))
		}
	}, "linux", "freebsd", "darwin")
}
