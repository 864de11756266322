package sim

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// testNet is a client and a server, joined by a link of 10 ms. What they do is
// claimed in the words of scripts: the answer of a call ("10", "-1 EPIPE,
// SIGPIPE", "0 after 20ms", "waits", "never"), and what is sent ("client F.
// 1:1(0) ack 1"). A test that claims some of what is sent must claim all of it.
//
// The test may also play the peer of a connection itself: see peer.
type testNet struct {
	t *testing.T
	*Network
	client, server user
	sent           []string
	claims         bool // the test claims what is sent
	log            []Record
	last           Packet // the last that a host sent to the peer
}

// user is a process that makes calls.
type user struct {
	tn *testNet
	*Process
}

const (
	testDelay  = 10 * time.Millisecond
	testPort   = 80
	testEvents = 200_000 // of one Run, at the most
)

var (
	clientAddr  = netip.MustParseAddr("192.0.2.1")
	serverAddr  = netip.MustParseAddr("192.0.2.2")
	clientAddr6 = netip.MustParseAddr("2001:db8::1")
	serverAddr6 = netip.MustParseAddr("2001:db8::2")
	nobody      = netip.MustParseAddr("203.0.113.9") // no host has it
)

// netOption changes how a network is made.
type netOption func(*Config, *System)

func under(s System) netOption { return func(_ *Config, sys *System) { *sys = s } }

func system(f func(*System)) netOption { return func(_ *Config, sys *System) { f(sys) } }

func link(f func(*Link)) netOption { return func(c *Config, _ *System) { f(&c.Link) } }

func seed(n uint64) netOption { return func(c *Config, _ *System) { c.Seed = n } }

func newTestNet(t *testing.T, opts ...netOption) *testNet {
	t.Helper()
	cfg := Config{Seed: 1, Link: Link{Delay: testDelay}}
	sys := RFC9293()
	for _, o := range opts {
		o(&cfg, &sys)
	}
	tn := &testNet{t: t, Network: New(cfg)}
	tn.client = tn.user(tn.AddHost("client", sys, clientAddr, clientAddr6))
	tn.server = tn.user(tn.AddHost("server", sys, serverAddr, serverAddr6))
	tn.Listen(tn.note)
	t.Cleanup(tn.end)
	return tn
}

// eachRFC runs a test under both profiles of the RFCs.
func eachRFC(t *testing.T, f func(t *testing.T, s System)) {
	for _, s := range []System{RFC9293(), RFC793()} {
		t.Run(s.Name(), func(t *testing.T) { f(t, s) })
	}
}

func (tn *testNet) user(h *Host) user { return user{tn, h.Process("")} }

func (tn *testNet) note(r *Record) {
	tn.log = append(tn.log, *r)
	if r.Kind != Sent {
		return
	}
	p := r.Packet
	tn.sent = append(tn.sent, tn.hosts[r.Host].Name+" "+p.Relative().Header())
	if tn.book.owner[p.To.Addr] == noHost {
		tn.last = p
	}
}

// end checks what must hold at the end of every test.
func (tn *testNet) end() {
	if tn.t.Failed() {
		return
	}
	if tn.claims {
		require.Empty(tn.t, tn.sent, "segments that no claim names")
	}
	require.NoError(tn.t, sound(tn.Network))
}

// pass lets time go by.
func (tn *testNet) pass(d time.Duration) {
	tn.t.Helper()
	require.NoError(tn.t, tn.Run(tn.now.Add(d), testEvents))
}

// settle lets everything happen that is going to.
func (tn *testNet) settle() {
	tn.t.Helper()
	require.NoError(tn.t, tn.Run(fsm.Never, testEvents))
}

// wantSent claims what was sent since the last claim, by all hosts.
func (tn *testNet) wantSent(want ...string) {
	tn.t.Helper()
	tn.claims = true
	require.Equal(tn.t, strings.Join(want, "\n"), strings.Join(tn.sent, "\n"), "segments")
	tn.sent = nil
}

func (tn *testNet) wantNoneSent() { tn.t.Helper(); tn.wantSent() }

// forget waives what has been sent.
func (tn *testNet) forget() { tn.sent, tn.log = nil, nil }

// want claims the answer of a call.
func (tn *testNet) want(c *Call, answer string) {
	tn.t.Helper()
	require.Equal(tn.t, answer, answerOf(c), "%v(%d)", c.Op, c.FD)
}

// wantFail claims that a call fails, by the name that its system has for the error.
func (tn *testNet) wantFail(c *Call, e Errno) {
	tn.t.Helper()
	tn.want(c, "-1 "+c.Proc.host.system.ErrnoName(e))
}

func answerOf(c *Call) string {
	switch {
	case c.Never:
		return "never"
	case !c.Done:
		return "waits"
	}
	text := strings.TrimPrefix(c.answer(), " = ")
	if c.Ended > c.Started {
		text += fmt.Sprintf(" after %v", c.Ended.Sub(c.Started))
	}
	return text
}

// wantState claims the state of the connection behind a descriptor.
func (u user) wantState(fd int, want fsm.State) {
	u.tn.t.Helper()
	got, _ := u.State(fd)
	require.Equal(u.tn.t, want.String(), got.String(), "%s: state of %d", u.host.Name, fd)
}

// wantStates claims the states of all the connections of the host.
func (u user) wantStates(want map[fsm.State]int) {
	u.tn.t.Helper()
	require.Equal(u.tn.t, want, u.host.States(), u.host.Name)
}

// at gives a port at the first address of a host.
func (u user) at(port uint16) Endpoint { return Endpoint{u.host.addrs[0], port} }

// listener makes a socket that listens at testPort, and gives its descriptor.
func (u user) listener(backlog int) int {
	u.tn.t.Helper()
	fd := u.socket()
	u.tn.want(u.bind(fd, Endpoint{Port: testPort}), "0")
	u.tn.want(u.listen(fd, backlog), "0")
	return fd
}

// connected opens a connection from client to server: descriptor 3 and 4, if
// they are the first, with a listener at 3 of the server.
func (tn *testNet) connected() (cfd, sfd int) {
	tn.t.Helper()
	l := 3
	if tn.server.socketAt(l) == nil {
		l = tn.server.listener(5)
	}
	cfd = tn.client.socket()
	c := tn.client.connect(cfd, tn.server.at(testPort))
	tn.pass(2 * testDelay)
	tn.want(c, "0 after 20ms")
	a := tn.server.accept(l)
	tn.pass(testDelay)
	require.True(tn.t, a.Done && a.Err == OK, "accept")
	tn.forget()
	return cfd, a.Result
}

// socketAt gives the socket behind a descriptor, or nil.
func (u user) socketAt(fd int) *socket {
	if i := u.Process.socket(fd); i != none {
		return u.tn.sockets.at(i)
	}
	return nil
}

// records gives what the log has of one kind since the last claim.
func (tn *testNet) records(k RecordKind) []Record {
	var of []Record
	for _, r := range tn.log {
		if r.Kind == k {
			of = append(of, r)
		}
	}
	return of
}

func itoa(n int) string { return fmt.Sprint(n) }
