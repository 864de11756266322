package docs

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

var passive = []fsm.State{fsm.SynReceived, fsm.Established, fsm.CloseWait, fsm.LastAck, fsm.Closed}

// closeWaitClaims are those about the close itself.
var closeWaitClaims = map[int]claim{
	// CLOSE-WAIT is in every passive close; only the program decides how long.
	1: {"half right", map[string]func(*run){
		"close-wait-leak": func(r *run) {
			r.order("client < F. 1:1(0) ack 1", "client CLOSE-WAIT", "client read(3) = 0")
			r.went("client", fsm.SynSent, fsm.Established, fsm.CloseWait)
			r.forever()
			r.left("client", map[fsm.State]int{fsm.CloseWait: 1})
		},
		"close-wait-fixed-by-read-zero": closedAtOnce,
	}},
	// The ACK of the FIN leaves in the turn in which the FIN arrives. Linux delays it,
	// and waits for nothing.
	2: {"right", map[string]func(*run){
		"four-packet-close": func(r *run) {
			r.together("server < F. 1:1(0) ack 1", "server ! connection closing", "server CLOSE-WAIT", "server > . 1:1(0) ack 2")
			r.order("server > . 1:1(0) ack 2", "server read(4) = 0")
			require.Equal(r.t, by(r, map[string]time.Duration{
				rfcs + bsds + winsocks: 0, "linux": 4 * time.Millisecond,
			}), r.after("server CLOSE-WAIT", "server > . 1:1(0) ack 2"))
		},
		"close-wait-in-accept-queue": func(r *run) {
			r.together("server < F. 6:6(0) ack 1", "server ! connection closing", "server CLOSE-WAIT")
			r.order("server CLOSE-WAIT", "server > . 1:1(0) ack 7", "server accept(3) = 4")
			require.Equal(r.t, by(r, map[string]time.Duration{
				rfcs + bsds + winsocks: 0, "linux": 40 * time.Millisecond,
			}), r.after("server CLOSE-WAIT", "server > . 1:1(0) ack 7"))
			require.Equal(r.t, 50010*time.Millisecond, r.after("server > . 1:1(0) ack 7", "server accept(3) = 4"))
		},
	}},
	// A FIN is no error: recv gives 0, send succeeds. What fails is the send behind the
	// RST; RFC 793 takes the text, and nothing fails.
	3: {"wrong", map[string]func(*run){
		"recv-zero-is-not-error": zeroIsNoError,
		"two-sends-to-closed-peer": func(r *run) {
			first := []string{"server CLOSE-WAIT", "server > P. 1:11(10) ack 2", "server write(4) = 10"}
			r.order(append(first, by(r, map[string][]string{
				"rfc793":        {"client > . 2:2(0) ack 11", "server > P. 11:21(10) ack 2", "server write(4) = 10"},
				"rfc9293":       {"server < R 2:2(0)", "server CLOSED", "server write(4) = -1 ECONNRESET", "server write(4) = -1 ENOTCONN"},
				"linux " + bsds: {"server < R 2:2(0)", "server CLOSED", "server write(4) = -1 EPIPE", "server write(4) = -1 EPIPE"},
				winsocks:        {"server < R 2:2(0)", "server CLOSED", "server write(4) = -1 WSAECONNABORTED", "server write(4) = -1 WSAECONNABORTED"},
			})...)...)
		},
	}},
	// No FIN without a close, and the state stays.
	4: {"right", map[string]func(*run){
		"close-wait-leak": func(r *run) {
			r.closing("server > F. 1:1(0) ack 1", "client > . 1:1(0) ack 2")
			r.forever()
			require.Greater(r.t, r.net.Now().Seconds(), 5e6)
			r.left("client", map[fsm.State]int{fsm.CloseWait: 1})
		},
		"close-wait-held-by-dup": func(r *run) {
			r.order("server read(4) = 0", "server close(4) = 0", "server LAST-ACK", "server close(5) = 0")
			r.together("server LAST-ACK", "server > F. 1:1(0) ack 2", "server close(5) = 0")
		},
		"dup-descriptor-close": func(r *run) {
			r.order("client close(3) = 0", "client write(4) = 5", "client FIN-WAIT-1", "client close(4) = 0")
			r.together("client FIN-WAIT-1", "client > F. 6:6(0) ack 1", "client close(4) = 0")
		},
	}},
	// close() is not the only call that sends the FIN, and an ACK not the only end.
	5: {"half right", map[string]func(*run){
		"four-packet-close": func(r *run) {
			r.together("server LAST-ACK", "server > F. 1:1(0) ack 2", "server close(4) = 0")
			r.together("server < . 2:2(0) ack 2", "server ! ok", "server CLOSED")
			r.went("server", passive...)
		},
		"close-wait-shutdown-ends": func(r *run) {
			r.together("server LAST-ACK", "server > F. 1:1(0) ack 2", "server shutdown(4) = 0")
			r.order("server CLOSED", "server close(4) = 0")
		},
		"close-wait-after-peer-fw2-timeout": func(r *run) {
			r.order("client LAST-ACK", "client > F. 1:1(0) ack 2", by(r, map[string]string{
				"rfc9293 " + systems: "client < R 2:2(0)", "rfc793": "client < . 2:2(0) ack 2",
			}), "client CLOSED")
		},
		// How long TCP tries, and whether it says so with a RST.
		"last-ack-dead-peer": func(r *run) {
			gone := r.after("server LAST-ACK", "server CLOSED")
			require.Equal(r.t, by(r, map[string]time.Duration{
				"rfc9293": 300 * time.Second, "linux": 118569 * time.Millisecond, bsds: 156140 * time.Millisecond, winsocks: 18900 * time.Millisecond,
			}), gone)
			r.order(append([]string{"server close(4) = 0"}, by(r, map[string][]string{
				"rfc9293":       {"server ! connection aborted due to user timeout", "server CLOSED"},
				"linux":         {"server ! connection aborted: no answer", "server CLOSED"},
				bsds + winsocks: {"server > R. 2:2(0) ack 2", "server ! connection aborted: no answer", "server CLOSED"},
			})...)...)
			if r.profile == "rfc9293" || r.profile == "linux" {
				r.never("server > R")
			}
		},
	}},
	// The sign to close is 0 as well as an error.
	6: {"incomplete", map[string]func(*run){
		"recv-zero-is-not-error":        zeroIsNoError,
		"close-wait-fixed-by-read-zero": closedAtOnce,
	}},
	7: {"right", map[string]func(*run){
		"server-closes-first": func(r *run) {
			r.order("server > F. 1:1(0) ack 1", "client CLOSE-WAIT", "client > F. 1:1(0) ack 2")
			r.went("client", fsm.SynSent, fsm.Established, fsm.CloseWait, fsm.LastAck, fsm.Closed)
		},
		"four-packet-close": func(r *run) {
			r.went("client", fsm.SynSent, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.TimeWait, fsm.Closed)
			r.went("server", passive...)
		},
	}},
	// Four is usual, three are possible, and FINs may cross.
	8: {"half right", map[string]func(*run){
		"four-packet-close": fourPackets,
		// Three only where the ACK waits for a FIN to ride on.
		"three-packet-close": func(r *run) {
			r.closing(by(r, map[string][]string{
				rfcs + bsds + winsocks: {"client > F. 1:1(0) ack 1", "server > . 1:1(0) ack 2", "server > F. 1:1(0) ack 2", "client > . 2:2(0) ack 2"},
				"linux":                {"client > F. 1:1(0) ack 1", "server > F. 1:1(0) ack 2", "client > . 2:2(0) ack 2"},
			})...)
		},
		"fin-acks-fin": func(r *run) {
			r.closing("client > F. 1:1(0) ack 1025", "server > F. 1025:1025(0) ack 2", "client > . 2:2(0) ack 1026")
		},
		"fin-with-data": func(r *run) {
			with := by(r, map[string]string{rfcs + bsds: "FP. 1:11(10) ack 1", "linux": "F. 1:11(10) ack 1"})
			r.order("client > "+with, "server read(4) = 10", "server read(4) = 0")
		},
		// FreeBSD answers the FIN with its own once more.
		"simultaneous-close": func(r *run) {
			r.closing(append([]string{"client > F. 1:1(0) ack 1", "server > F. 1:1(0) ack 1"}, by(r, map[string][]string{
				rfcs + "linux " + winsocks: {"server > . 2:2(0) ack 2", "client > . 2:2(0) ack 2"},
				bsds:                       {"server > F. 1:1(0) ack 2", "client > F. 1:1(0) ack 2", "client > . 2:2(0) ack 2", "server > . 2:2(0) ack 2"},
			})...)...)
			r.went("client", fsm.SynSent, fsm.Established, fsm.FinWait1, fsm.Closing, fsm.TimeWait, fsm.Closed)
			r.went("server", fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.Closing, fsm.TimeWait, fsm.Closed)
		},
	}},
	// FIN-WAIT-2 faces CLOSE-WAIT, unless a kernel limits it: the client is not told.
	9: {"right", map[string]func(*run){
		"close-wait-leak": func(r *run) {
			r.forever()
			r.left("client", map[fsm.State]int{fsm.CloseWait: 1})
			if r.profile == "rfc9293" || r.profile == "rfc793" {
				r.went("server", fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2)
				r.left("server", map[fsm.State]int{fsm.Listen: 1, fsm.FinWait2: 1})
				return
			}
			r.went("server", fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.Closed)
			r.left("server", map[fsm.State]int{fsm.Listen: 1})
			require.Equal(r.t, by(r, map[string]time.Duration{
				"linux": 61271 * time.Millisecond, "freebsd": 675 * time.Second, "darwin": time.Minute, winsocks: 2 * time.Minute,
			}), r.after("server FIN-WAIT-2", "server CLOSED"))
			r.closing("server > F. 1:1(0) ack 1", "client > . 1:1(0) ack 2")
		},
		"close-wait-after-peer-fw2-timeout": func(r *run) {
			if r.profile == "rfc793" { // has no such limit
				r.order("server FIN-WAIT-2", "client LAST-ACK", "server TIME-WAIT", "client CLOSED")
				fourPacketsByServer(r)
				return
			}
			r.order("server FIN-WAIT-2", "server CLOSED", "client LAST-ACK", "server > R 2:2(0)", "client CLOSED")
			r.closing("server > F. 1:1(0) ack 1", "client > . 1:1(0) ack 2", "client > F. 1:1(0) ack 2", "server > R 2:2(0)")
		},
		// A program that has kept its descriptor may wait longer, but on Windows 2000.
		"half-close-forever": func(r *run) {
			if r.profile == "windows2000" {
				require.Equal(r.t, 5*time.Minute, r.after("client FIN-WAIT-2", "client CLOSED"))
				r.order("client CLOSED", "client read(3) = -1 WSAECONNRESET", "server write(4) = 5", "client > R 2:2(0)")
				return
			}
			r.order("client FIN-WAIT-2", "server write(4) = 5", "client read(3) = 5")
			require.Greater(r.t, r.after("client FIN-WAIT-2", "client read(3) = 5"), 24*time.Hour)
			r.left("client", map[fsm.State]int{fsm.FinWait2: 1})
			r.left("server", map[fsm.State]int{fsm.Listen: 1, fsm.CloseWait: 1})
		},
	}},
	10: {"right", map[string]func(*run){
		"server-closes-first": func(r *run) {
			r.order("client LAST-ACK", "client > F. 1:1(0) ack 2", "server TIME-WAIT", "server > . 2:2(0) ack 2", "client CLOSED")
		},
		"time-wait-duration": func(r *run) {
			require.Equal(r.t, by(r, map[string]time.Duration{
				rfcs + "windows2000": 240 * time.Second, "linux": 61215 * time.Millisecond, "freebsd": time.Minute, "darwin": 30 * time.Second, "windows": 2 * time.Minute,
			}), r.after("client TIME-WAIT", "client CLOSED"))
		},
	}},
	// In the RFC's order CLOSE-WAIT outlasts close(); in the usual one it does not. Text
	// that does not get out before close() is another matter.
	11: {"half right", map[string]func(*run){
		"close-wait-pending-close-rfc": func(r *run) {
			last := by(r, map[string]string{
				"rfc9293 " + systems: "server > FP. 1025:2001(976) ack 2", "rfc793": "server > FP. 1026:2001(975) ack 2",
			})
			if r.profile == "rfc9293" || r.profile == "rfc793" {
				r.order("server close(4) = 0", "client > . 2:2(0) ack 1025", "client read(3) = 1024", "server LAST-ACK", last)
				return
			}
			r.together("server LAST-ACK", "server close(4) = 0")
			r.order("server close(4) = 0", "client > . 2:2(0) ack 1025", "client read(3) = 1024", last)
		},
		"close-wait-pending-close-eager": func(r *run) {
			r.together("server LAST-ACK", "server close(4) = 0")
			r.order("server close(4) = 0", "server > FP. 1025:2001(976) ack 2")
		},
		"close-wait-stuck-in-send": func(r *run) {
			r.order(append([]string{"client CLOSE-WAIT", "client > P. 1:1001(1000) ack 2"}, by(r, map[string][]string{
				"rfc793":  {"client > P. 2001:3001(1000) ack 2", "client write(3) = 3000"},
				"rfc9293": {"server > R 2:2(0)", "client CLOSED", "client write(3) = 1000", "client read(3) = 0", "client write(3) = -1 ECONNRESET"},
				"linux":   {"server > R 2:2(0)", "client CLOSED", "client write(3) = 1000", "client read(3) = 0", "client write(3) = -1 EPIPE"},
				bsds:      {"server > R 2:2(0)", "client CLOSED", "client write(3) = -1 EPIPE", "client read(3) = -1 ECONNRESET", "client read(3) = 0"},
				winsocks:  {"server > R 2:2(0)", "client CLOSED", "client write(3) = -1 WSAECONNABORTED", "client read(3) = -1 WSAECONNABORTED"},
			})...)...)
		},
	}},
	// The server closed first; the cause is that the client never closes.
	12: {"half right", map[string]func(*run){
		"close-wait-fd-exhaustion": func(r *run) {
			full := by(r, map[string]string{rfcs + "linux " + bsds: "EMFILE", winsocks: "WSAEMFILE"})
			r.order("server close(4) = 0", "client CLOSE-WAIT", "server close(4) = 0", "client CLOSE-WAIT", "server close(4) = 0",
				"client CLOSE-WAIT", "client socket(...) = -1 "+full, "client close(4) = 0", "client socket(...) = 4")
			r.left("client", map[fsm.State]int{fsm.CloseWait: 2})
		},
	}},
	24: {"right", map[string]func(*run){
		"close-wait-reconnect": func(r *run) {
			full := by(r, map[string]string{rfcs + "linux " + bsds: "EMFILE", winsocks: "WSAEMFILE"})
			r.order("client CLOSE-WAIT", "client socket(...) = -1 "+full, "client close(3) = 0", "client CLOSED", "client connect(3) = 0",
				"client CLOSE-WAIT", "client close(3) = 0", "client CLOSED", "client connect(3) = 0")
			r.left("client", map[fsm.State]int{fsm.Established: 1})
		},
		"close-wait-fixed-by-read-zero": closedAtOnce,
	}},
	25: {"wrong", map[string]func(*run){
		"close-wait-fixed-by-read-zero": closedAtOnce,
	}},
}

// closedAtOnce: CLOSE-WAIT is left at the instant at which it is entered.
func closedAtOnce(r *run) {
	r.order("client CLOSE-WAIT", "client read(3) = 0", "client LAST-ACK")
	require.Zero(r.t, r.after("client CLOSE-WAIT", "client LAST-ACK"))
	r.left("client", map[fsm.State]int{})
}

func zeroIsNoError(r *run) {
	r.order("server CLOSE-WAIT", "server read(4) = 3", "server read(4) = 0", "server read(4) = 0", "server getsockopt(4) = 0",
		"server write(4) = 4", "client read(3) = 4")
	r.called("getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4])")
	r.went("server", passive...)
}

func fourPackets(r *run) {
	r.closing("client > F. 1:1(0) ack 1", "server > . 1:1(0) ack 2", "server > F. 1:1(0) ack 2", "client > . 2:2(0) ack 2")
}

func fourPacketsByServer(r *run) {
	r.closing("server > F. 1:1(0) ack 1", "client > . 1:1(0) ack 2", "client > F. 1:1(0) ack 2", "server > . 2:2(0) ack 2")
}
