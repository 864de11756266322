package docs

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios"
)

// claim is a row of the table in close-wait.md: what it is found to be, and for
// each scenario that the row names the facts that decide.
type claim struct {
	verdict string
	shows   map[string]func(*run)
}

var passive = []fsm.State{fsm.SynReceived, fsm.Established, fsm.CloseWait, fsm.LastAck, fsm.Closed}

var claims = map[int]claim{
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
	// The ACK of the FIN leaves in the turn in which the FIN arrives.
	2: {"right", map[string]func(*run){
		"four-packet-close": func(r *run) {
			r.together("server < F. 1:1(0) ack 1", "server ! connection closing", "server CLOSE-WAIT", "server > . 1:1(0) ack 2")
			r.order("server > . 1:1(0) ack 2", "server read(4) = 0")
		},
		"close-wait-in-accept-queue": func(r *run) {
			r.together("server < F. 6:6(0) ack 1", "server ! connection closing", "server CLOSE-WAIT", "server > . 1:1(0) ack 7")
			acked, accepted := r.order("server > . 1:1(0) ack 7"), r.order("server CLOSE-WAIT", "server accept(3) = 4")
			require.Equal(r.t, 60010*time.Millisecond, accepted.at.Sub(acked.at))
		},
	}},
	// A FIN is no error: recv gives 0, send succeeds.
	3: {"wrong", map[string]func(*run){
		"recv-zero-is-not-error": zeroIsNoError,
		"two-sends-to-closed-peer": func(r *run) {
			r.order("server CLOSE-WAIT", "server > P. 1:11(10) ack 2", "server write(4) = 10", "server < R 2:2(0)",
				"server CLOSED", "server write(4) = -1 ECONNRESET", "server write(4) = -1 ENOTCONN")
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
		"last-ack-dead-peer": func(r *run) {
			gone := r.order("server close(4) = 0", "server ! connection aborted due to user timeout", "server CLOSED")
			require.Equal(r.t, 300*time.Second, gone.at.Sub(r.order("server LAST-ACK").at))
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
	}},
	// Four is usual, three are possible, and FINs may cross.
	8: {"half right", map[string]func(*run){
		"four-packet-close": fourPackets,
		"fin-acks-fin": func(r *run) {
			r.closing("client > F. 1:1(0) ack 1025", "server > F. 1025:1025(0) ack 2", "client > . 2:2(0) ack 1026")
		},
		"fin-with-data": func(r *run) {
			r.order("client > FP. 1:11(10) ack 1", "server read(4) = 10", "server read(4) = 0")
		},
		"simultaneous-close": func(r *run) {
			r.closing("client > F. 1:1(0) ack 1", "server > F. 1:1(0) ack 1", "server > . 2:2(0) ack 2", "client > . 2:2(0) ack 2")
			r.went("client", fsm.SynSent, fsm.Established, fsm.FinWait1, fsm.Closing, fsm.TimeWait, fsm.Closed)
			r.went("server", fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.Closing, fsm.TimeWait, fsm.Closed)
		},
	}},
	// FIN-WAIT-2 faces CLOSE-WAIT, unless a kernel limits it: the client is not told.
	9: {"right", map[string]func(*run){
		"close-wait-leak": func(r *run) {
			r.went("server", fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2)
			r.forever()
			r.left("server", map[fsm.State]int{fsm.Listen: 1, fsm.FinWait2: 1})
		},
		"close-wait-after-peer-fw2-timeout": func(r *run) {
			r.order("server FIN-WAIT-2", "server CLOSED", "client LAST-ACK", "server > R 2:2(0)", "client CLOSED")
			r.closing("server > F. 1:1(0) ack 1", "client > . 1:1(0) ack 2", "client > F. 1:1(0) ack 2", "server > R 2:2(0)")
		},
	}},
	10: {"right", map[string]func(*run){
		"server-closes-first": func(r *run) {
			r.order("client LAST-ACK", "client > F. 1:1(0) ack 2", "server TIME-WAIT", "server > . 2:2(0) ack 2", "client CLOSED")
		},
		"time-wait-duration": func(r *run) {
			long := r.order("client TIME-WAIT", "client CLOSED").at.Sub(r.order("client TIME-WAIT").at)
			require.Equal(r.t, 240*time.Second, long)
		},
	}},
	// In the RFC's order CLOSE-WAIT outlasts close(); in the usual one it does not.
	11: {"half right", map[string]func(*run){
		"close-wait-pending-close-rfc": func(r *run) {
			r.order("server close(4) = 0", "client > . 2:2(0) ack 1025", "client read(3) = 1024", "server LAST-ACK", "server > FP. 1025:2001(976) ack 2")
		},
		"close-wait-pending-close-eager": func(r *run) {
			r.together("server LAST-ACK", "server close(4) = 0")
			r.order("server close(4) = 0", "server > FP. 1025:2001(976) ack 2")
		},
	}},
	// The server closed first; the cause is that the client never closes.
	12: {"half right", map[string]func(*run){
		"close-wait-fd-exhaustion": func(r *run) {
			r.order("server close(4) = 0", "client CLOSE-WAIT", "server close(4) = 0", "client CLOSE-WAIT", "server close(4) = 0",
				"client CLOSE-WAIT", "client socket(...) = -1 EMFILE", "client close(4) = 0", "client socket(...) = 4")
			r.left("client", map[fsm.State]int{fsm.CloseWait: 2})
		},
	}},
	13: {"wrong", map[string]func(*run){
		"reuseaddr-without-bind": func(r *run) {
			r.order("client setsockopt(3) = 0", "client connect(3) = 0", "client setsockopt(4) = 0", "client connect(4) = 0",
				"client setsockopt(5) = 0", "client connect(5) = 0", "client setsockopt(6) = 0", "client connect(6) = -1 EADDRNOTAVAIL")
			r.left("client", map[fsm.State]int{fsm.Established: 3})
		},
	}},
	14: {"wrong", map[string]func(*run){
		"reuse-cannot-evict-close-wait": func(r *run) {
			r.order("client CLOSE-WAIT", "client bind(4) = -1 EADDRINUSE", "client setsockopt(4) = 0", "client bind(4) = 0",
				"client connect(4) = -1 EADDRINUSE", "client close(3) = 0")
			r.went("client", fsm.SynSent, fsm.Established, fsm.CloseWait, fsm.LastAck, fsm.Closed)
		},
	}},
	15: {"right", map[string]func(*run){
		"restart-server-time-wait": func(r *run) {
			r.order("server TIME-WAIT", "server bind(3) = -1 EADDRINUSE", "server setsockopt(3) = 0", "server bind(3) = 0",
				"server listen(3) = 0", "client connect(3) = 0")
			r.left("server", map[fsm.State]int{fsm.Listen: 1, fsm.Established: 1, fsm.TimeWait: 1})
		},
		"reuseaddr-listen-conflict": func(r *run) {
			r.order("server listen(3) = 0", "server setsockopt(4) = 0", "server bind(4) = -1 EADDRINUSE")
		},
	}},
	16: {"right", map[string]func(*run){
		"linger-default": func(r *run) {
			r.order("client getsockopt(3) = 0", "server getsockopt(4) = 0")
			require.Zero(r.t, r.order("client close(3) = 0").took)
			r.order("client close(3) = 0", "server read(4) = 100", "server read(4) = 0")
		},
	}},
	17: {"right", map[string]func(*run){
		"linger-off-pending": func(r *run) {
			require.Zero(r.t, r.order("client write(3) = 100000", "client close(3) = 0").took)
			r.order("client close(3) = 0", "client > FP. 98429:100001(1572) ack 1", "server recv(4) = 100000", "server read(4) = 0")
		},
		"close-with-unread": func(r *run) {
			if r.profile == "rfc793" {
				r.order("client close(3) = 0", "server read(4) = 0")
				return
			}
			r.closing("client > R 1:1(0)")
			r.order("client close(3) = 0", "server read(4) = -1 ECONNRESET")
		},
	}},
	// Graceful is: the sending side, read until 0, close.
	18: {"wrong", map[string]func(*run){
		"shut-rdwr-then-close": func(r *run) {
			r.order("client shutdown(3) = 0", "client close(3) = 0", "server write(4) = 4", "client > R 6:6(0)",
				"server write(4) = -1 ECONNRESET")
		},
		"half-close-request-response": func(r *run) {
			r.order("client shutdown(3) = 0", "server read(4) = 0", "server write(4) = 4", "server close(4) = 0",
				"client read(3) = 4", "client read(3) = 0", "client close(3) = 0")
		},
		"linger-zero-after-shutdown": func(r *run) {
			r.order("client shutdown(3) = 0", "client FIN-WAIT-2", "client setsockopt(3) = 0", "client > R 2:2(0)", "server CLOSED")
		},
	}},
	19: {"right", map[string]func(*run){
		"linger-zero-abort": abortAtOnce,
		"linger-zero-unsent-data": func(r *run) {
			r.order("client write(3) = 3000", "client close(3) = 0", "server read(4) = -1 ECONNRESET")
			r.closing("client > R 1025:1025(0)")
		},
		"linger-zero-loses-acked-data": func(r *run) {
			r.order("server > . 1:1(0) ack 101", "client > R 101:101(0)", "server read(4) = -1 ECONNRESET", "server read(4) = -1 ENOTCONN")
		},
	}},
	// Unless the reader had seen the FIN: then 0, and the error goes to the writer.
	20: {"half right", map[string]func(*run){
		"linger-zero-abort": abortAtOnce,
		"close-wait-rst": func(r *run) {
			r.order("client CLOSE-WAIT", "client < R 2:2(0)", "client CLOSED", "client read(3) = 0", "client write(3) = -1 ECONNRESET")
		},
	}},
	// onoff decides whether the time counts; a time of zero is no time but an abort.
	21: {"half right", map[string]func(*run){
		"linger-default": func(r *run) {
			r.order("client setsockopt(3) = 0", "client > F. 101:101(0) ack 1", "client close(3) = 0")
		},
		"linger-timed-success": lingered(1020*time.Millisecond, fsm.FinWait2),
		"linger-zero-abort":    abortAtOnce,
	}},
	22: {"right", map[string]func(*run){
		"linger-zero-abort": func(r *run) {
			r.order("client connect(3) = 0", "client setsockopt(3) = 0", "client > R 1:1(0)")
		},
	}},
	23: {"wrong", map[string]func(*run){
		"close-wait-linger-hides-nothing": func(r *run) {
			r.order("client setsockopt(3) = 0", "client CLOSE-WAIT")
			long := r.order("client close(3) = 0").at.Sub(r.order("client CLOSE-WAIT").at)
			require.Equal(r.t, 24*time.Hour, long)
			r.order("client > R 1:1(0)", "server read(4) = -1 ECONNRESET")
		},
	}},
	24: {"right", map[string]func(*run){
		"close-wait-reconnect": func(r *run) {
			r.order("client CLOSE-WAIT", "client socket(...) = -1 EMFILE", "client close(3) = 0", "client CLOSED", "client connect(3) = 0",
				"client CLOSE-WAIT", "client close(3) = 0", "client CLOSED", "client connect(3) = 0")
			r.left("client", map[fsm.State]int{fsm.Established: 1})
		},
	}},
	25: {"wrong", map[string]func(*run){
		"close-wait-fixed-by-read-zero": closedAtOnce,
	}},
	26: {"half right", map[string]func(*run){
		"linger-off-pending": func(r *run) {
			require.Zero(r.t, r.order("client close(3) = 0").took)
		},
		"linger-timed-success": lingered(1020*time.Millisecond, fsm.FinWait2),
		"linger-timed-expire":  lingered(2*time.Second, fsm.FinWait1),
		"linger-nonblocking":   lingered(0, fsm.FinWait1),
	}},
}

// closedAtOnce: CLOSE-WAIT is left at the instant at which it is entered.
func closedAtOnce(r *run) {
	r.order("client CLOSE-WAIT", "client read(3) = 0", "client LAST-ACK")
	require.Zero(r.t, r.order("client LAST-ACK").at.Sub(r.order("client CLOSE-WAIT").at))
	r.left("client", map[fsm.State]int{})
}

func zeroIsNoError(r *run) {
	r.order("server CLOSE-WAIT", "server read(4) = 3", "server read(4) = 0", "server read(4) = 0", "server getsockopt(4) = 0",
		"server write(4) = 4", "client read(3) = 4")
	r.went("server", passive...)
}

func fourPackets(r *run) {
	r.closing("client > F. 1:1(0) ack 1", "server > . 1:1(0) ack 2", "server > F. 1:1(0) ack 2", "client > . 2:2(0) ack 2")
}

// abortAtOnce: one RST, no waiting, no TIME-WAIT, and an error for the reader.
func abortAtOnce(r *run) {
	r.closing("client > R 1:1(0)")
	require.Zero(r.t, r.order("client close(3) = 0").took)
	r.went("client", fsm.SynSent, fsm.Established, fsm.Closed)
	r.order("server < R 1:1(0)", "server CLOSED", "server read(4) = -1 ECONNRESET")
}

// lingered: close() took so long, and the state was this when it returned.
func lingered(took time.Duration, state fsm.State) func(*run) {
	return func(r *run) {
		l := r.order("client setsockopt(3) = 0", "client close(3) = 0")
		require.Equal(r.t, took, l.took)
		var last fsm.State
		for _, before := range r.lines[:slices.Index(r.lines, l)] {
			if s, ok := before.state("client"); ok {
				last = s
			}
		}
		require.Equal(r.t, state, last)
	}
}

// The scenarios show what the table says, under each of their profiles.
func TestClaims(t *testing.T) {
	for n := 1; n <= 26; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			require.NotEmpty(t, claims[n].shows)
			for _, name := range slices.Sorted(maps.Keys(claims[n].shows)) {
				s, ok := scenarios.Find(name)
				require.True(t, ok, name)
				profiles, err := scenarios.Runs(s.Script, scenarios.Config{})
				require.NoError(t, err)
				for _, p := range profiles {
					t.Run(name+"@"+p, func(t *testing.T) { claims[n].shows[name](play(t, s, p)) })
				}
			}
		})
	}
}

