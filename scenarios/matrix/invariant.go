package matrix

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// checker holds a run against what is true of every connection, whatever its
// system. It follows the log; what it notes is a broken rule of ours.
type checker struct {
	broken []string
	turn   uint64
	cause  sim.Packet // what has arrived in the turn, if arrived
	caused bool
	ends   [2]end
	resets bool // somebody has sent a RST
}

// end is what is known of one host's connection.
type end struct {
	conn      sim.ConnID
	sent      fsm.Seq // behind the last octet that was sent: SND.NXT
	began     bool
	fin       fsm.Seq // behind its FIN
	finSent   bool
	acked     fsm.Seq // highest ACK that has come
	ackSent   fsm.Seq // highest ACK that it has sent
	ackedOnce bool
	lastAck   bool     // was in LAST-ACK
	closeWait bool     // was in CLOSE-WAIT
	timeWait  fsm.Time // when it came to TIME-WAIT, if waited
	waited    bool     // was in TIME-WAIT
	gone      bool     // is CLOSED
	resets    int      // sent by the call
}

func (k *checker) breaks(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(k.broken, s) {
		k.broken = append(k.broken, s)
	}
}

func (k *checker) record(w *world, r *sim.Record) {
	if r.Turn != k.turn {
		k.turn, k.caused = r.Turn, false
	}
	e := &k.ends[r.Host]
	switch r.Kind {
	case sim.Arrived:
		k.cause, k.caused = r.Packet, true
		if s := &r.Packet.Seg; s.Flags&fsm.ACK != 0 && s.Flags&fsm.RST == 0 && (!e.ackedOnce || e.acked.Less(s.Ack)) {
			e.acked, e.ackedOnce = s.Ack, true
		}
	case sim.Moved:
		k.moved(w, e, r)
	case sim.Sent:
		if r.Packet.Seg.Flags&fsm.RST != 0 {
			k.resets = true
			k.reset(w, e, r)
		} else {
			k.sends(e, r)
		}
	default:
	}
}

// sends checks a segment that is no RST: INV-04, INV-05, INV-18, INV-20.
func (k *checker) sends(e *end, r *sim.Record) {
	p, s := &r.Packet, &r.Packet.Seg
	name := hostNames[r.Host]
	if p.Conn == 0 {
		k.breaks("INV-18: %s sends %s without a connection", name, p.Relative().Header())
		return
	}
	if e.conn != p.Conn {
		*e = end{conn: p.Conn, acked: e.acked, ackedOnce: e.ackedOnce}
	}
	if e.gone {
		k.breaks("INV-18: %s sends %s in CLOSED", name, p.Relative().Header())
	}
	if p.FromState == fsm.TimeWait && (s.Flags&^fsm.PSH != fsm.ACK || s.Len > 0) {
		k.breaks("INV-18: %s sends %s in TIME-WAIT", name, p.Relative().Header())
	}
	text := s.Seq
	if s.Flags&fsm.SYN != 0 {
		text = text.Add(1)
	}
	text = text.Add(uint32(s.Len))
	next := text
	if s.Flags&fsm.FIN != 0 {
		next = text.Add(1)
		if e.finSent && e.fin != next {
			k.breaks("INV-04: %s sends a second FIN, %s", name, p.Relative().Header())
		}
		e.fin, e.finSent = next, true
	}
	if e.finSent && s.Len > 0 && e.fin.Less(text.Add(1)) {
		k.breaks("INV-05: %s sends text beyond its FIN, %s", name, p.Relative().Header())
	}
	if !e.began || e.sent.Less(next) {
		e.sent, e.began = next, true
	}
	if s.Flags&fsm.ACK != 0 {
		if e.ackSent != 0 && s.Ack.Less(e.ackSent) {
			k.breaks("INV-20: %s takes an ACK back, %s", name, p.Relative().Header())
		}
		e.ackSent = s.Ack
	}
}

