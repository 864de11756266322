package pcap

import (
	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// turn holds back the packets of one turn of the run, until all that an arriving
// one did is known.
type turn struct {
	number uint64
	seen   []sight

	// What the packet that arrived did; it is the first that was seen.
	open  bool // it is still at it
	state fsm.State
	rule  fsm.RuleID
	moves []move
	why   string // why it was dropped, if no rule tells
}

// sight is a packet that was seen.
type sight struct {
	at      fsm.Time
	host    sim.HostID
	id      uint16
	arrived bool
	why     string // what the network did to it
	packet  sim.Packet
	icmp    *sim.Advice // an ICMP message that quotes it
}

// move is a change of state.
type move struct {
	from, to fsm.State
	rule     fsm.RuleID
}

// quiet are the rules that fire for nearly every segment, beside those of
// output: one of them is told of only if nothing else fired.
var quiet = func() (set [256]bool) {
	for _, name := range []string{
		"seq-acceptable", "ack-current", "ack-old", "window-update", "window-update-on-new-ack",
	} {
		set[fsm.FindRule(name)] = true
	}
	return set
}()

// follow takes a record of a run whose packets are commented on.
func (w *Writer) follow(r *sim.Record) {
	t := &w.turn
	if r.Turn != t.number {
		w.release()
		t.number = r.Turn
	}
	switch r.Kind {
	case sim.Sent, sim.Arrived:
		if id, seen := w.look(r); seen {
			arrived := r.Kind == sim.Arrived
			t.seen = append(t.seen, sight{r.At, r.Host, id, arrived, "", r.Packet, nil})
			if arrived {
				t.open, t.state = true, r.From
			}
		}
	case sim.Told:
		if w.seesAdvice(r) {
			advice := *r.Advice
			t.seen = append(t.seen, sight{r.At, r.Host, 0, true, "", r.Packet, &advice})
			t.open, t.state = true, r.From
		}
	case sim.Lost, sim.Held:
		for i := range t.seen {
			if t.seen[i].packet.Number == r.Packet.Number {
				t.seen[i].why = r.Why
			}
		}
	case sim.Fired, sim.Moved, sim.Dropped:
		if t.open {
			t.note(r)
		}
	case sim.Called:
		t.open = false
	case sim.Delivered, sim.Signalled, sim.Returned, sim.Noted:
	}
}

// note takes a record of what the packet that arrived did. When a rule of a
// call fires, the packet is done with: it has let the call go on.
func (t *turn) note(r *sim.Record) {
	rule := r.Rule.Rule()
	if rule != nil && rule.On != fsm.EvSegment && rule.On != fsm.EvICMP && rule.At < fsm.AtClose {
		t.open = false
		return
	}
	switch {
	case r.Kind == sim.Moved:
		t.moves = append(t.moves, move{r.From, r.To, r.Rule})
	case r.Kind == sim.Fired:
		t.state = r.From
		if rule.At < fsm.AtClose && (!quiet[r.Rule] || t.rule == 0 || quiet[t.rule] && rule.At == fsm.AtAck) {
			t.rule = r.Rule
		}
	case rule == nil: // dropped, and not by a rule
		t.state, t.why = r.From, r.Why
	}
}

// release lets the packets go that were held back.
func (w *Writer) release() {
	t := &w.turn
	for i := range t.seen {
		s := &t.seen[i]
		w.comment = w.comment[:0]
		if s.arrived {
			w.commentArrival(s)
		} else {
			w.commentSending(s)
		}
		switch {
		case w.err != nil:
		case s.icmp != nil:
			w.writeAdvice(s.at, s.host, &s.packet, s.icmp, w.comment)
		default:
			w.write(s.at, s.host, s.id, &s.packet, w.comment)
		}
	}
	*t = turn{number: t.number, seen: t.seen[:0], moves: t.moves[:0]}
}

// commentSending tells what a packet did to its sender, and what the network
// did to the packet.
func (w *Writer) commentSending(s *sight) {
	k := &s.packet
	w.say(w.hosts[s.host].Name, " ")
	w.sayMove(move{k.FromState, k.ToState, k.Rule})
	if s.why != "" {
		w.say("\nnetwork: ", s.why)
	}
}

// commentArrival tells what a packet did where it arrived, and whence it came if
// nobody sent it.
func (w *Writer) commentArrival(s *sight) {
	t := &w.turn
	if s.packet.Forged || s.icmp != nil {
		w.say("forged\n")
	}
	if s.packet.Copy {
		w.say("copy made by the network\n")
	}
	w.say(w.hosts[s.host].Name, " ")
	for i, m := range t.moves {
		if i > 0 {
			w.say("; ")
		}
		w.sayMove(m)
	}
	switch {
	case len(t.moves) > 0:
	case t.why != "":
		w.say(t.state.String(), ", dropped: ", t.why)
	default:
		w.sayMove(move{t.state, t.state, t.rule})
	}
}

// sayMove tells of a change of state, or of the state if it did not change:
// "ESTABLISHED -> FIN-WAIT-1, close-established, RFC 9293 3.10.4, ESTABLISHED".
func (w *Writer) sayMove(m move) {
	w.say(m.from.String())
	if m.from != m.to {
		w.say(" -> ", m.to.String())
	}
	rule := m.rule.Rule()
	if rule == nil {
		return
	}
	if w.rules[m.rule] == "" {
		w.rules[m.rule] = ", " + rule.Name + ", " + rule.Cite.String()
	}
	w.say(w.rules[m.rule])
}

// say appends words to the comment.
func (w *Writer) say(words ...string) {
	for _, s := range words {
		w.comment = append(w.comment, s...)
	}
}
