package matrix

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the RFCs and POSIX say of telling cells. The expectations are written from
// the text, with the rule in front: the linger rules of POSIX's close(), of RFC
// 9293 3.6 and of 3.10.4 and 3.10.5. "a, b" in wire are segments in that order.
func TestTellingCells(t *testing.T) {
	for _, c := range []struct {
		why, cell         string
		call, wire, local string
		peer              string // its last state
	}{
		{
			"without linger close returns at once; text and FIN follow (RFC 9293 3.10.4)",
			"established-close-nolinger-blocking-unsent-acks@rfc9293",
			"0", "> FP. 1:101(100) ack 1, < . 1:1(0) ack 102", "ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2", "CLOSE-WAIT",
		},
		{
			"four-way close: who closes first has TIME-WAIT, for 2 MSL (RFC 9293 3.6, Figure 12)",
			"established-close-nolinger-blocking-nothing-fin@rfc9293",
			"0", "> F. 1:1(0) ack 1, < . 1:1(0) ack 2, < F. 1:1(0) ack 2, > . 2:2(0) ack 2",
			"ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED after 240 s", "CLOSED",
		},
		{
			"unread data is not thrown away in silence (RFC 9293 3.6.1, SHLD-3)",
			"established-close-nolinger-blocking-unread-acks@rfc9293",
			"0", "> R 1:1(0)", "ESTABLISHED, CLOSED", "CLOSED",
		},
		{
			"RFC 793 knows no such reset",
			"established-close-nolinger-blocking-unread-acks@rfc793",
			"0", "> F. 1:1(0) ack 101, < . 101:101(0) ack 2", "ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2", "CLOSE-WAIT",
		},
		{
			"linger 0 is ABORT: <SEQ=SND.NXT><CTL=RST>, and what was not sent is lost (RFC 9293 3.10.5)",
			"established-close-linger0-blocking-unsent-acks@rfc9293",
			"0", "> R 1:1(0)", "ESTABLISHED, CLOSED", "CLOSED",
		},
		{
			"the RST comes behind what is on its way",
			"established-close-linger0-nonblocking-unacked-acks@rfc9293",
			"0", "> R 101:101(0)", "ESTABLISHED, CLOSED", "CLOSED",
		},
		{
			"in LAST-ACK ABORT sends nothing (RFC 9293 3.10.5); the FIN was on its way, and its ACK is lost",
			"last-ack-close-linger0-blocking-nothing-never@rfc9293",
			"0", "< . 2:2(0) ack 2", "LAST-ACK, CLOSED", "CLOSED",
		},
		{
			"in CLOSING neither; the peer has our FIN and the ACK of its own",
			"closing-close-linger0-blocking-nothing-never@rfc9293",
			"0", "< . 2:2(0) ack 2", "CLOSING, CLOSED", "CLOSED",
		},
		{
			"TIME-WAIT outlives a close with linger 0",
			"time-wait-close-linger0-blocking-nothing-acks@rfc9293",
			"0", "no segment", "TIME-WAIT, CLOSED after 240 s", "CLOSED",
		},
		{
			"a RST in its place ends TIME-WAIT (RFC 1337 1)",
			"time-wait-close-nolinger-blocking-nothing-rst@rfc9293",
			"0", "< R 2:2(0)", "TIME-WAIT, CLOSED", "CLOSED",
		},
		{
			"with a linger time close waits for the FIN's ACK: a round trip",
			"established-close-lingern-blocking-nothing-acks@rfc9293",
			"0 after 20ms", "> F. 1:1(0) ack 1, < . 1:1(0) ack 2", "ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2", "CLOSE-WAIT",
		},
		{
			"an expired linger time ends the wait, and not the connection; the user timeout does (RFC 9293 3.10.8)",
			"established-close-lingern-blocking-nothing-never@rfc793",
			"0 after 5s", "", "ESTABLISHED, FIN-WAIT-1, CLOSED after 300 s", "ESTABLISHED",
		},
		{
			"in FIN-WAIT-2 there is nothing to wait for",
			"fin-wait-2-close-lingern-blocking-nothing-never@rfc9293",
			"0", "no segment", "FIN-WAIT-2", "CLOSE-WAIT",
		},
		{
			"a RST ends the wait: it comes a way and half a millisecond behind the call",
			"close-wait-close-lingern-blocking-nothing-rst@rfc9293",
			"0 after 10.5ms", "", "CLOSE-WAIT, LAST-ACK, CLOSED", "CLOSED",
		},
		{
			"a non-blocking close does not wait",
			"established-close-lingern-nonblocking-nothing-acks@rfc9293",
			"0", "> F. 1:1(0) ack 1, < . 1:1(0) ack 2", "ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2", "CLOSE-WAIT",
		},
		{
			"nor does a process that ends",
			"established-kill-lingern-blocking-nothing-acks@rfc9293",
			"done", "> F. 1:1(0) ack 1, < . 1:1(0) ack 2", "ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2", "CLOSE-WAIT",
		},
		{
			"one descriptor of two closes nothing, whatever SO_LINGER says",
			"established-dup-close-linger0-blocking-unread-acks@rfc9293",
			"0", "no segment", "ESTABLISHED", "ESTABLISHED",
		},
		{
			"shutdown for reading is not seen on the wire, and linger has no say in it",
			"close-wait-shutdown-rd-linger0-blocking-unread-acks@rfc9293",
			"0", "no segment", "CLOSE-WAIT", "FIN-WAIT-2",
		},
		{
			"shutdown never waits, and sends no second FIN",
			"fin-wait-1-shutdown-wr-lingern-blocking-nothing-acks@rfc9293",
			"0", "< . 1:1(0) ack 2", "FIN-WAIT-1, FIN-WAIT-2", "CLOSE-WAIT",
		},
		{
			"in SYN-SENT close forgets; the peer's SYN,ACK meets CLOSED (RFC 9293 3.10.4)",
			"syn-sent-close-linger0-nonblocking-nothing-acks@rfc9293",
			"0", "< S. 0:0(0) ack 1, > R 1:1(0)", "SYN-SENT, CLOSED", "LISTEN",
		},
		{
			"only close leads out of CLOSE-WAIT",
			"close-wait-close-nolinger-blocking-nothing-acks@rfc9293",
			"0", "> F. 1:1(0) ack 2, < . 2:2(0) ack 2", "CLOSE-WAIT, LAST-ACK, CLOSED", "CLOSED",
		},
		{
			"in CLOSE-WAIT the FIN waits for the text, and CLOSE-WAIT with it (RFC 9293 3.10.4)",
			"close-wait-close-nolinger-blocking-zero-window-acks@rfc9293",
			"0", "", "CLOSE-WAIT", "FIN-WAIT-2",
		},
	} {
		cell, ok := find(c.cell)
		require.True(t, ok, c.cell)
		r := Run(cell)
		require.Empty(t, r.Reason, c.cell)
		require.Equal(t, c.call, r.Call(), "%s: %s", c.cell, c.why)
		if c.wire != "" {
			require.Equal(t, c.wire, r.Wire(), "%s: %s", c.cell, c.why)
		}
		require.Equal(t, c.local, r.LocalPath(), "%s: %s", c.cell, c.why)
		require.Equal(t, c.peer, r.Peer[len(r.Peer)-1].String(), "%s: %s", c.cell, c.why)
	}
}

// find finds a cell by its name.
func find(name string) (Cell, bool) {
	_, profile, _ := strings.Cut(name, "@")
	for _, c := range Cells([]string{profile}, Filter{}) {
		if c.Name() == name {
			return c, true
		}
	}
	return Cell{}, false
}
