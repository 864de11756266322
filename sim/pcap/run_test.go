package pcap

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// run is a network of two hosts, and what was seen of it.
type run struct {
	t              *testing.T
	net            *sim.Network
	client, server *sim.Host
	a, b           sim.Endpoint // of the connection, once it is open
	records        []sim.Record
}

const delay = 10 * time.Millisecond

func newRun(t *testing.T, v6 bool) *run {
	addrs := [2]netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")}
	if v6 {
		addrs = [2]netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")}
	}
	n := sim.New(sim.Config{Seed: 1, Link: sim.Link{Delay: delay}})
	r := &run{t: t, net: n}
	r.client = n.AddHost("client", sim.RFC9293(), addrs[0])
	r.server = n.AddHost("server", sim.RFC9293(), addrs[1])
	r.b = sim.Endpoint{Addr: r.server.Addrs()[0], Port: 80}
	n.Listen(func(rec *sim.Record) { r.records = append(r.records, *rec) })
	return r
}

// capture is a capture under way.
type capture struct {
	bytes.Buffer
	*Writer
	o Options
	r *run
}

// capture begins a capture of the run.
func (r *run) capture(o Options) *capture {
	c := &capture{o: o, r: r}
	w, err := New(r.net, &c.Buffer, o)
	require.NoError(r.t, err)
	r.net.Listen(w.Record)
	c.Writer = w
	return c
}

func (r *run) pass(d time.Duration) {
	require.NoError(r.t, r.net.Run(r.net.Now().Add(d), 10_000))
}

// call makes a call that succeeds at once, or goes on waiting.
func call(h *sim.Host, c sim.Call) *sim.Call { return h.Process("").Call(&c) }

func (r *run) ok(c *sim.Call) {
	require.True(r.t, c.Done, "%v waits", c.Op)
	require.Equal(r.t, sim.OK, c.Err, "%v", c.Op)
}

// open opens a connection, descriptor 3 of the client and 4 of the server.
func (r *run) open() {
	r.ok(call(r.server, sim.Call{Op: sim.OpSocket}))
	r.ok(call(r.server, sim.Call{Op: sim.OpBind, FD: 3, Addr: sim.Endpoint{Port: 80}}))
	r.ok(call(r.server, sim.Call{Op: sim.OpListen, FD: 3, Backlog: 1}))
	r.ok(call(r.client, sim.Call{Op: sim.OpSocket}))
	r.ok(call(r.client, sim.Call{Op: sim.OpSetsockopt, FD: 3, Option: sim.TCPMaxSeg, Value: 1000}))
	c := call(r.client, sim.Call{Op: sim.OpConnect, FD: 3, Addr: r.b})
	r.pass(3 * delay)
	r.ok(c)
	a := call(r.server, sim.Call{Op: sim.OpAccept, FD: 3})
	r.ok(a)
	r.a = a.Peer
}

// talk sends text both ways.
func (r *run) talk() {
	r.ok(call(r.client, sim.Call{Op: sim.OpSend, FD: 3, N: 5500}))
	r.ok(call(r.server, sim.Call{Op: sim.OpSend, FD: 4, N: 5, Data: []byte("hello")}))
	r.pass(10 * time.Second)
	r.ok(call(r.server, sim.Call{Op: sim.OpRecv, FD: 4, N: 10_000}))
	r.ok(call(r.client, sim.Call{Op: sim.OpRecv, FD: 3, N: 10_000}))
	r.pass(time.Second)
}

// close closes both ends, the client's first, and waits for the end.
func (r *run) close() {
	r.ok(call(r.client, sim.Call{Op: sim.OpClose, FD: 3}))
	r.pass(5 * delay)
	r.ok(call(r.server, sim.Call{Op: sim.OpClose, FD: 4}))
	r.pass(5 * time.Minute)
}

// forge lets a segment arrive at the client that the server never sent.
func (r *run) forge(s fsm.Segment) {
	r.net.Inject(sim.Packet{From: r.b, To: r.a, Seg: s})
}

// lastSent gives the last segment that a host sent.
func (r *run) lastSent(h *sim.Host) fsm.Segment {
	for i := len(r.records) - 1; i >= 0; i-- {
		if k := &r.records[i]; k.Kind == sim.Sent && k.Host == h.ID() {
			return k.Packet.Seg
		}
	}
	r.t.Fatalf("%s sent nothing", h.Name)
	return fsm.Segment{}
}

// The stories that captures are made of.
var stories = []struct {
	name string
	v6   bool
	tell func(*run)
}{
	{"four-way close", false, func(r *run) { r.open(); r.talk(); r.close() }},
	{"IPv6", true, func(r *run) { r.open(); r.talk(); r.close() }},
	{"refused", false, func(r *run) {
		call(r.client, sim.Call{Op: sim.OpSocket})
		call(r.client, sim.Call{Op: sim.OpConnect, FD: 3, Addr: r.b})
		r.pass(time.Second)
	}},
	{"loss and SACK", false, func(r *run) {
		r.net.Fault(sim.Fault{Verb: sim.Drop, Host: r.client.ID(), Text: sim.WithText, Nth: 2, Count: 1})
		r.net.Fault(sim.Fault{Verb: sim.Duplicate, Host: r.client.ID(), Set: fsm.FIN, Nth: 1, Count: 1, By: time.Millisecond})
		r.net.Fault(sim.Fault{Verb: sim.Drop, Host: r.server.ID(), Set: fsm.FIN, Nth: 1, Count: 1})
		r.open()
		r.talk()
		r.close()
	}},
	{"forged", true, func(r *run) {
		r.open()
		s := r.lastSent(r.client)
		r.forge(fsm.Segment{Seq: s.Ack + 1, Flags: fsm.RST})
		r.pass(time.Second)
		r.forge(fsm.Segment{Seq: s.Ack, Flags: fsm.RST})
		r.pass(time.Second)
		r.ok(call(r.server, sim.Call{Op: sim.OpSend, FD: 4, N: 1}))
		r.pass(time.Second)
	}},
	{"loopback", false, func(r *run) {
		r.b.Addr = r.client.Addrs()[0]
		r.server = r.client
		p := r.client.AddProcess("server")
		call := func(c sim.Call) { r.ok(p.Call(&c)) }
		call(sim.Call{Op: sim.OpSocket})
		call(sim.Call{Op: sim.OpBind, FD: 3, Addr: sim.Endpoint{Port: 80}})
		call(sim.Call{Op: sim.OpListen, FD: 3, Backlog: 1})
		r.ok(r.client.Process("").Call(&sim.Call{Op: sim.OpSocket}))
		r.client.Process("").Call(&sim.Call{Op: sim.OpConnect, FD: 3, Addr: r.b})
		r.pass(time.Second)
	}},
	{"nobody there", false, func(r *run) {
		far := sim.Endpoint{Addr: r.net.AddrID(netip.MustParseAddr("198.51.100.1")), Port: 9}
		call(r.client, sim.Call{Op: sim.OpSocket})
		call(r.client, sim.Call{Op: sim.OpConnect, FD: 3, Addr: far})
		r.pass(10 * time.Second)
		far.Port = 10
		r.net.Inject(sim.Packet{From: far, To: r.b, Seg: fsm.Segment{Flags: fsm.SYN}})
		r.pass(time.Second)
	}},
}
