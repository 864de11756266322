package fsm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// claims is what an end has done and no want call has claimed yet.
type claims struct {
	fired   []string
	sent    []Segment
	last    Segment  // the last segment sent; claiming it leaves it here
	results []Action // answers and signals, in order
	states  []State  // entered
	text    uint32   // octets that became readable
	held    []Range  // octets kept behind gaps
	acked   uint32   // octets of the send queue let go
	dropped bool     // the segment, or the rest of it
	reopens []Seq    // listeners asked to take a SYN over, and our last SND.NXT

	anyRules bool // the test claims what is seen from outside only
}

// quiet are the rules of an ordinary course. They count only where a claim
// names one of them.
var quiet = []string{
	"seq-acceptable", "ack-current", "ack-old", "ack-new", "window-update", "output-text", "output-ack",
}

func (cl *claims) forget() {
	*cl = claims{anyRules: cl.anyRules, last: cl.last}
}

// note keeps an action until it is claimed.
func (cl *claims) note(t *testing.T, a Action, seg Segment, irs Seq) {
	switch a.Kind {
	case Fired:
		cl.fired = append(cl.fired, a.Rule.String())
		seenRules[a.Rule] = true
	case Emit:
		cl.sent = append(cl.sent, seg)
		cl.last = seg
	case Reply, Notify:
		cl.results = append(cl.results, a)
	case Enter:
		cl.states = append(cl.states, a.To)
		seenEntering[a.Rule] |= in(a.To)
	case Take:
		cl.held = append(cl.held, Range{a.Seq - irs, a.Seq.Add(a.N) - irs})
	case Deliver:
		cl.text += a.N
	case Acked:
		cl.acked += a.N
	case Drop:
		require.False(t, cl.dropped && len(cl.fired) == 0, "dropped twice")
		cl.dropped = true
	case Reopen:
		cl.reopens = append(cl.reopens, a.Seq)
	}
}

// wantFired claims the rules that fired, in order; those of an ordinary course
// only if one of them is named.
func (tc *testConn) wantFired(names ...string) {
	tc.t.Helper()
	for _, n := range names {
		require.NotZero(tc.t, FindRule(n), "no rule %q", n)
		claimedRules[FindRule(n)] = true
	}
	if !slices.ContainsFunc(names, func(n string) bool { return slices.Contains(quiet, n) }) {
		tc.fired = slices.DeleteFunc(tc.fired, func(n string) bool { return slices.Contains(quiet, n) })
	}
	require.Equal(tc.t, words(names), words(tc.fired), "rules")
	tc.fired = nil
}

// wantFiredLast claims the rule that fired last, the output apart, and waives
// those before it.
func (tc *testConn) wantFiredLast(name string) {
	tc.t.Helper()
	tc.fired = slices.DeleteFunc(tc.fired, func(n string) bool { return slices.Contains(quiet, n) })
	if len(tc.fired) > 1 {
		tc.fired = tc.fired[len(tc.fired)-1:]
	}
	tc.wantFired(name)
}

// anyRule says that the test looks at the end from outside only.
func (tc *testConn) anyRule() { tc.anyRules = true }

// wantSent claims the segments sent: flags, numbers, text and urgent pointer.
func (tc *testConn) wantSent(want ...Segment) {
	tc.t.Helper()
	require.Equal(tc.t, lines(want, plain), lines(tc.sent, plain), "segments")
	tc.sent = nil
}

func lines(segs []Segment, write func(Segment) string) string {
	var l []string
	for _, s := range segs {
		l = append(l, write(s))
	}
	return words(l)
}

// words puts one word on a line, so that a failure shows the difference.
func words(w []string) string { return strings.Join(w, "\n") }

// plain writes a segment without its window and options.
func plain(s Segment) string {
	s.Wnd, s.Options = 0, Options{}
	return strings.Replace(s.String(), " win 0", "", 1)
}

func (tc *testConn) wantNoneSent() { tc.t.Helper(); tc.wantSent() }

// wantWindow claims the window of the last segment sent.
func (tc *testConn) wantWindow(wnd uint16) {
	tc.t.Helper()
	require.Equal(tc.t, wnd, tc.last.Wnd, "window of %v", tc.last)
}

// wantState claims the states entered, in order; the last is where the end is.
// If none was entered, it claims the state that lasts.
func (tc *testConn) wantState(states ...State) {
	tc.t.Helper()
	if len(tc.states) == 0 && len(states) == 1 {
		require.Equal(tc.t, states[0].String(), tc.tcb.State.String(), "state")
		return
	}
	require.Equal(tc.t, fmt.Sprint(states), fmt.Sprint(tc.states), "states")
	tc.states = nil
}

// wantResult claims the answers and signals to the user.
func (tc *testConn) wantResult(want ...Result) {
	tc.t.Helper()
	var w []string
	for _, r := range want {
		w = append(w, r.String())
	}
	require.Equal(tc.t, words(w), words(said(tc.results)), "results")
	tc.results = nil
}

// wantOK claims the answer to a SEND or RECEIVE call: "ok", and n octets taken
// or given.
func (tc *testConn) wantOK(n uint32) {
	tc.t.Helper()
	require.Equal(tc.t, []string{fmt.Sprintf("ok %d", n)}, said(tc.results), "results")
	tc.results = nil
}

// said writes answers and signals: "ok 10", "connection reset", and "ok" where
// no octets count.
func said(results []Action) []string {
	var s []string
	for _, a := range results {
		w := a.Result.String()
		if a.N != 0 {
			w += fmt.Sprintf(" %d", a.N)
		}
		s = append(s, w)
	}
	return s
}

// wantText claims how many octets became readable.
func (tc *testConn) wantText(n uint32) {
	tc.t.Helper()
	require.Equal(tc.t, n, tc.text, "octets delivered")
	tc.text = 0
}

// wantHeld claims octets that were kept behind a gap.
func (tc *testConn) wantHeld(ranges ...Range) {
	tc.t.Helper()
	require.Equal(tc.t, ranges, tc.held, "octets held")
	tc.held = nil
}

// wantAcked claims how many octets of the send queue were let go.
func (tc *testConn) wantAcked(n uint32) {
	tc.t.Helper()
	require.Equal(tc.t, n, tc.acked, "octets acknowledged")
	tc.acked = 0
}

// wantDropped claims that the segment, or the rest of it, was dropped.
func (tc *testConn) wantDropped() {
	tc.t.Helper()
	require.True(tc.t, tc.dropped, "dropped")
	tc.dropped = false
}

// wantTimers claims the timers that run.
func (tc *testConn) wantTimers(names ...string) {
	tc.t.Helper()
	require.Equal(tc.t, words(names), words(tc.tcb.Timers()), "timers")
}

// wantNothing fails on what was not claimed.
func (tc *testConn) wantNothing() {
	tc.t.Helper()
	if tc.t.Failed() {
		return
	}
	require.Empty(tc.t, lines(tc.sent, plain), "sent and not claimed")
	require.Empty(tc.t, tc.states, "entered and not claimed")
	require.Empty(tc.t, said(tc.results), "told the user and not claimed")
	require.Zero(tc.t, tc.text, "delivered and not claimed")
	require.Empty(tc.t, tc.held, "held and not claimed")
	require.Zero(tc.t, tc.acked, "acknowledged and not claimed")
	require.False(tc.t, tc.dropped, "dropped and not claimed")
	require.Empty(tc.t, tc.reopens, "reopened and not claimed")
	if !tc.anyRules {
		tc.wantFired()
	}
}