var (
	tableRow = regexp.MustCompile(`(?m)^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)
	coded    = regexp.MustCompile("`([a-z0-9-]+)`")
	quotes   = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
)

// Both pages have a row for each claim, with the verdict and the scenarios that
// are tested here.
func TestClaimTables(t *testing.T) {
	for page, words := range map[string]map[string]string{
		"close-wait.md":    {"right": "right", "half right": "half right", "wrong": "wrong", "incomplete": "incomplete"},
		"close-wait.zh.md": {"对": "right", "半对": "half right", "错": "wrong", "不完整": "incomplete"},
	} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		rows := tableRow.FindAllStringSubmatch(string(text), -1)
		require.Len(t, rows, len(claims), page)
		for i, row := range rows {
			require.Equal(t, fmt.Sprint(i+1), row[1], page)
			c := claims[i+1]
			require.Equal(t, c.verdict, words[strings.TrimSpace(row[3])], "%s: claim %s", page, row[1])
			var names []string
			for _, m := range coded.FindAllStringSubmatch(row[5], -1) {
				names = append(names, m[1])
			}
			require.ElementsMatch(t, slices.Collect(maps.Keys(c.shows)), names, "%s: claim %s", page, row[1])
		}
	}
}

// What the tables name and the sections run is the same in both languages.
func TestPagesTellTheSame(t *testing.T) {
	var told [2][]string
	for i, page := range []string{"close-wait.md", "close-wait.zh.md"} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range quotes.FindAllString(string(text), -1) {
			if strings.HasPrefix(m, "```console") || coded.MatchString(m) && isScenario(m) {
				told[i] = append(told[i], m)
			}
		}
	}
	require.NotEmpty(t, told[0])
	require.Equal(t, told[0], told[1])
}

func isScenario(code string) bool {
	_, ok := scenarios.Find(strings.Trim(code, "`"))
	return ok
}
