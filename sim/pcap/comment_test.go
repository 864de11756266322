package pcap

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// block is a block of a pcapng file.
type block struct {
	kind uint32
	body []byte
}

// blocks takes a pcapng file apart, and checks that it is whole.
func blocks(t *testing.T, b []byte) []block {
	var out []block
	for len(b) > 0 {
		require.GreaterOrEqual(t, len(b), 12)
		n := int(le.Uint32(b[4:]))
		require.Zero(t, n%4)
		require.LessOrEqual(t, n, len(b))
		require.EqualValues(t, n, le.Uint32(b[n-4:]), "the length is repeated behind the block")
		out = append(out, block{le.Uint32(b), b[8 : n-4]})
		b = b[n:]
	}
	return out
}

// option is an option of a block, or a record of a block of names.
type option struct {
	code  uint16
	value string
}

// options reads the options that begin at an octet of a block. They end with
// optEnd, if there are any.
func (k block) options(t *testing.T, at int) []option {
	var out []option
	b := k.body[at:]
	if len(b) == 0 {
		return nil
	}
	for {
		code, n := le.Uint16(b), int(le.Uint16(b[2:]))
		if code == optEnd {
			require.Zero(t, n)
			require.Len(t, b, 4)
			return out
		}
		out = append(out, option{code, string(b[4 : 4+n])})
		for _, zero := range b[4+n : (4+n+3)&^3] {
			require.Zero(t, zero)
		}
		b = b[(4+n+3)&^3:]
	}
}

// comments gives the comment of each packet, with the name of its interface.
func (c *capture) comments() []string {
	var names, out []string
	t := c.r.t
	require.NoError(t, c.Close())
	for _, k := range blocks(t, c.Bytes()) {
		switch k.kind {
		case blockInterface:
			names = append(names, k.options(t, 8)[0].value)
		case blockPacket:
			octets := int(le.Uint32(k.body[12:]))
			o := k.options(t, 20+(octets+3)&^3)
			require.Len(t, o, 1)
			require.EqualValues(t, optComment, o[0].code)
			out = append(out, "["+names[le.Uint32(k.body)]+"] "+o[0].value)
		}
	}
	return out
}

// comment begins a capture of all hosts with comments.
func (r *run) comment() *capture {
	return r.capture(Options{Format: PCAPNG, Vantage: All, Comments: true})
}

// One line for each end: what a segment was sent by, and what it did.
func TestComments(t *testing.T) {
	r := newRun(t, false)
	c := r.comment()
	r.open()
	r.close()
	require.Equal(t, []string{
		"[client] client CLOSED -> SYN-SENT, open-active, RFC 9293 3.10.1, CLOSED",
		"[server] server LISTEN -> SYN-RECEIVED, listen-syn, RFC 9293 3.10.7.2, third",
		"[server] server LISTEN -> SYN-RECEIVED, listen-syn, RFC 9293 3.10.7.2, third",
		"[client] client SYN-SENT -> ESTABLISHED, synsent-syn-ack, RFC 9293 3.10.7.3, fourth",
		"[client] client SYN-SENT -> ESTABLISHED, synsent-syn-ack, RFC 9293 3.10.7.3, fourth",
		"[server] server SYN-RECEIVED -> ESTABLISHED, synrcvd-ack, RFC 9293 3.10.7.4, fifth",
		"[client] client ESTABLISHED -> FIN-WAIT-1, close-established, RFC 9293 3.10.4, ESTABLISHED",
		"[server] server ESTABLISHED -> CLOSE-WAIT, fin-established, RFC 9293 3.10.7.4, eighth, MUST-12",
		"[server] server ESTABLISHED -> CLOSE-WAIT, fin-established, RFC 9293 3.10.7.4, eighth, MUST-12",
		"[client] client FIN-WAIT-1 -> FIN-WAIT-2, finwait1-fin-acked, RFC 9293 3.10.7.4, fifth",
		"[server] server CLOSE-WAIT -> LAST-ACK, close-closewait, RFC 9293 3.10.4, CLOSE-WAIT",
		"[client] client FIN-WAIT-2 -> TIME-WAIT, finwait2-fin, RFC 9293 3.10.7.4, eighth, MUST-13",
		"[client] client FIN-WAIT-2 -> TIME-WAIT, finwait2-fin, RFC 9293 3.10.7.4, eighth, MUST-13",
		"[server] server LAST-ACK -> CLOSED, lastack-fin-acked, RFC 9293 3.10.7.4, fifth",
	}, c.comments())
}

// A segment that changes the state twice says so: the server's ACK is lost, and
// its FIN carries it.
func TestCommentTwoMoves(t *testing.T) {
	r := newRun(t, false)
	c := r.comment()
	r.open()
	r.net.Fault(sim.Fault{Verb: sim.Drop, Host: r.server.ID(), Clear: fsm.FIN, Nth: 1, Count: 1})
	r.close()
	all := c.comments()
	require.Contains(t, all, "[server] server ESTABLISHED -> CLOSE-WAIT, fin-established, RFC 9293 3.10.7.4, eighth, MUST-12"+
		"\nnetwork: the script drops it")
	require.Contains(t, all, "[client] client FIN-WAIT-1 -> FIN-WAIT-2, finwait1-fin-acked, RFC 9293 3.10.7.4, fifth; "+
		"FIN-WAIT-2 -> TIME-WAIT, finwait2-fin, RFC 9293 3.10.7.4, eighth, MUST-13")
}

