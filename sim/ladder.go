package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Ladder draws a run as text: time goes down the page, each host has a lane with
// its states and calls, each segment is an arrow from lane to lane, and behind
// each step stand the rule and the clause that made it.
//
// A state is the one that the host is in after the step, as in the RFC's figures.
type Ladder struct {
	net   *Network
	rungs []rung
	seen  map[uint64]int  // the rung of a packet that was sent, by its number
	late  map[uint64]bool // packets that the network holds back
	conns map[ConnID]tuple
	came  Packet // what arrived in this turn
	drop  *rung  // it was dropped: a line of its own if the turn says nothing else
	turn  uint64
	first int                   // rungs when it began
	last  map[tuple]fsm.Segment // the last segment of each sender
}

// rung is one line of a ladder.
type rung struct {
	at    fsm.Time
	lane  int
	state string // of the lane's host, after the step
	text  string // a call, or a remark, in the lane
	arrow bool
	to    int    // lane at which the arrow ends
	label string // on the arrow
	fate  string // why the arrow does not arrive as it left
	lost  bool
	rule  fsm.RuleID
	conn  ConnID
	ends  tuple // of the segment that the arrow is
	call  *Call
	reset bool
}

// NewLadder makes a ladder that follows a network from now on.
func NewLadder(n *Network) *Ladder {
	l := &Ladder{net: n, seen: map[uint64]int{}, late: map[uint64]bool{}, conns: map[ConnID]tuple{}, last: map[tuple]fsm.Segment{}}
	n.Listen(l.record)
	return l
}

func (l *Ladder) record(r *Record) {
	if r.Turn != l.turn {
		l.endTurn()
		l.turn, l.first = r.Turn, len(l.rungs)
	}
	switch r.Kind {
	case Sent:
		l.sent(r)
	case Lost, Held:
		if i, ok := l.seen[r.Packet.Number]; ok {
			l.rungs[i].fate, l.rungs[i].lost = r.Why, r.Kind == Lost
			l.late[r.Packet.Number] = r.Kind == Held && !strings.Contains(r.Why, "repeat")
		}
	case Arrived:
		l.came = r.Packet
		switch {
		case r.Packet.Forged:
			l.arrived(r, " (forged)")
		case r.Packet.Copy:
			l.arrived(r, " arrives")
		case l.late[r.Packet.Number]:
			l.arrived(r, " arrives late")
		}
	case Moved:
		l.moved(r)
	case Dropped:
		l.dropped(r)
	case Signalled:
		l.signalled(r)
	case Called:
		l.add(rung{at: r.At, lane: int(r.Host), text: r.Call.what(), call: r.Call})
	case Returned:
		l.returned(r)
	case Noted:
		l.add(rung{at: r.At, lane: int(r.Host), text: r.Why})
	case Told:
		seq := uint32(r.Packet.Seg.Seq - r.Packet.SeqBase)
		l.add(rung{at: r.At, lane: int(r.Host), text: fmt.Sprintf("icmp %s [%d:%d(0)]", r.Why, seq, seq)})
		l.first, l.came = len(l.rungs), Packet{}
	case Fired, Delivered:
	}
}

func (l *Ladder) add(g rung) {
	l.drop = nil
	l.rungs = append(l.rungs, g)
}

// endTurn draws what a turn has left to be said.
func (l *Ladder) endTurn() {
	if l.drop != nil {
		l.add(*l.drop)
	}
}

// sent draws an arrow. A change of state in the same turn stands on its line.
func (l *Ladder) sent(r *Record) {
	g := rung{
		at: r.At, lane: int(r.Host), arrow: true, to: l.laneOf(r.Packet.To), label: l.label(&r.Packet),
		rule: r.Rule, conn: r.Conn, ends: tuple{r.Packet.From, r.Packet.To}, reset: r.Packet.Seg.Flags&fsm.RST != 0,
	}
	if k := len(l.rungs) - 1; k >= 0 && l.rungs[k].movedWith(&g) {
		g.state = l.rungs[k].state
		l.rungs = l.rungs[:k]
	}
	if r.Conn != 0 && !g.reset { // a listener's reset is none of its own
		l.conns[r.Conn] = g.ends
	}
	l.seen[r.Packet.Number] = len(l.rungs)
	l.add(g)
}

// movedWith reports whether the rung is a change of state by the rule that sends g.
func (g *rung) movedWith(s *rung) bool {
	return !g.arrow && g.state != "" && g.lane == s.lane && g.at == s.at && g.conn == s.conn && g.rule == s.rule && g.text == ""
}

// moved notes a change of state: on the line of the segment that it sent, if
// that was just drawn.
func (l *Ladder) moved(r *Record) {
	if k := len(l.rungs) - 1; k >= 0 {
		g := &l.rungs[k]
		if g.arrow && g.lane == int(r.Host) && g.at == r.At && g.conn == r.Conn && g.rule == r.Rule && g.state == "" {
			g.state = r.To.String()
			return
		}
	}
	l.add(rung{at: r.At, lane: int(r.Host), state: r.To.String(), rule: r.Rule, conn: r.Conn})
}

