package matrix

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// maxEvents bounds the simulated events of a cell: an hour of probing takes a
// few hundred.
const maxEvents = 20_000

// line is an entry of a run's protocol: a step that was taken, or a segment that
// was sent.
type line struct {
	at     fsm.Time
	step   *step  // nil: a segment
	result string // of a step that is no system call
	from   who
	seg    fsm.Segment // relative
	forged bool        // its step stands in front of it
}

// path is the row of states that a host's connection goes through.
type path []fsm.State

// world is one cell in play.
type world struct {
	net   *sim.Network
	hosts [2]*sim.Host
	story *story
	check checker

	lines     []line
	mark      int // lines before it stand before the call
	called    bool
	paths     [2]path // from the call on, the state then first
	state     [2]fsm.State
	rules     [2][]fsm.RuleID
	delivered [2]uint32
	window    [2]uint16     // that each host offered last
	last      [2]sim.Packet // that each host sent last
	active    fsm.Time      // when something happened last
	closed    fsm.Time      // when the local connection came to be CLOSED
	err       error
}

// newWorld builds the hosts of a cell.
func newWorld(c Cell) (*world, error) {
	sys, ok := sim.Profile(c.Profile)
	if !ok {
		return nil, fmt.Errorf("unknown profile %q", c.Profile)
	}
	w := &world{net: sim.New(sim.Config{Link: sim.Link{Delay: delay}})}
	for i, name := range hostNames {
		w.hosts[i] = w.net.AddHost(name, sys, netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}))
	}
	w.net.Listen(w.listen, sim.Fired, sim.Sent, sim.Arrived, sim.Moved, sim.Delivered)
	w.story = w.tell(c)
	return w, nil
}

// play runs the story to its end. It stops before the call, with a reason, if
// the cell cannot be brought about.
func (w *world) play() (unreachable string) {
	s := w.story
	for _, st := range s.before {
		w.take(st)
	}
	w.until(s.made.at)
	if why := w.misses(); why != "" {
		return why
	}
	w.mark, w.called = len(w.lines), true
	for i := range w.paths {
		w.paths[i] = path{w.state[i]}
	}
	w.take(s.made)
	for _, st := range s.after {
		w.take(st)
	}
	return w.reacted(s.cell)
}

// misses tells what is missing for the call to find what it is to find.
func (w *world) misses() string {
	c := w.story.cell
	switch got := w.state[local]; {
	case got == c.State:
	case c.State == fsm.LastAck && got == fsm.CloseWait:
		return "under " + c.Profile + " CLOSE-WAIT becomes LAST-ACK only when the FIN is sent, behind all text"
	default:
		return fmt.Sprintf("under %s what leads to %v leads to %v", c.Profile, c.State, got)
	}
	if !w.holds(c) {
		return fmt.Sprintf("under %s nothing is %v any more when the connection is in %v", c.Profile, c.Pending, c.State)
	}
	return ""
}

// take carries out a step when its time has come.
func (w *world) take(st *step) {
	w.until(st.at)
	w.lines = append(w.lines, line{at: st.at, step: st, from: st.who})
	k := len(w.lines) - 1
	switch {
	case st.call != nil:
		st.call.Text = st.text
		w.hosts[st.who].Process("").Call(st.call)
	default:
		w.lines[k].result = st.do(w)
	}
}

// until lets everything happen that is due by an instant.
func (w *world) until(at fsm.Time) {
	for w.err == nil && w.net.Next(at) {
		w.active = w.net.Now()
		if w.net.Steps() > maxEvents {
			w.err = fmt.Errorf("no end after %d events, at %v s", maxEvents, w.net.Now())
		}
	}
	w.net.Pass(at)
}

// listen follows the log.
func (w *world) listen(r *sim.Record) {
	if r.Host < 0 {
		return
	}
	h := who(r.Host)
	w.check.record(w, r)
	switch r.Kind {
	case sim.Sent:
		w.last[h] = r.Packet
		if r.Packet.Seg.Flags&fsm.RST == 0 {
			w.window[h] = r.Packet.Seg.Wnd
		}
		w.lines = append(w.lines, line{at: r.At, from: h, seg: r.Packet.Relative()})
	case sim.Arrived:
		if r.Packet.Forged {
			w.lines = append(w.lines, line{at: r.At, from: 1 - h, seg: r.Packet.Relative(), forged: true})
		}
	case sim.Moved:
		w.moved(h, r)
	case sim.Fired:
		if w.called {
			w.fired(h, r.Rule)
		}
	case sim.Delivered:
		w.delivered[h] += r.N
	default:
	}
}

// moved notes the state of a host's connection. A listener that stops is none.
func (w *world) moved(h who, r *sim.Record) {
	if r.From == fsm.Listen && r.To == fsm.Closed || r.To == fsm.Listen && r.From == fsm.Closed {
		return
	}
	w.state[h] = r.To
	if h == local && r.To == fsm.Closed {
		w.closed = r.At
	}
	if w.called {
		w.paths[h] = append(w.paths[h], r.To)
	}
}

func (w *world) fired(h who, id fsm.RuleID) {
	for _, have := range w.rules[h] {
		if have == id {
			return
		}
	}
	w.rules[h] = append(w.rules[h], id)
}

// peerSent reports whether the peer has sent a segment with a flag as its
// reaction: a FIN at any time, a RST as it aborts or refuses.
func (w *world) peerSent(f fsm.Flags) bool {
	c := w.story.cell
	for _, l := range w.lines[w.mark:] {
		if l.step != nil || l.from != peer || l.seg.Flags&f == 0 {
			continue
		}
		if f != fsm.RST || c.State == fsm.SynSent || l.at <= w.story.made.at.Add(abortsAfter) {
			return true
		}
	}
	return false
}

// census is what tcp_states() tells of a host, as scripts write it.
func (w *world) census(h who) string {
	count := w.hosts[h].States()
	var words []string
	for s := fsm.Closed; s <= fsm.TimeWait; s++ {
		if n := count[s]; n > 0 {
			words = append(words, fmt.Sprintf("%s %d", strings.ReplaceAll(s.String(), "-", "_"), n))
		}
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// rfcWords writes the answer of a call of RFC 9293 3.9.1 as scripts do.
func rfcWords(r fsm.Result) string {
	return strings.ToUpper(strings.ReplaceAll(r.String(), " ", "_"))
}