// What the network and the script did to a packet is told too.
func TestCommentNetwork(t *testing.T) {
	r := newRun(t, false)
	c := r.comment()
	r.open()
	r.net.Fault(sim.Fault{Verb: sim.Duplicate, Host: r.client.ID(), Nth: 1, Count: 1, By: time.Millisecond})
	r.net.Fault(sim.Fault{Verb: sim.Delay, Host: r.server.ID(), Nth: 1, Count: 1, By: time.Millisecond})
	opened := 6
	r.ok(call(r.client, sim.Call{Op: sim.OpSend, FD: 3, N: 1}))
	r.pass(time.Second)
	r.forge(fsm.Segment{Seq: r.lastSent(r.client).Ack, Flags: fsm.RST})
	require.Equal(t, []string{
		"[client] client ESTABLISHED, send-text, RFC 9293 3.10.2\nnetwork: the script repeats it",
		"[server] server ESTABLISHED, text-in-order, RFC 9293 3.10.7.4, seventh",
		"[server] copy made by the network\nserver ESTABLISHED, seq-unacceptable, RFC 9293 3.10.7.4, first",
		"[server] server ESTABLISHED, seq-unacceptable, RFC 9293 3.10.7.4, first\nnetwork: the script holds it back",
		"[client] client ESTABLISHED, ack-new, RFC 9293 3.10.7.4, fifth",
		"[client] forged\nclient ESTABLISHED -> CLOSED, rst-reset, RFC 9293 3.10.7.4, second, MUST-12",
	}, c.comments()[opened:])
}

// A call that a segment lets go on belongs to the same turn, but is not what
// the segment did.
func TestCommentBlockedCall(t *testing.T) {
	r := newRun(t, false)
	c := r.comment()
	r.open()
	waits := call(r.server, sim.Call{Op: sim.OpRecv, FD: 4, N: 1})
	r.ok(call(r.client, sim.Call{Op: sim.OpSend, FD: 3, N: 1}))
	r.pass(2 * delay)
	r.ok(waits)
	require.Equal(t, "[server] server ESTABLISHED, text-in-order, RFC 9293 3.10.7.4, seventh", c.comments()[7])
}

// A SYN that finds the listen queue full is dropped by no rule.
func TestCommentQueueFull(t *testing.T) {
	r := newRun(t, false)
	c := r.comment()
	r.open()
	for fd := 4; fd < 6; fd++ {
		r.ok(call(r.client, sim.Call{Op: sim.OpSocket}))
		call(r.client, sim.Call{Op: sim.OpConnect, FD: fd, Addr: r.b})
		r.pass(3 * delay)
	}
	all := c.comments()
	require.Equal(t, "[server] server LISTEN, dropped: the listen queue is full", all[len(all)-1])
}

// What a rule that fires for every segment has to say is told only if there is
// nothing else.
func TestCommentQuiet(t *testing.T) {
	for name, quietly := range map[string]bool{
		"seq-acceptable": true, "ack-current": true, "ack-old": true, "window-update": true,
		"window-update-on-new-ack": true, "ack-new": false, "seq-unacceptable": false,
	} {
		id := fsm.FindRule(name)
		require.NotZero(t, id, name)
		require.Equal(t, quietly, quiet[id], name)
	}
	require.False(t, quiet[0], "a rule was renamed")
	fired := func(names ...string) string {
		var tn turn
		for _, name := range names {
			tn.note(&sim.Record{Kind: sim.Fired, Rule: fsm.FindRule(name)})
		}
		return tn.rule.String()
	}
	require.Equal(t, "ack-current", fired("seq-acceptable", "ack-current", "window-update", "output-ack"))
	require.Equal(t, "ack-new", fired("seq-acceptable", "ack-new", "window-update", "output-text"))
	require.Equal(t, "text-in-order", fired("seq-acceptable", "ack-new", "window-update", "text-in-order"))
	require.Equal(t, "seq-zero-window", fired("seq-zero-window", "ack-current"))
}

// A tap on the link sees the sender's end, and the other of what was forged.
func TestCommentLink(t *testing.T) {
	r := newRun(t, false)
	c := r.capture(Options{Format: PCAPNG, Comments: true})
	r.open()
	r.forge(fsm.Segment{Seq: r.lastSent(r.client).Ack, Flags: fsm.RST})
	require.Equal(t, []string{
		"[link] client CLOSED -> SYN-SENT, open-active, RFC 9293 3.10.1, CLOSED",
		"[link] server LISTEN -> SYN-RECEIVED, listen-syn, RFC 9293 3.10.7.2, third",
		"[link] client SYN-SENT -> ESTABLISHED, synsent-syn-ack, RFC 9293 3.10.7.3, fourth",
		"[link] forged\nclient ESTABLISHED -> CLOSED, rst-reset, RFC 9293 3.10.7.4, second, MUST-12",
	}, c.comments())
}