// reset checks a RST: INV-16, INV-17, INV-27, INV-39.
func (k *checker) reset(w *world, e *end, r *sim.Record) {
	p, s := &r.Packet, &r.Packet.Seg
	name, text := hostNames[r.Host], r.Packet.Relative()
	withAck := s.Flags&fsm.ACK != 0
	switch {
	case k.caused && k.cause.Seg.Flags&fsm.RST != 0:
		k.breaks("INV-16: %s answers a RST with %s", name, text.Header())
	case k.caused && answers(s, &k.cause.Seg): // RS-1, RS-2
	case !e.began || p.Conn != e.conn:
		k.breaks("INV-17: %s sends %s, which answers nothing", name, text.Header())
	case withAck && (e.ackSent != 0 && s.Ack.Less(e.ackSent) || e.sent.Less(s.Seq)), !withAck && s.Seq != e.sent:
		// RS-3: SEQ is SND.NXT. A system that adds an ACK may cut SEQ to the peer's window.
		k.breaks("INV-17: %s sends %s, and has sent up to %d", name, text.Header(), uint32(e.sent-p.SeqBase))
	}
	if !w.called || r.Host != sim.HostID(local) || k.caused {
		return
	}
	if w.net.Now() == w.story.made.at {
		e.resets++
	}
	if w.story.cell.State == fsm.SynSent && w.net.Now() == w.story.made.at {
		k.breaks("INV-39: local sends %s for a connection in SYN-SENT", text.Header())
	}
}

// answers reports whether a RST is what a segment without a connection draws.
func answers(rst, in *fsm.Segment) bool {
	if in.Flags&fsm.ACK != 0 && rst.Flags&fsm.ACK == 0 {
		return rst.Seq == in.Ack
	}
	return rst.Flags&fsm.ACK != 0 && rst.Ack == in.Seq.Add(in.SeqLen())
}

// edges are the changes of state that there are: INV-10.
var edges = map[fsm.State][]fsm.State{
	fsm.Closed:      {fsm.Listen, fsm.SynSent},
	fsm.Listen:      {fsm.SynReceived, fsm.SynSent, fsm.Closed},
	fsm.SynSent:     {fsm.Established, fsm.SynReceived, fsm.FinWait1, fsm.Closed},
	fsm.SynReceived: {fsm.Established, fsm.FinWait1, fsm.Listen, fsm.Closed},
	fsm.Established: {fsm.FinWait1, fsm.CloseWait, fsm.Closed},
	fsm.FinWait1:    {fsm.FinWait2, fsm.Closing, fsm.TimeWait, fsm.Closed},
	fsm.FinWait2:    {fsm.TimeWait, fsm.Closed},
	fsm.CloseWait:   {fsm.LastAck, fsm.Closed},
	fsm.Closing:     {fsm.TimeWait, fsm.Closed},
	fsm.LastAck:     {fsm.Closed},
	fsm.TimeWait:    {fsm.Closed, fsm.SynReceived},
}

// moved checks a change of state: INV-09 to INV-13, and INV-15.
func (k *checker) moved(w *world, e *end, r *sim.Record) {
	name := hostNames[r.Host]
	if !slices.Contains(edges[r.From], r.To) {
		k.breaks("INV-10: %s goes from %v to %v", name, r.From, r.To)
	}
	if (r.To == fsm.FinWait2 || r.To == fsm.TimeWait) && (!e.finSent || e.acked.Less(e.fin) || e.sent != e.fin) {
		k.breaks("INV-09: %s is in %v, and its FIN is not acknowledged", name, r.To)
	}
	switch r.To {
	case fsm.CloseWait:
		e.closeWait = true
	case fsm.TimeWait:
		e.timeWait, e.waited = r.At, true
		if e.closeWait {
			k.breaks("INV-11: %s is in TIME-WAIT, and its FIN was the second", name)
		}
	case fsm.LastAck:
		e.lastAck = true
		if !e.closeWait {
			k.breaks("INV-12: %s is in LAST-ACK, and its FIN was the first", name)
		}
		if k.ends[1-r.Host].lastAck {
			k.breaks("INV-13: both ends were in LAST-ACK")
		}
	case fsm.Closed:
		if e.conn == r.Conn {
			e.gone = true
		}
		lasted, want := time.Duration(r.At-e.timeWait), w.hosts[r.Host].System().TCP.TimeWait
		if r.From == fsm.TimeWait && lasted < want && (!k.caused || k.cause.Seg.Flags&fsm.RST == 0) {
			k.breaks("INV-15: %s is in TIME-WAIT for %v, less than %v", name, lasted, want)
		}
	default:
	}
}

