package docs

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// optionClaims are those about what SO_REUSEADDR, shutdown() and SO_LINGER change.
var optionClaims = map[int]claim{
	13: {"wrong", map[string]func(*run){
		"reuseaddr-without-bind": func(r *run) {
			none := by(r, map[string]string{rfcs + "linux " + bsds: "EADDRNOTAVAIL", winsocks: "WSAENOBUFS"})
			r.order("client setsockopt(3) = 0", "client connect(3) = 0", "client setsockopt(4) = 0", "client connect(4) = 0",
				"client setsockopt(5) = 0", "client connect(5) = 0", "client setsockopt(6) = 0", "client connect(6) = -1 "+none)
			r.left("client", map[fsm.State]int{fsm.Established: 3})
		},
	}},
	// bind() may succeed, by each system's rule; connect() does not.
	14: {"wrong", map[string]func(*run){
		"reuse-cannot-evict-close-wait": func(r *run) {
			r.order(append([]string{"client CLOSE-WAIT"}, by(r, map[string][]string{
				rfcs + bsds: {"client bind(4) = -1 EADDRINUSE", "client setsockopt(4) = 0", "client bind(4) = 0", "client connect(4) = -1 EADDRINUSE"},
				"linux": {"client bind(4) = -1 EADDRINUSE", "client setsockopt(4) = 0", "client bind(4) = -1 EADDRINUSE",
					"client setsockopt(3) = 0", "client bind(4) = 0", "client connect(4) = -1 EADDRNOTAVAIL"},
				winsocks: {"client setsockopt(4) = 0", "client bind(4) = 0", "client connect(4) = -1 WSAEADDRINUSE"},
			})...)...)
			r.order("client bind(4) = 0", "client close(3) = 0")
			require.Greater(r.t, r.after("client CLOSE-WAIT", "client LAST-ACK"), 30*time.Second)
			r.went("client", fsm.SynSent, fsm.Established, fsm.CloseWait, fsm.LastAck, fsm.Closed)
		},
	}},
	// On BSD the new socket's option is enough, on Linux it is not, and Windows needs none.
	15: {"half right", map[string]func(*run){
		"restart-server-time-wait": func(r *run) {
			r.order(append([]string{"server TIME-WAIT"}, by(r, map[string][]string{
				rfcs + bsds: {"server bind(3) = -1 EADDRINUSE", "server setsockopt(3) = 0", "server bind(3) = 0"},
				"linux": {"server bind(3) = -1 EADDRINUSE", "server setsockopt(3) = 0", "server bind(3) = -1 EADDRINUSE",
					"server bind(3) = -1 EADDRINUSE", "server CLOSED", "server bind(3) = 0"},
				winsocks: {"server bind(3) = 0"},
			})...)...)
			r.order("server bind(3) = 0", "server TIME-WAIT", "server bind(3) = 0", "server listen(3) = 0", "client connect(3) = 0")
			r.left("server", by(r, map[string]map[fsm.State]int{
				rfcs + bsds + winsocks: {fsm.Listen: 1, fsm.Established: 1, fsm.TimeWait: 1},
				"linux":                {fsm.Listen: 1, fsm.Established: 1},
			}))
			if r.profile == "windows" || r.profile == "windows2000" {
				r.never("server bind(3) = -1")
				r.never("server setsockopt")
			}
		},
		// Where the old server has set it too, Linux is satisfied.
		"restart-server-with-reuseaddr": func(r *run) {
			r.order("server bind(3) = 0", "server TIME-WAIT", "server setsockopt(3) = 0", "server bind(3) = 0", "server listen(3) = 0", "client connect(3) = 0")
			r.never("server bind(3) = -1")
			r.left("server", map[fsm.State]int{fsm.Listen: 1, fsm.Established: 1, fsm.TimeWait: 1})
		},
		// Two that listen: nowhere but on Windows, where only SO_EXCLUSIVEADDRUSE keeps others off.
		"reuseaddr-listen-conflict": func(r *run) {
			r.order(append([]string{"server setsockopt(3) = 0", "server bind(3) = 0", "server setsockopt(3) = 0"}, by(r, map[string][]string{
				rfcs + bsds: {"server bind(3) = -1 EADDRINUSE", "server listen(3) = 0", "server setsockopt(4) = 0", "server bind(4) = -1 EADDRINUSE"},
				"linux":     {"server bind(3) = 0", "server listen(3) = 0", "server listen(3) = -1 EADDRINUSE", "server setsockopt(4) = 0", "server bind(4) = -1 EADDRINUSE"},
				winsocks: {"server bind(3) = 0", "server listen(3) = 0", "server listen(3) = 0", "server setsockopt(4) = 0", "server bind(4) = 0", "server listen(4) = 0",
					"server bind(4) = -1 WSAEACCES"},
			})...)...)
		},
		"exclusive-blocks-restart": func(r *run) {
			r.called("setsockopt(3, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, [1], 4)")
			r.order("server bind(3) = -1 WSAEADDRINUSE", "server CLOSE-WAIT", "server bind(3) = -1 WSAEADDRINUSE", "server LAST-ACK",
				"server bind(3) = -1 WSAEADDRINUSE", "server < . 2:2(0) ack 2", "server CLOSED", "server bind(3) = 0", "server listen(3) = 0")
		},
	}},
	16: {"right", map[string]func(*run){
		"linger-default": func(r *run) {
			r.order("server getsockopt(4) = 0")
			r.called("getsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=0, linger=0}, [8])")
			require.Zero(r.t, r.order("client close(3) = 0").took)
			r.order("client close(3) = 0", "server read(4) = 100", "server read(4) = 0")
		},
		"linger-off-pending": returnsAtOnce,
		"dontlinger-option": func(r *run) {
			require.Equal(r.t, "getsockopt(3, SOL_SOCKET, SO_DONTLINGER, [1], [4])", r.order("client getsockopt(3) = 0").full)
			r.called("getsockopt(3, SOL_SOCKET, SO_DONTLINGER, [0], [4])")
			r.called("getsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=0, linger=0}, [8])")
			require.Zero(r.t, r.order("client close(3) = 0").took)
			r.order("client > F. 11:11(0) ack 1", "client close(3) = 0", "server read(4) = 10", "server read(4) = 0")
		},
	}},
	// Unless text lies unread: FreeBSD alone sends a FIN then, as RFC 793 does.
	17: {"right", map[string]func(*run){
		"linger-off-pending": returnsAtOnce,
		"close-with-unread": func(r *run) {
			require.Zero(r.t, r.order("client close(3) = 0").took)
			if r.profile == "rfc793" || r.profile == "freebsd" {
				r.order("client > F. 1:1(0) ack 5", "client close(3) = 0", "server read(4) = 0")
				r.never("client > R")
				return
			}
			r.closing("client > " + by(r, map[string]string{"rfc9293": "R 1:1(0)", "linux darwin " + winsocks: "R. 1:1(0) ack 5"}))
			r.order("client close(3) = 0", "server read(4) = -1 "+by(r, map[string]string{"rfc9293 linux darwin": "ECONNRESET", winsocks: "WSAECONNRESET"}))
		},
	}},
	// Graceful is: the sending side, read until 0, close.
	18: {"wrong", map[string]func(*run){
		"shut-rdwr-then-close": func(r *run) {
			r.order("client shutdown(3) = 0", "client close(3) = 0", "server write(4) = 4", "client > R 6:6(0)",
				"server write(4) = -1 ECONNRESET")
		},
		// Without a close(): text is kept, or thrown away, or answered with a RST.
		"shut-rdwr-then-data": func(r *run) {
			r.order(append([]string{"client shutdown(3) = 0", "client FIN-WAIT-2", "server write(4) = 5"}, by(r, map[string][]string{
				rfcs:     {"client read(3) = 5", "client read(3) = 0", "server close(4) = 0", "client TIME-WAIT"},
				bsds:     {"client > . 2:2(0) ack 6", "client read(3) = 0", "server close(4) = 0", "client TIME-WAIT"},
				"linux":  {"client > R 2:2(0)", "client CLOSED", "server write(4) = -1 EPIPE"},
				winsocks: {"client > R 2:2(0)", "client CLOSED", "client read(3) = -1 WSAESHUTDOWN", "server write(4) = -1 WSAECONNABORTED"},
			})...)...)
			if r.profile == "freebsd" || r.profile == "darwin" {
				r.never("client read(3) = 5")
			}
		},
		"half-close-request-response": func(r *run) {
			r.order("client shutdown(3) = 0", "server read(4) = 0", "server write(4) = 4", "server close(4) = 0",
				"client read(3) = 4", "client read(3) = 0", "client close(3) = 0")
		},
		"linger-zero-after-shutdown": abortAfterShutdown,
	}},
	// Text that the peer has not read: RFC 9293 and Windows throw it away, the others keep it.
	19: {"right", map[string]func(*run){
		"linger-zero-abort":          abortAtOnce,
		"linger-zero-after-shutdown": abortAfterShutdown,
		"linger-zero-unsent-data": func(r *run) {
			r.closing("client > " + r.reset(1025, 1))
			r.order(append([]string{"client write(3) = 3000", "client close(3) = 0"}, by(r, map[string][]string{
				rfcs:            {"server read(4) = -1 ECONNRESET"},
				"linux " + bsds: {"server read(4) = 1024", "server read(4) = -1 ECONNRESET"},
				winsocks:        {"server read(4) = -1 WSAECONNRESET"},
			})...)...)
		},
		"linger-zero-loses-acked-data": func(r *run) {
			r.order(append([]string{"server > . 1:1(0) ack 101", "client > " + r.reset(101, 1)}, by(r, map[string][]string{
				rfcs:            {"server read(4) = -1 ECONNRESET", "server read(4) = -1 ENOTCONN"},
				"linux " + bsds: {"server read(4) = 100", "server read(4) = -1 ECONNRESET", "server read(4) = 0"},
				winsocks:        {"server read(4) = -1 WSAECONNRESET", "server read(4) = -1 WSAECONNRESET"},
			})...)...)
			if !slices.Contains([]string{"linux", "freebsd", "darwin"}, r.profile) {
				r.never("server read(4) = 100")
			}
		},
	}},
	// Behind text that lies there, on most Unix systems; and if the reader had seen the FIN,
	// RFC 9293 and Linux give 0, and the error goes to the writer.
	20: {"half right", map[string]func(*run){
		"linger-zero-abort": abortAtOnce,
		"rst-with-buffered-data": func(r *run) {
			r.order(append([]string{"server CLOSED"}, by(r, map[string][]string{
				rfcs:            {"server read(4) = -1 ECONNRESET", "server read(4) = -1 ENOTCONN", "server write(4) = -1 ENOTCONN"},
				"linux " + bsds: {"server read(4) = 100", "server read(4) = -1 ECONNRESET", "server read(4) = 0", "server write(4) = -1 EPIPE"},
				winsocks:        {"server read(4) = -1 WSAECONNRESET", "server read(4) = -1 WSAECONNRESET", "server write(4) = -1 WSAECONNRESET"},
			})...)...)
		},
		// On Windows {1, 0} is without effect after shutdown(): the RST answers text there.
		"close-wait-rst": func(r *run) {
			r.order(append([]string{"client CLOSE-WAIT"}, by(r, map[string][]string{
				rfcs:     {"client < R 2:2(0)", "client CLOSED", "client read(3) = 0", "client write(3) = -1 ECONNRESET"},
				"linux":  {"client < R. 2:2(0) ack 1", "client CLOSED", "client read(3) = 0", "client write(3) = -1 EPIPE"},
				bsds:     {"client < R. 2:2(0) ack 1", "client CLOSED", "client read(3) = -1 ECONNRESET", "client read(3) = 0", "client write(3) = -1 EPIPE"},
				winsocks: {"client read(3) = 0", "client write(3) = 10", "client < R 2:2(0)", "client CLOSED", "client write(3) = -1 WSAECONNABORTED"},
			})...)...)
		},
	}},
	// onoff decides whether the time counts; a time of zero is no time but an abort.
	21: {"half right", map[string]func(*run){
		"linger-default": func(r *run) {
			r.order("client setsockopt(3) = 0", "client > F. 101:101(0) ack 1", "client close(3) = 0")
		},
		"linger-timed-success": lingersUntilAcked,
		"linger-zero-abort":    abortAtOnce,
	}},
	22: {"right", map[string]func(*run){
		"linger-zero-abort": func(r *run) {
			r.order("client connect(3) = 0", "client setsockopt(3) = 0", "client > "+r.reset(1, 1))
		},
	}},
	23: {"wrong", map[string]func(*run){
		"close-wait-linger-hides-nothing": func(r *run) {
			r.order("client setsockopt(3) = 0", "client CLOSE-WAIT")
			require.Equal(r.t, 24*time.Hour, r.after("client CLOSE-WAIT", "client close(3) = 0"))
			r.order("client > "+r.reset(1, 2), "server read(4) = -1 "+by(r, map[string]string{rfcs + "linux " + bsds: "ECONNRESET", winsocks: "WSAECONNRESET"}))
		},
	}},
	26: {"half right", map[string]func(*run){
		"linger-off-pending":   returnsAtOnce,
		"linger-timed-success": lingersUntilAcked,
		// What close() returns when the time is over, and what becomes of the connection.
		"linger-timed-expire": func(r *run) {
			r.lingered(2*time.Second, by(r, map[string]lingering{
				rfcs + "linux darwin": {"0", fsm.FinWait1}, "freebsd": {"-1 EAGAIN", fsm.FinWait1}, winsocks: {"0", fsm.Closed},
			}))
			if r.profile == "windows" || r.profile == "windows2000" {
				r.together("client > R. 2:2(0) ack 1", "client ! connection reset", "client CLOSED", "client close(3) = 0")
				return
			}
			r.never("client > R")
			r.order("server close(4) = 0", "client TIME-WAIT", "client CLOSED")
		},
		"linger-nonblocking": func(r *run) {
			r.lingered(by(r, map[string]time.Duration{rfcs + bsds + winsocks: 0, "linux": 60 * time.Millisecond}), by(r, map[string]lingering{
				rfcs + bsds: {"0", fsm.FinWait1}, "linux": {"0", fsm.FinWait2}, winsocks: {"-1 WSAEWOULDBLOCK", fsm.Established},
			}))
			if r.profile == "windows" || r.profile == "windows2000" {
				r.never("client > F")
				r.forever()
				r.left("client", map[fsm.State]int{fsm.Established: 1})
			}
		},
		"linger-nonblocking-retry-w": func(r *run) {
			r.lingered(0, lingering{"-1 WSAEWOULDBLOCK", fsm.Established})
			r.order("client close(3) = -1 WSAEWOULDBLOCK", "client < . 1:1(0) ack 11", "client > F. 11:11(0) ack 1", "client close(3) = 0", "client TIME-WAIT")
		},
	}},
}