// arrived draws a segment where it arrives: one that nobody sent, or that has
// been on its way for longer than a reader would think.
func (l *Ladder) arrived(r *Record, how string) {
	l.add(rung{
		at: r.At, lane: l.laneOf(r.Packet.From), arrow: true, to: int(r.Host), label: r.Packet.label() + how,
		ends: tuple{r.Packet.From, r.Packet.To}, reset: r.Packet.Seg.Flags&fsm.RST != 0,
	})
	l.first = len(l.rungs)
}

// dropped tells of a segment that did nothing else, at the end of the turn:
// otherwise nobody would see why.
func (l *Ladder) dropped(r *Record) {
	if len(l.rungs) > l.first {
		return
	}
	text := "drops it"
	if l.came.Number != 0 {
		text = fmt.Sprintf("drops %v", l.came.Relative().Flags)
	}
	if r.Why != "" {
		text += ": " + r.Why
	}
	l.drop = &rung{at: r.At, lane: int(r.Host), text: text, rule: r.Rule}
}

// signalled draws what a user is told that does not wait to be asked for. Who
// aborts need not be told.
func (l *Ladder) signalled(r *Record) {
	if rule := r.Rule.Rule(); rule != nil && rule.On == fsm.EvAbort && rule.At < fsm.AtClose {
		return
	}
	switch r.Result {
	case fsm.ResetError, fsm.Refused, fsm.TimedOut, fsm.NoAnswer, fsm.PeerDead, fsm.Unreachable, fsm.Advised, fsm.Urgent, fsm.Delivery:
		l.add(rung{at: r.At, lane: int(r.Host), text: "! " + r.Result.String(), rule: r.Rule})
	default:
	}
}

// returned completes the line of a call that has just been made, or tells of the
// return of one that has blocked.
func (l *Ladder) returned(r *Record) {
	c := r.Call
	if !c.Blocked() {
		for k := len(l.rungs) - 1; k >= 0 && l.rungs[k].at == r.At; k-- {
			if l.rungs[k].call == c {
				l.rungs[k].text += c.answer()
				return
			}
		}
	}
	took := time.Duration(c.Ended - c.Started)
	l.add(rung{at: r.At, lane: int(r.Host), text: fmt.Sprintf("%s%s  after %v", c.name(), c.answer(), took)})
}

// name is the name under which a call was made: read and recv are one call.
func (c *Call) name() string {
	if name, _, ok := strings.Cut(c.Text, "("); ok {
		return name
	}
	return c.Op.String()
}

// what writes a call as its caller did, or by its name.
func (c *Call) what() string {
	text := c.Text
	if text == "" {
		text = c.Op.String() + "()"
	}
	if c.Proc != nil && c.Proc.Name != "" {
		text = c.Proc.Name + ": " + text
	}
	return text
}

// answer writes a call's result.
func (c *Call) answer() string {
	switch {
	case c.Answer != "":
		return " = " + c.Answer
	case c.SigPipe:
		return fmt.Sprintf(" = -1 %s, SIGPIPE", c.ErrName())
	case c.Err != OK:
		return fmt.Sprintf(" = -1 %s", c.ErrName())
	}
	return fmt.Sprintf(" = %d", c.Result)
}

// label writes a segment as a ladder shows it: with its window too if it tells
// of nothing else.
func (l *Ladder) label(p *Packet) string {
	text := p.label()
	ends := tuple{p.From, p.To}
	before, s := l.last[ends], p.Seg
	if s.Flags == fsm.ACK && s.Len == 0 && before.Flags&fsm.ACK != 0 && s.Ack == before.Ack && s.Wnd > before.Wnd {
		text += fmt.Sprintf(" win %d", s.Wnd)
	}
	l.last[ends] = s
	return text
}

// label writes a segment as a ladder shows it.
func (p *Packet) label() string {
	s := p.Relative()
	text := s.Header()
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

// laneOf is the lane of an endpoint: its host's, or one for whoever is no host.
func (l *Ladder) laneOf(e Endpoint) int {
	if o := l.net.book.owner[e.Addr]; o != noHost {
		return int(o)
	}
	return len(l.net.hosts)
}

// lanes lists the names of the lanes.
func (l *Ladder) lanes() []string {
	l.endTurn()
	var names []string
	for _, h := range l.net.hosts {
		name := h.Name
		if name == "" {
			name = "host"
		}
		names = append(names, name)
	}
	for _, g := range l.rungs {
		if g.arrow && max(g.lane, g.to) == len(l.net.hosts) {
			return append(names, "peer")
		}
	}
	return names
}

// String draws the ladder.
func (l *Ladder) String() string {
	var b strings.Builder
	_ = l.Draw(&b, Plain) // a Builder takes all
	return b.String()
}
