package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// advise lets a message reach the client about a number that it has sent, relative to
// its ISS.
func (tn *testNet) advise(kind, code string, from, to Endpoint, seq fsm.Seq) {
	tn.t.Helper()
	a, ok := FindICMP(kind, code, false)
	require.True(tn.t, ok, "%s %s", kind, code)
	a.Quoted = Packet{From: from, To: to, Seg: fsm.Segment{Seq: seq}}
	tn.Advise(&a)
}

// What a message does to a connection that is being opened, by system: the error that
// connect() gives, or OK if it goes on.
func TestICMPOpening(t *testing.T) {
	for code, want := range map[string]map[string]Errno{
		"port_unreachable":     {"rfc9293": ECONNREFUSED, "linux": ECONNREFUSED, "freebsd": ECONNREFUSED, "windows": ECONNREFUSED},
		"protocol_unreachable": {"rfc9293": ECONNREFUSED, "linux": ENOPROTOOPT, "freebsd": ECONNREFUSED, "windows": ECONNREFUSED},
		"net_unreachable":      {"rfc9293": OK, "linux": ENETUNREACH, "freebsd": OK, "windows": OK},
		"host_unreachable":     {"rfc9293": OK, "linux": EHOSTUNREACH, "freebsd": OK, "windows": OK},
		"net_prohibited":       {"rfc9293": OK, "linux": ENETUNREACH, "freebsd": ECONNREFUSED, "windows": OK},
		"host_prohibited":      {"rfc9293": OK, "linux": EHOSTUNREACH, "freebsd": ECONNREFUSED, "windows": OK},
		"admin_prohibited":     {"rfc9293": OK, "linux": EHOSTUNREACH, "freebsd": ECONNREFUSED, "windows": OK},
		"frag_needed":          {"rfc9293": OK, "linux": OK, "freebsd": OK, "windows": OK},
	} {
		for profile, err := range want {
			t.Run(code+" "+profile, func(t *testing.T) {
				sys, _ := Profile(profile)
				tn := newTestNet(t, under(sys))
				tn.Fault(Fault{Verb: Drop, Host: tn.client.host.id, Nth: 1, Count: 99})
				fd := tn.client.socket()
				c := tn.client.connect(fd, tn.server.at(80))
				cn := tn.conns.at(tn.client.socketAt(fd).conn)
				tn.advise("unreachable", code, cn.at.local, cn.at.remote, cn.ISS)
				require.Equal(t, err != OK, c.Done)
				require.Equal(t, err, c.Err)
			})
		}
	}
}

// A soft error is what the user is told when nobody has answered for too long.
func TestICMPSoftErrorTold(t *testing.T) {
	tn := newTestNet(t)
	tn.Fault(Fault{Verb: Drop, Host: tn.client.host.id, Nth: 1, Count: 99})
	fd := tn.client.socket()
	c := tn.client.connect(fd, tn.server.at(80))
	cn := tn.conns.at(tn.client.socketAt(fd).conn)
	tn.advise("unreachable", "host_unreachable", cn.at.local, cn.at.remote, cn.ISS)
	require.False(t, c.Done)
	tn.pass(10 * time.Minute)
	tn.want(c, "-1 EHOSTUNREACH after 3m3s")
}

// A message about nothing that the host has sent, or that nobody is at, does nothing.
func TestICMPAboutNobody(t *testing.T) {
	tn := newTestNet(t)
	tn.advise("unreachable", "port_unreachable", tn.client.at(9), tn.server.at(80), 0)
	_, ok := FindICMP("unreachable", "no_route", false)
	require.False(t, ok, "IPv6 only")
	_, ok = FindICMP("unreachable", "no_route", true)
	require.True(t, ok)
	_, ok = FindICMP("unreachable", "nowhere", false)
	require.False(t, ok)
	require.Contains(t, ICMPNames(), "source_quench")
}
