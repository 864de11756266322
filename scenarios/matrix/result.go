package matrix

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// Result is what came of a cell.
type Result struct {
	Cell   Cell
	Reason string // why the cell cannot be reached; "" if it can

	Answer  string        // of the call: "0", "-1 ENOTCONN", "" for exit and kill
	Blocked time.Duration // how long it took
	Bursts  []Burst       // segments sent from the call on
	Local   []fsm.State   // that the connection went through, the one at the call first
	Peer    []fsm.State
	Closed  time.Duration // after which the local connection is CLOSED, if it is in the end
	Endless bool          // it still sends at the end of the hour
	Rules   [2][]string
	Broken  []string // invariants that do not hold
}

// Segment is one that was sent, with numbers relative to the initial ones.
type Segment struct {
	After time.Duration // the call
	From  string        // "local" or "peer"
	Text  string        // as scripts write it
	flags fsm.Flags
	text  bool // it carries some
}

// Burst is a row of segments, and how many times in a row it was sent.
type Burst struct {
	Segments []Segment
	Times    int
}

// Run plays a cell.
func Run(c Cell) Result {
	r, _ := run(c)
	return r
}

// run plays a cell, and gives its world too.
func run(c Cell) (r Result, w *world) {
	r.Cell = c
	if r.Reason = c.contradiction(); r.Reason != "" {
		return r, nil
	}
	defer func() {
		if p := recover(); p != nil { // a rule that breaks a promise of its own
			r.Broken = append(r.Broken, fmt.Sprintf("panic: %v", p))
		}
	}()
	w, err := newWorld(c)
	if err != nil {
		r.Reason = err.Error()
		return r, nil
	}
	r.Reason = w.play()
	w.check.finish(w, r.Reason == "")
	r.Broken = w.check.broken
	if r.Reason == "" {
		w.report(&r)
	}
	return r, w
}

// report tells what was seen from the call on.
func (w *world) report(r *Result) {
	made := w.story.made
	if c := made.call; c != nil {
		r.Answer, r.Blocked = answer(c), time.Duration(c.Ended-c.Started)
	}
	var sent []Segment
	for _, l := range w.lines[w.mark:] {
		if l.step == nil {
			after := time.Duration(l.at - made.at)
			sent = append(sent, Segment{after, hostNames[l.from], l.seg.Header(), l.seg.Flags, l.seg.Len > 0})
		}
	}
	r.Bursts = bursts(sent)
	r.Local, r.Peer = w.paths[local], w.paths[peer]
	if w.state[local] == fsm.Closed {
		r.Closed = time.Duration(w.closed - made.at)
	}
	// Nothing that ends by itself ends between timeouts further apart.
	const longest = 5 * time.Minute
	r.Endless = w.active > made.at.Add(horizon-longest)
	for h, ids := range w.rules {
		for _, id := range ids {
			r.Rules[h] = append(r.Rules[h], id.Rule().Name)
		}
	}
}

// answer is the result of a call as scripts write it.
func answer(c *sim.Call) string {
	if c.Err != sim.OK {
		return fmt.Sprintf("-1 %s", c.ErrName())
	}
	return strconv.Itoa(c.Result)
}

// bursts joins segments, and rows of two and three, that are sent again and again.
func bursts(sent []Segment) []Burst {
	var list []Burst
	for i := 0; i < len(sent); {
		best, times := 1, 1
		for size := 1; size <= 3; size++ {
			n := 1
			for i+(n+1)*size <= len(sent) && sameRow(sent[i:i+size], sent[i+n*size:i+(n+1)*size]) {
				n++
			}
			if n > 1 && n*size > best*times {
				best, times = size, n
			}
		}
		list = append(list, Burst{slices.Clone(sent[i : i+best]), times}) // the repeats need not be kept
		i += best * times
	}
	return list
}

func sameRow(a, b []Segment) bool {
	return slices.EqualFunc(a, b, func(x, y Segment) bool { return x.From == y.From && x.Text == y.Text })
}

// arrow is the direction of a segment as scripts of the local host write it.
func (s *Segment) arrow() string {
	if s.From == hostNames[local] {
		return ">"
	}
	return "<"
}

// Wire writes the segments in one line: "> F. 1:1(0) ack 1, < . 1:1(0) ack 2 x3".
func (r *Result) Wire() string {
	return r.ended(writeBursts(r.Bursts, func(s *Segment) string { return s.arrow() + " " + s.Text }))
}

// ended says so if nothing was sent, or if sending has no end.
func (r *Result) ended(wire string) string {
	switch {
	case wire == "":
		return "no segment"
	case r.Endless:
		return wire + " and so on"
	}
	return wire
}

func writeBursts(list []Burst, text func(*Segment) string) string {
	var parts []string
	for _, b := range list {
		var row []string
		for i := range b.Segments {
			row = append(row, text(&b.Segments[i]))
		}
		one := strings.Join(row, ", ")
		switch {
		case b.Times > 1 && len(row) > 1:
			one = fmt.Sprintf("(%s) x%d", one, b.Times)
		case b.Times > 1:
			one = fmt.Sprintf("%s x%d", one, b.Times)
		}
		parts = append(parts, one)
	}
	return strings.Join(parts, ", ")
}

// Path writes a row of states: "FIN-WAIT-1, FIN-WAIT-2".
func Path(states []fsm.State) string {
	var names []string
	for _, s := range states {
		names = append(names, s.String())
	}
	return strings.Join(names, ", ")
}

// LocalPath writes the states of the local connection, and how long it has lived
// from the call on, if that was seconds.
func (r *Result) LocalPath() string { return Path(r.Local) + r.lived() }

func (r *Result) lived() string {
	if d := r.Closed.Round(time.Second); d > 0 {
		return fmt.Sprintf(" after %v s", d.Seconds())
	}
	return ""
}

// Call writes what came of the call: "0", "-1 ENOTCONN", "0 after 20ms".
func (r *Result) Call() string {
	text := r.Answer
	if text == "" {
		text = "done"
	}
	if r.Blocked > 0 {
		text += " after " + r.Blocked.String()
	}
	return text
}

// Outcome is all that can be seen of what came of the cell: two cells with one
// outcome cannot be told apart. Times on the wire are left out.
func (r *Result) Outcome() string {
	return fmt.Sprintf("%s; %s; local %s; peer %s", r.Call(), r.Wire(), r.LocalPath(), Path(r.Peer))
}
