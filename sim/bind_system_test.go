package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// What bind() says of a port that another socket of the host has, by what it is and
// where: n neither has an option, a the new one has SO_REUSEADDR, aa both have, pp both
// have SO_REUSEPORT.
func TestBindBySystem(t *testing.T) {
	const ok, inUse = "0", "-1 EADDRINUSE"
	type answers struct{ n, a, aa, pp string }
	bsd := map[string]answers{
		"bound":     {inUse, inUse, inUse, ok},
		"listens":   {inUse, inUse, inUse, ok},
		"overlaps":  {inUse, ok, ok, ok},
		"overheard": {inUse, ok, ok, ok},
		"connected": {inUse, ok, ok, ok},
	}
	for name, table := range map[string]map[string]answers{
		"linux": {
			"bound":     {inUse, inUse, ok, ok},
			"listens":   {inUse, inUse, inUse, ok},
			"overlaps":  {inUse, inUse, ok, ok},
			"overheard": {inUse, inUse, inUse, ok},
			"connected": {inUse, inUse, ok, ok},
		},
		"freebsd": bsd, "darwin": bsd, "rfc9293": bsd,
	} {
		for what, want := range table {
			for _, c := range []struct {
				first, second reuse
				want          string
			}{{plainly, plainly, want.n}, {plainly, reuseAddr, want.a}, {reuseAddr, reuseAddr, want.aa}, {reusePort, reusePort, want.pp}} {
				t.Run(name+" "+what, func(t *testing.T) {
					sys, _ := Profile(name)
					if what == "connected" {
						besideConnections(t, sys, c.first, c.second, c.want)
						return
					}
					tn := newTestNet(t, under(sys))
					first := anywhere(tn.client)
					if what == "bound" || what == "listens" {
						first = at1(tn.client)
					}
					fd, b := tn.client.bindAs(c.first, first)
					tn.want(b, "0")
					if what == "listens" || what == "overheard" {
						tn.want(tn.client.listen(fd, 1), "0")
					}
					_, b = tn.client.bindAs(c.second, at1(tn.client))
					tn.want(b, c.want)
				})
			}
		}
	}
}

// besideConnections binds beside a connection that its socket was bound for, in each
// state, with a descriptor and without.
func besideConnections(t *testing.T, sys System, first, second reuse, want string) {
	t.Helper()
	for _, s := range states(fsm.SynSent, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait, fsm.Closing, fsm.LastAck, fsm.TimeWait) {
		for _, orphan := range []bool{false, true} {
			if orphan && s == fsm.SynSent {
				continue
			}
			tn := newTestNet(t, under(sys))
			fd, b := tn.client.bindAs(first, at1(tn.client))
			require.Equal(t, 3, fd)
			tn.want(b, "0")
			tn.bring(s)
			if orphan {
				tn.want(tn.client.close(3), "0")
			}
			tn.forget()
			before := tn.client.host.States()
			_, b = tn.client.bindAs(second, at1(tn.client))
			require.Equal(t, want, answerOf(b), "%v, orphan: %v", s, orphan)
			tn.client.wantStates(before)
			tn.wantNoneSent()
		}
	}
}

// connect() between two endpoints that are in use already, in any state.
func TestTupleTakenBySystem(t *testing.T) {
	for name, want := range map[string]string{
		"rfc9293": "-1 EADDRINUSE", "linux": "-1 EADDRNOTAVAIL", "freebsd": "-1 EADDRINUSE", "darwin": "-1 EADDRINUSE",
		"windows": "-1 WSAEADDRINUSE", "windows2000": "-1 WSAEADDRINUSE",
	} {
		for _, s := range states(fsm.Established, fsm.FinWait2, fsm.CloseWait, fsm.TimeWait) {
			t.Run(name+" "+s.String(), func(t *testing.T) {
				sys, _ := Profile(name)
				tn := newTestNet(t, under(sys))
				_, b := tn.client.bindAs(reuseAddr, at1(tn.client))
				tn.want(b, "0")
				tn.bring(s)
				tn.forget()
				fd, b := tn.client.bindAs(reuseAddr, at1(tn.client))
				// BSD keeps the port from a second socket at the same address only while
				// the first is not connected.
				tn.want(b, "0")
				before := tn.client.host.States()
				tn.want(tn.client.connect(fd, tn.peerEnd()), want)
				tn.client.wantStates(before)
				tn.wantNoneSent()
			})
		}
	}
}
