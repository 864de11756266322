package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// MaxEvents is how many simulated events one run may have.
const MaxEvents = 100_000

// Kind is what a section is about.
type Kind string

// The kinds of section.
const (
	Segments Kind = "segments"
	Calls    Kind = "calls"
	States   Kind = "states"
)

// item is one thing that happened: a segment, a call, a change of state.
type item struct {
	key   string // of a call: which one it is
	what  string // of a call: how it was made
	text  string // what is compared and shown
	head  string // of a segment: its flags and numbers
	again int    // of a segment that takes up sequence space: how often it has been sent before
	at    fsm.Time
	ended fsm.Time // of a call: when it returned
	conn  int      // the connection of its lane, counted from 1; 0: none
	rule  fsm.RuleID
}

func (i *item) same(o *item) bool {
	return i.text == o.text && i.at == o.at && i.ended == o.ended && i.conn == o.conn && i.again == o.again
}

// lane is what happened in one direction or at one host, in order.
type lane struct {
	kind  Kind
	place string // "client > server", or "client"
	conns int    // how many connections it has
	items []item
}

// firing is a rule that fired.
type firing struct {
	at   fsm.Time
	host sim.HostID
	rule fsm.RuleID
}

// trace is a run taken down.
type trace struct {
	profile string
	end     fsm.Time
	stopped string // why it did not come to its end
	hosts   []string
	lanes   []lane // the same ones in every trace of a story, in the same order
	fired   []firing
}

// play plays a story and takes it down. adjust changes the system of the hosts
// that have the profile, unless the story itself gives it to them.
func play(s *script.Script, profile string, cfg scenarios.Config, adjust func(*sim.System)) (*trace, error) {
	t := &trace{profile: profile}
	var rec *recorder
	cfg.Story, cfg.Events = true, MaxEvents
	cfg.Attach = func(n *sim.Network, r scenarios.Run) error {
		for _, h := range n.Hosts() {
			if adjust != nil && !slices.Contains(r.Own, h.Name) {
				adjust(h.System())
			}
		}
		rec = newRecorder(n, t)
		return nil
	}
	o := scenarios.PlayUnder(s, profile, cfg)
	switch {
	case o.Endless:
		t.stopped = o.Message
	case o.Status == scenarios.Error:
		pos := script.Pos{Line: o.Line, Column: o.Column}
		if o.Line == 0 {
			return nil, fmt.Errorf("%s: %s", s.Name, o.Message)
		}
		return nil, &script.Error{Name: s.Name, Pos: pos, Msg: o.Message}
	}
	t.end = o.Virtual
	rec.finish()
	return t, nil
}

// recorder follows the log of a run.
type recorder struct {
	net     *sim.Network
	trace   *trace
	ends    map[[2]sim.Endpoint]int // connections by their endpoints, in the order in which they were seen
	conns   map[sim.ConnID]int      // incarnations of each host, likewise
	each    map[sim.HostID]int      // how many of them a host has had
	sent    map[uint64][2]int       // the lane and the item of a packet, by its number
	calls   map[*sim.Call][2]int
	syns    map[string]string // the options that a SYN had last, by where it went
	made    map[string]int    // how often a call has been made, or a segment sent
	turn    uint64
	told    map[sim.HostID]fsm.RuleID // the rule that last told the user of each host something
	perTurn map[sim.HostID]fsm.RuleID // what acted in this turn, by host
}

func newRecorder(n *sim.Network, t *trace) *recorder {
	r := &recorder{
		net: n, trace: t, ends: map[[2]sim.Endpoint]int{}, conns: map[sim.ConnID]int{}, each: map[sim.HostID]int{},
		sent: map[uint64][2]int{}, calls: map[*sim.Call][2]int{}, made: map[string]int{}, told: map[sim.HostID]fsm.RuleID{},
		perTurn: map[sim.HostID]fsm.RuleID{}, syns: map[string]string{},
	}
	for _, h := range n.Hosts() {
		t.hosts = append(t.hosts, hostName(h))
	}
	names := t.hosts
	if len(names) == 1 {
		names = append(names[:1:1], "peer")
	}
	for i, from := range names {
		for j, to := range names {
			if i != j || len(names) == len(t.hosts) {
				t.lanes = append(t.lanes, lane{kind: Segments, place: from + " > " + to})
			}
		}
	}
	for _, kind := range []Kind{Calls, States} {
		for _, name := range t.hosts {
			t.lanes = append(t.lanes, lane{kind: kind, place: name})
		}
	}
	n.Listen(r.record)
	return r
}

func hostName(h *sim.Host) string {
	if h.Name == "" {
		return "host"
	}
	return h.Name
}

// lane gives the number of a lane, or -1.
func (r *recorder) lane(kind Kind, place string) int {
	for i := range r.trace.lanes {
		if l := &r.trace.lanes[i]; l.kind == kind && l.place == place {
			return i
		}
	}
	return -1
}

// owner names the host of an endpoint.
func (r *recorder) owner(e sim.Endpoint) string {
	for _, h := range r.net.Hosts() {
		for _, a := range h.Addrs() {
			if a == e.Addr {
				return hostName(h)
			}
		}
	}
	return "peer"
}

// add puts an item at the end of a lane, and gives its place.
func (r *recorder) add(kind Kind, place string, it item) (at [2]int, ok bool) {
	k := r.lane(kind, place)
	if k < 0 {
		return at, false
	}
	l := &r.trace.lanes[k]
	l.conns = max(l.conns, it.conn)
	l.items = append(l.items, it)
	return [2]int{k, len(l.items) - 1}, true
}

