package matrix

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
)

// all are the results of the whole matrix, played once for all tests.
var all = sync.OnceValue(func() []Result {
	return RunAll(Cells(sim.Profiles(), Filter{}), runtime.GOMAXPROCS(0), nil)
})

// of gives the results of one profile.
func of(profile string) []Result {
	var list []Result
	for _, r := range all() {
		if r.Cell.Profile == profile {
			list = append(list, r)
		}
	}
	return list
}

// No cell of any profile breaks an invariant.
func TestInvariants(t *testing.T) {
	begin := time.Now()
	for _, r := range all() {
		require.Empty(t, r.Broken, r.Cell.Name())
	}
	t.Logf("%v, in %v", Sum(all()), time.Since(begin))
}

// The product of the axes is complete, each cell once, and the RFCs' profiles
// have so many cells that can be reached, and so many outcomes. A change of these
// numbers is a change of behaviour.
func TestCounts(t *testing.T) {
	const states, calls, lingers, modes, pendings, peers = 9, 7, 3, 2, 5, 5
	cells := Cells(sim.Profiles(), Filter{})
	require.Len(t, cells, states*calls*lingers*modes*pendings*peers*len(sim.Profiles()))
	names := map[string]bool{}
	for _, c := range cells {
		require.False(t, names[c.Name()], c.Name())
		names[c.Name()] = true
	}
	require.Equal(t, Summary{9450, 5724, 483, 0}, Sum(of("rfc9293")))
	require.Equal(t, Summary{9450, 5760, 503, 0}, Sum(of("rfc793")))
}

// A cell that cannot be says why, and one that can be says what came of it.
func TestReasons(t *testing.T) {
	reasons := map[string]string{
		"syn-sent-close-nolinger-blocking-unread-acks@rfc9293":      "no text has come before the peer's SYN",
		"syn-sent-close-nolinger-blocking-zero-window-acks@rfc9293": "the peer has not offered a window yet",
		"fin-wait-2-close-nolinger-blocking-unsent-acks@rfc9293":    "our FIN is acknowledged, and all text before it",
		"close-wait-close-nolinger-blocking-nothing-fin@rfc9293":    "the peer's FIN has come already, and it sends only one",
		"last-ack-close-nolinger-blocking-unsent-acks@rfc9293": "under rfc9293 CLOSE-WAIT becomes LAST-ACK only when the FIN is " +
			"sent, behind all text",
		"established-close-linger0-blocking-nothing-fin@rfc9293": "a RST of ours has ended the peer's connection before its " +
			"program closes it: it sends no FIN",
	}
	for _, r := range all() {
		if want, ok := reasons[r.Cell.Name()]; ok {
			require.Equal(t, want, r.Reason, r.Cell.Name())
			delete(reasons, r.Cell.Name())
		}
		if r.Reason != "" {
			require.Empty(t, r.Local, r.Cell.Name())
			continue
		}
		require.NotEmpty(t, r.Local, r.Cell.Name())
		require.Equal(t, r.Cell.State, r.Local[0], r.Cell.Name())
		require.NotEmpty(t, r.Peer, r.Cell.Name())
	}
	require.Empty(t, reasons, "no such cells")
}

// The table is the same however many workers play it, and in whatever order
// they come to it.
func TestWorkers(t *testing.T) {
	cells := Cells(sim.Profiles(), Filter{States: []string{"established", "syn-received"}, Modes: []string{"blocking"}})
	var first string
	for _, workers := range []int{1, 2, 7} {
		var b strings.Builder
		var order []string
		results := RunAll(cells, workers, func(r *Result) { order = append(order, r.Cell.Name()) })
		require.NoError(t, Write(&b, "json", results))
		require.Len(t, order, len(cells))
		for i, c := range cells {
			require.Equal(t, c.Name(), order[i])
		}
		if first == "" {
			first = b.String()
		}
		require.Equal(t, first, b.String(), "%d workers", workers)
	}
}

// A filter keeps what it names, in the order of the axes, whatever its own.
func TestFilter(t *testing.T) {
	cells := Cells([]string{"rfc9293", "rfc793"}, Filter{
		Profiles: []string{"rfc793"}, States: []string{"time-wait", "established"}, Calls: []string{"kill"},
		Lingers: []string{"n"}, Modes: []string{"nonblocking"}, Pendings: []string{"nothing"}, Peers: []string{"rst"},
	})
	var names []string
	for _, c := range cells {
		names = append(names, c.Name())
	}
	require.Equal(t, []string{
		"established-kill-lingern-nonblocking-nothing-rst@rfc793",
		"time-wait-kill-lingern-nonblocking-nothing-rst@rfc793",
	}, names)
}

// What repeats is told once.
func TestBursts(t *testing.T) {
	seg := func(text string) Segment { return Segment{From: "local", Text: text} }
	a, b := seg("F. 1:1(0) ack 1"), seg(". 2:2(0) ack 1")
	for _, c := range []struct {
		sent []Segment
		want string
	}{
		{nil, "no segment"},
		{[]Segment{a}, "> F. 1:1(0) ack 1"},
		{[]Segment{a, a, a}, "> F. 1:1(0) ack 1 x3"},
		{[]Segment{a, b, a, b, a}, "(> F. 1:1(0) ack 1, > . 2:2(0) ack 1) x2, > F. 1:1(0) ack 1"},
		{[]Segment{a, a, b, a, a, b}, "(> F. 1:1(0) ack 1, > F. 1:1(0) ack 1, > . 2:2(0) ack 1) x2"},
	} {
		r := Result{Bursts: bursts(slices.Clone(c.sent))}
		require.Equal(t, c.want, r.Wire())
	}
}
