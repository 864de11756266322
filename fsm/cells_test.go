package fsm

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cell is one cell of the tables of states and events: what an event does in a
// state, as seen from outside. It runs under both RFC profiles unless it is of
// one of them.
type cell struct {
	state  State
	event  string          // the column, and behind a comma the case
	do     func(*testConn) // the event
	sends  []Segment
	enters []State  // none: the state lasts
	says   []string // answers and signals to the user
	text   uint32   // octets that become readable

	under  []Profile
	opts   []testOption
	given  func(*testConn) // what the cell supposes beyond the state
	also   func(*testConn) // what else it claims
	reason string          // why it cannot occur
}

// outcome fills in a part of a cell.
type outcome func(*cell)

// at makes a cell: a state, an event, and what it does.
func at(s State, event string, do func(*testConn), outcomes ...outcome) cell {
	c := cell{state: s, event: event, do: do, under: []Profile{RFC793, RFC9293}}
	for _, o := range outcomes {
		o(&c)
	}
	return c
}

// never makes a cell that cannot occur, and says why.
func never(s State, event, reason string) cell { return cell{state: s, event: event, reason: reason} }

func sends(segs ...Segment) outcome { return func(c *cell) { c.sends = segs } }

func enters(states ...State) outcome { return func(c *cell) { c.enters = states } }

func says(words ...string) outcome { return func(c *cell) { c.says = words } }

func delivers(n uint32) outcome { return func(c *cell) { c.text = n } }

func only(p Profile) outcome { return func(c *cell) { c.under = []Profile{p} } }

func having(opts ...testOption) outcome { return func(c *cell) { c.opts = opts } }

// given says what happened before, in the same state.
func given(fs ...func(*testConn)) outcome { return func(c *cell) { c.given = all(fs...) } }

func also(fs ...func(*testConn)) outcome { return func(c *cell) { c.also = all(fs...) } }

func all(fs ...func(*testConn)) func(*testConn) {
	return func(tc *testConn) {
		tc.t.Helper()
		for _, f := range fs {
			f(tc)
		}
	}
}

// The events of cells.

func call(ev Event) func(*testConn) { return func(tc *testConn) { tc.call(ev) } }

func arrives(seg Segment) func(*testConn) { return func(tc *testConn) { tc.recv(seg) } }

func arrivesClosed(seg Segment) func(*testConn) { return func(tc *testConn) { tc.recvWindow(seg, 0) } }

func after(d time.Duration) func(*testConn) { return func(tc *testConn) { tc.pass(d) } }

func untilTimeout(tc *testConn) { tc.until() }

func unread(n uint16) func(*testConn) { return func(tc *testConn) { tc.fill(n) } }

// shutWindow closes the peer's window with an ACK of an octet: RFC 793 takes the
// window from no other.
func shutWindow(tc *testConn) {
	tc.call(Send(1))
	tc.recvWindow(ack(tc.tcb.RcvNxt-tc.irs, tc.tcb.SndNxt-tc.iss), 0)
}

// runCells runs a table. It must have a row for each state and column.
func runCells(t *testing.T, states []State, columns []string, cells []cell) {
	t.Helper()
	of := func(c cell, column string) bool {
		return c.event == column || strings.HasPrefix(c.event, column+",")
	}
	for _, s := range states {
		for _, col := range columns {
			require.True(t, slices.ContainsFunc(cells, func(c cell) bool { return c.state == s && of(c, col) }),
				"no row for %v/%s", s, col)
		}
	}
	for _, c := range cells {
		require.Contains(t, states, c.state, c.event)
		require.True(t, slices.ContainsFunc(columns, func(col string) bool { return of(c, col) }), "no column for %q", c.event)
		require.NotEqual(t, c.do == nil, c.reason == "", "%v/%s: an event, or why there is none", c.state, c.event)
		for _, p := range c.under {
			t.Run(c.state.String()+"/"+c.event+" "+p.Name, func(t *testing.T) { c.run(t, p) })
		}
	}
}

// run runs one cell under a profile, without options.
func (c cell) run(t *testing.T, prof Profile) {
	t.Helper()
	prof.Features &^= Timestamps | SACK | WindowScale
	tc := newTestConn(t, c.state, append([]testOption{under(prof)}, c.opts...)...)
	tc.anyRule()
	if c.given != nil {
		c.given(tc)
		tc.forget()
		require.Equal(t, c.state, tc.tcb.State, "what the cell supposes")
	}
	c.do(tc)
	tc.wantSent(c.sends...)
	if len(c.enters) == 0 {
		c.enters = []State{c.state}
	}
	tc.wantState(c.enters...)
	require.Equal(t, words(c.says), words(said(tc.results)), "results")
	tc.wantText(c.text)
	if c.also != nil {
		c.also(tc)
	}
	tc.forget()
}

// allStates are the eleven states.
func allStates() []State { return anyState.Each() }

// fromSynSent turns a SYN-RECEIVED that came from LISTEN into one that came from
// SYN-SENT, by a SYN that crosses ours.
func fromSynSent(tc *testConn) {
	tc.tcb.Init(&tc.prof, testMSS, false)
	tc.watch = watch{}
	tc.call(ActiveOpen(tc.iss))
	tc.recv(tc.peerSyn())
}