func (r *recorder) item(at [2]int) *item { return &r.trace.lanes[at[0]].items[at[1]] }

func (r *recorder) record(rec *sim.Record) {
	if rec.Turn != r.turn {
		r.turn = rec.Turn
		clear(r.perTurn)
	}
	switch rec.Kind {
	case sim.Fired:
		r.trace.fired = append(r.trace.fired, firing{rec.At, rec.Host, rec.Rule})
		return
	case sim.Sent:
		r.segment(rec, rec.Rule, "")
	case sim.Arrived:
		if rec.Packet.Forged {
			r.segment(rec, 0, " (forged)")
		}
	case sim.Lost:
		if at, ok := r.sent[rec.Packet.Number]; ok {
			r.item(at).text += " (" + rec.Why + ")"
		}
	case sim.Moved:
		r.moved(rec)
	case sim.Signalled:
		r.told[rec.Host] = rec.Rule
	case sim.Called:
		r.called(rec)
	case sim.Returned:
		r.returned(rec)
	case sim.Held, sim.Dropped, sim.Delivered, sim.Told, sim.Noted:
	}
	if rec.Rule != 0 && rec.Host >= 0 {
		r.perTurn[rec.Host] = rec.Rule
	}
}

// segment takes down a segment where it is sent, or where a forged one arrives.
func (r *recorder) segment(rec *sim.Record, rule fsm.RuleID, remark string) {
	p := &rec.Packet
	ends := [2]sim.Endpoint{p.From, p.To}
	if _, ok := r.ends[[2]sim.Endpoint{p.To, p.From}]; ok {
		ends = [2]sim.Endpoint{p.To, p.From}
	}
	if r.ends[ends] == 0 {
		r.ends[ends] = len(r.ends) + 1
	}
	place, seg := r.owner(p.From)+" > "+r.owner(p.To), p.Relative()
	it := item{head: seg.Header(), at: rec.At, ended: rec.At, conn: r.ends[ends], rule: rule}
	it.text = it.head + beside(p, &seg)
	if seg.Len > 0 || seg.Flags&(fsm.SYN|fsm.FIN) != 0 {
		key := fmt.Sprintf("%s#%d %s", place, it.conn, it.head)
		it.again = r.made[key]
		r.made[key]++
		if o := options(&seg); o != "" && r.syns[key] != o { // a repeat says nothing new with the same options
			it.text += " <" + o + ">"
			r.syns[key] = o
		}
	}
	it.text += remark
	if at, ok := r.add(Segments, place, it); ok {
		r.sent[p.Number] = at
	}
}

// beside writes what is compared of a segment beside its header.
func beside(p *sim.Packet, s *fsm.Segment) string {
	text := ""
	if s.Wnd == 0 && s.Flags&fsm.RST == 0 {
		text += " win 0"
	}
	if s.Flags&fsm.URG != 0 {
		text += fmt.Sprintf(" urg %d", s.Up)
	}
	if s.NSack > 0 {
		text += " <" + s.Word(fsm.KindSACK) + ">"
	}
	if p.Copy {
		text += " (copy)"
	}
	return text
}

// options writes the options of a SYN as they are compared: without the clocks.
func options(s *fsm.Segment) string {
	if s.Flags&fsm.SYN == 0 || s.Has == 0 {
		return ""
	}
	o := s.Options
	o.TSVal, o.TSEcr = 0, 0
	return strings.ReplaceAll(o.String(), "TS val 0 ecr 0", "TS")
}

// moved takes down a change of state.
func (r *recorder) moved(rec *sim.Record) {
	n, ok := r.conns[rec.Conn]
	if !ok && rec.To != fsm.Listen { // a listener is not one of several connections
		r.each[rec.Host]++
		n = r.each[rec.Host]
		r.conns[rec.Conn] = n
	}
	text := fmt.Sprintf("%v -> %v", rec.From, rec.To)
	r.add(States, r.trace.hosts[rec.Host], item{text: text, at: rec.At, ended: rec.At, conn: n, rule: rec.Rule})
}

// called takes down a call. Calls of one text are told apart by which they are.
func (r *recorder) called(rec *sim.Record) {
	c := rec.Call
	what := c.Text
	if c.Proc != nil && c.Proc.Name != "" {
		what = c.Proc.Name + ": " + what
	}
	place := r.trace.hosts[rec.Host]
	r.made[place+"/"+what]++
	it := item{key: fmt.Sprintf("%s#%d", what, r.made[place+"/"+what]), what: what, text: "blocks", at: rec.At, ended: fsm.Never}
	if at, ok := r.add(Calls, place, it); ok {
		r.calls[c] = at
	}
}

// returned takes down what a call gave. The rule is the one that did something in
// the same turn; an error may have been told before.
func (r *recorder) returned(rec *sim.Record) {
	at, ok := r.calls[rec.Call]
	if !ok {
		return
	}
	it := r.item(at)
	it.text, it.ended, it.rule = answer(rec.Call), rec.Call.Ended, r.perTurn[rec.Host]
	if it.rule == 0 && rec.Call.Err != sim.OK {
		it.rule = r.told[rec.Host]
	}
}

// finish writes how long calls have blocked.
func (r *recorder) finish() {
	for k := range r.trace.lanes {
		for i := range r.trace.lanes[k].items {
			it := &r.trace.lanes[k].items[i]
			switch {
			case it.key == "":
			case it.ended == fsm.Never:
				it.text = "does not return"
			case it.ended > it.at:
				it.text += fmt.Sprintf(" after %v", time.Duration(it.ended-it.at))
			}
		}
	}
}