// abortAtOnce: one RST, no waiting, no TIME-WAIT, and an error for the reader.
func abortAtOnce(r *run) {
	r.closing("client > " + r.reset(1, 1))
	require.Zero(r.t, r.order("client close(3) = 0").took)
	r.went("client", fsm.SynSent, fsm.Established, fsm.Closed)
	r.order("server < "+r.reset(1, 1), "server CLOSED", "server read(4) = -1 "+by(r, map[string]string{rfcs + "linux " + bsds: "ECONNRESET", winsocks: "WSAECONNRESET"}))
}

// abortAfterShutdown: {1, 0} still resets after a shutdown(), but not on Windows.
func abortAfterShutdown(r *run) {
	r.order("client shutdown(3) = 0", "client FIN-WAIT-2", "client setsockopt(3) = 0")
	if r.profile == "windows" || r.profile == "windows2000" {
		r.order("client setsockopt(3) = 0", "client close(3) = 0", "server LAST-ACK", "client TIME-WAIT", "server CLOSED")
		r.never("client > R")
		return
	}
	r.order("client setsockopt(3) = 0", "client > "+r.reset(2, 1), "server CLOSED")
}

// returnsAtOnce: close() does not wait for text that is still to be sent, and all of
// it arrives.
func returnsAtOnce(r *run) {
	require.Zero(r.t, r.order("client write(3) = 100000", "client close(3) = 0").took)
	last := by(r, map[string]string{
		"rfc9293 linux " + bsds: "FP. 98429:100001(1572) ack 1", "rfc793": "FP. 92416:100001(7585) ack 1", winsocks: "FP. 98561:100001(1440) ack 1",
	})
	r.order("client close(3) = 0", "client > "+last, "server read(4) = 100000", "server read(4) = 0")
}

// lingering is what close() returned, and the state at that moment.
type lingering struct {
	result string
	state  fsm.State
}

// lingered wants that the first close() took so long and ended so.
func (r *run) lingered(took time.Duration, want lingering) {
	r.t.Helper()
	l := r.order("client setsockopt(3) = 0", "client close(3) = "+want.result)
	require.Equal(r.t, took, l.took)
	var last fsm.State
	for _, before := range r.lines[:slices.Index(r.lines, l)] {
		if s, ok := before.state("client"); ok {
			last = s
		}
	}
	require.Equal(r.t, want.state, last)
}

// lingersUntilAcked: close() returns with the ACK of the FIN, which is sent again when
// the system's timer says so.
func lingersUntilAcked(r *run) {
	r.lingered(by(r, map[string]time.Duration{
		rfcs: 1020 * time.Millisecond, "linux": 249 * time.Millisecond, bsds: 280 * time.Millisecond, winsocks: 320 * time.Millisecond,
	}), lingering{"0", fsm.FinWait2})
}