// finish checks what can be told when the run is over: INV-07, INV-14, INV-27,
// INV-28, LIV-3, LIV-8, and the limits of the run.
func (k *checker) finish(w *world, reached bool) {
	if w.err != nil {
		k.breaks("LIV-5: %v", w.err)
	}
	if !w.called || !reached {
		return
	}
	c := w.story.cell
	closes := c.Call == Close || c.Call == Exit || c.Call == Kill
	if call := w.story.made.call; call != nil {
		limit := time.Duration(0)
		if c.Call == Close && c.Linger == LingerTime {
			limit = LingerSeconds * time.Second
		}
		switch took := time.Duration(call.Ended - call.Started); {
		case !call.Done || call.Never:
			k.breaks("LIV-8: the call never returns")
		case took > limit && limit == 0:
			k.breaks("INV-28: the call takes %v", took)
		case took > limit:
			k.breaks("LIV-8: the call takes %v, more than %v", took, limit)
		}
	}
	k.aborts(w, closes && c.Linger == LingerZero)
	k.fins(c)
	if _, open := w.hosts[local].Process("").Info(3); closes && !open && c.Peer == Never {
		switch end := w.state[local]; end {
		case fsm.SynReceived, fsm.FinWait1, fsm.Closing, fsm.LastAck, fsm.CloseWait:
			k.breaks("LIV-3: nobody answers and nobody owns the connection, which is in %v for ever", end)
		default:
		}
	}
}

// aborts checks what a RST that the call sends does, and that linger 0 sends one
// where every system does: INV-27. In the states after one's own shutdown
// systems differ.
func (k *checker) aborts(w *world, zero bool) {
	e := &k.ends[local]
	s := w.story.cell.State
	if zero && (s == fsm.Established || s == fsm.CloseWait) && e.resets != 1 {
		k.breaks("INV-27: linger 0 sends %d RSTs in %v", e.resets, s)
	}
	if e.resets == 0 {
		return
	}
	if e.resets > 1 {
		k.breaks("INV-27: the call sends %d RSTs", e.resets)
	}
	if p := w.paths[local]; len(p) != 2 || p[1] != fsm.Closed {
		k.breaks("INV-27: the call sends a RST, and the connection goes through %s", Path(p))
	}
	for _, l := range w.lines[w.mark:] {
		if l.step == nil && l.from == local && l.seg.Flags&fsm.FIN != 0 {
			k.breaks("INV-27: a FIN follows the RST, %s", l.seg.Header())
		}
	}
}

// fins checks that a FIN was sent only if the program asked for it, and that one
// of two ends that have closed in order was in TIME-WAIT: INV-07, INV-14.
func (k *checker) fins(c Cell) {
	x, y := &k.ends[local], &k.ends[peer]
	switch c.State {
	case fsm.Established, fsm.CloseWait, fsm.SynSent, fsm.SynReceived:
		if (c.Call == CloseDup || c.Call == ShutdownRd) && x.finSent {
			k.breaks("INV-07: local sends a FIN, and its program has not closed for writing")
		}
	default:
	}
	over := x.finSent && y.finSent && !x.acked.Less(x.fin) && !y.acked.Less(y.fin)
	if over && !k.resets && !x.waited && !y.waited {
		k.breaks("INV-14: both FINs are acknowledged, and nobody was in TIME-WAIT")
	}
}
