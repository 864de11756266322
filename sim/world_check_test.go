package sim

import (
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// turnOf is what one turn has done so far.
type turnOf struct {
	number  uint64
	host    HostID
	arrived *Packet
	sent    []Packet
	reopens *modelTCB // the incarnation that ended in it to make way for a SYN
}

// stateEdges are the changes of state that there may be.
var stateEdges = map[fsm.State][]fsm.State{
	fsm.Closed:      {fsm.Listen, fsm.SynSent},
	fsm.Listen:      {fsm.SynReceived, fsm.SynSent, fsm.Closed},
	fsm.SynSent:     {fsm.Established, fsm.SynReceived, fsm.Closed},
	fsm.SynReceived: {fsm.Established, fsm.FinWait1, fsm.Listen, fsm.Closed},
	fsm.Established: {fsm.FinWait1, fsm.CloseWait, fsm.Closed},
	fsm.FinWait1:    {fsm.FinWait2, fsm.Closing, fsm.TimeWait, fsm.Closed},
	fsm.FinWait2:    {fsm.TimeWait, fsm.Closed},
	fsm.CloseWait:   {fsm.LastAck, fsm.Closed},
	fsm.Closing:     {fsm.TimeWait, fsm.Closed},
	fsm.LastAck:     {fsm.Closed},
	fsm.TimeWait:    {fsm.Closed},
}

// record holds one record of the log against the invariants.
func (w *world) record(r *Record) {
	if r.Turn != w.turn.number {
		w.turn = turnOf{number: r.Turn, host: r.Host}
	}
	// What is lost acts on nobody, and what one host does not on another.
	if r.Host != w.turn.host {
		w.breakf("%s acts in a turn of %s", w.n.hosts[r.Host].Name, w.n.hosts[w.turn.host].Name)
	}
	switch r.Kind {
	case Arrived:
		p := r.Packet
		w.turn.arrived = &p
	case Sent:
		w.turn.sent = append(w.turn.sent, r.Packet)
		w.sent(r)
	case Moved:
		w.moved(r)
	case Signalled:
		w.signalled(r)
	default:
	}
}

func (w *world) moved(r *Record) {
	later := w.sys.ShutdownFinLater && r.From == fsm.SynSent && r.To == fsm.FinWait1 // a FIN that waited for the handshake
	if !in(r.To, stateEdges[r.From]...) && !later {
		w.breakf("%v -> %v by %v", r.From, r.To, r.Rule)
	}
	c := w.tcb(r.Conn, r.Host)
	if c.over {
		w.breakf("connection %d is over, and goes from %v to %v", r.Conn, r.From, r.To)
	}
	c.state = r.To
	if r.To == fsm.TimeWait {
		c.waitsAt = r.At
	}
	if r.To == fsm.Closed || r.To == fsm.Listen && r.From == fsm.SynReceived {
		c.over = true
		if r.From == fsm.TimeWait {
			w.timeWaitOver(r, c)
		}
	}
}

// timeWaitOver checks that only a RST, a SYN or want of room cuts TIME-WAIT short.
func (w *world) timeWaitOver(r *Record, c *modelTCB) {
	arrived := w.turn.arrived
	switch {
	case r.Rule == 0 && w.sys.TimeWaitLimit < noTimeWaitLimit: // there was no room
	case arrived == nil:
		if took := r.At.Sub(c.waitsAt); took < w.sys.TCP.TimeWait {
			w.breakf("connection %d is in TIME-WAIT for %v", c.id, took)
		}
	case arrived.Seg.Flags&fsm.RST != 0 && w.sys.TCP.Features&fsm.RFC1337 == 0:
	case arrived.Seg.Flags&fsm.SYN != 0:
		w.turn.reopens = c
	default:
		w.breakf("%v ends TIME-WAIT", arrived.Relative().Header())
	}
}

func (w *world) signalled(r *Record) {
	var e Errno
	switch r.Result {
	case fsm.ResetError:
		e = ECONNRESET
	case fsm.Refused:
		e = ECONNREFUSED
	case fsm.TimedOut, fsm.NoAnswer:
		e = ETIMEDOUT
	default:
		return
	}
	c := w.tcb(r.Conn, r.Host)
	switch {
	case r.Result == fsm.ResetError && c.state == fsm.CloseWait:
		e = w.sys.ResetInCloseWait
	case r.Result == fsm.Refused && w.sys.RefusedInSynSent && c.state != fsm.SynSent:
		e = ECONNRESET
	case r.Result == fsm.NoAnswer && c.state.Synchronized():
		e = w.sys.DataGivenUp
	}
	c.reset, c.died = true, e
	if c.sock != nil && c.sock.refs > 0 {
		c.failed = e
	}
}

func (w *world) sent(r *Record) {
	p, s := &r.Packet, &r.Packet.Seg
	if r.Conn == 0 && s.Flags&fsm.RST == 0 {
		w.breakf("CLOSED sends %v", p.Relative().Header())
	}
	c := w.tcb(r.Conn, r.Host)
	if r.Conn != 0 && c.over {
		w.breakf("connection %d is over, and sends %v", r.Conn, p.Relative().Header())
	}
	pure := s.Flags == fsm.ACK && s.Len == 0
	if r.From == fsm.TimeWait && r.To == fsm.TimeWait && !pure {
		w.breakf("TIME-WAIT sends %v", p.Relative().Header())
	}
	if r.From == fsm.Listen && s.Flags != fsm.SYN|fsm.ACK && s.Flags&fsm.RST == 0 {
		w.breakf("LISTEN sends %v", p.Relative().Header())
	}
	if s.Flags&fsm.RST != 0 {
		w.resetSent(r, c)
		return
	}
	if !c.known {
		c.known, c.at, c.iss, c.high = true, tuple{p.From, p.To}, p.SeqBase, p.SeqBase
	}
	if old := w.turn.reopens; old != nil && old.at == c.at && !old.high.Less(c.iss) {
		w.breakf("reopened with ISS %v, and %v was used", c.iss, old.high)
	}
	if end := s.Seq.Add(s.SeqLen()); c.high.Less(end) {
		c.high = end
	}
	if s.Flags&fsm.ACK != 0 {
		w.ackSent(p, c)
	}
}

// ackSent checks that an ACK is not taken back, and acknowledges only what
// the peer has sent.
func (w *world) ackSent(p *Packet, c *modelTCB) {
	ack := p.Seg.Ack
	if c.acks && ack.Less(c.maxAck) {
		w.breakf("connection %d takes its ACK back: %v", c.id, p.Relative().Header())
	}
	c.acks, c.irs, c.maxAck = true, p.AckBase, ack
	if o := w.peer(c); o != nil && o.high.Less(ack) {
		w.breakf("%v acknowledges what was never sent", p.Relative().Header())
	}
}

// resetSent checks that no RST answers a RST, and one that answers
// a segment is made from it; any other has SEQ = SND.NXT, and an ACK or not.
func (w *world) resetSent(r *Record, c *modelTCB) {
	s := &r.Packet.Seg
	c.reset = c.reset || r.Conn != 0
	// A call that has held its socket open over close() may return for what arrived.
	aborts := w.sys.CallsHoldSocket && r.Rule.String() == "abort-reset"
	if w.turn.arrived != nil && !aborts {
		q := &w.turn.arrived.Seg
		switch {
		case q.Flags&fsm.RST != 0:
			w.breakf("a RST is answered with %v", s.Header())
		case q.Flags&fsm.ACK != 0 && (s.Flags != fsm.RST || s.Seq != q.Ack):
			w.breakf("%v answers %v", s.Header(), q.Header())
		case q.Flags&fsm.ACK == 0 && (s.Flags != fsm.RST|fsm.ACK || s.Seq != 0 || s.Ack != q.Seq.Add(q.SeqLen())):
			w.breakf("%v answers %v", s.Header(), q.Header())
		}
		return
	}
	inWindow := w.sys.TCP.Features&fsm.ResetInWindow != 0 && s.Seq.Less(c.high)
	if s.Flags != w.abortFlags() || s.Seq != c.high && !inWindow {
		w.breakf("%v, and SND.NXT is %v", s.Header(), c.high)
	}
	if s.Flags&fsm.ACK != 0 && c.acks && s.Ack.Less(c.maxAck) {
		w.breakf("%v, and %v was acknowledged", s.Header(), c.maxAck)
	}
}

// done takes the answer of a call.
func (w *world) done(mc *modelCall) {
	for i, o := range w.open {
		if o == mc {
			w.open = append(w.open[:i], w.open[i+1:]...)
			break
		}
	}
	s, c := mc.sock, mc.Call
	if s != nil {
		if s.sending == mc {
			s.sending = nil
		}
		if s.receiving == mc {
			s.receiving = nil
		}
	}
	if s != nil && w.isError(mc) {
		w.told(s, c.Err)
		s.forgot = s.forgot || c.Op == OpConnect
	}
	switch c.Op {
	case OpAccept:
		if c.Err == OK && !c.Never {
			w.accepted(mc)
		}
	case OpSend:
		if s.tcb != nil {
			s.tcb.wrote += c.sent
		}
		w.answerFits(c)
	case OpRecv:
		w.received(mc)
		w.answerFits(c)
	case OpClose:
		if took := c.Ended.Sub(c.Started); !c.Never && took > 0 && took > mc.lingerTime() {
			w.breakf("close() takes %v", took)
		}
	default:
	}
}

// answerFits checks that octets which were moved are told.
func (w *world) answerFits(c *Call) {
	if c.Op == OpSend && w.sys.PartialSendFails {
		return
	}
	if !c.Never && c.sent > 0 && c.Result != c.sent && c.Err != EBADF && c.Flags&MsgPeek == 0 {
		w.breakf("%v moves %d octets and answers %s", c.Op, c.sent, answerOf(c))
	}
}

// isError reports whether a call has told why the connection ended. EPIPE and
// ECONNABORTED have other reasons too.
func (w *world) isError(mc *modelCall) bool {
	if !slices.Contains([]Op{OpSend, OpRecv, OpConnect, OpShutdown}, mc.Op) {
		return false
	}
	t := mc.sock.tcb
	switch mc.Err {
	case ECONNRESET, ECONNREFUSED, ETIMEDOUT:
		return true
	case EPIPE:
		return t != nil && t.failed == EPIPE && mc.sock.told == 0 && mc.Op == OpSend
	case ECONNABORTED:
		return t != nil && t.failed == ECONNABORTED
	default:
		return false
	}
}

// told checks that an error is told once, or ever again, and is the connection's.
func (w *world) told(s *modelSocket, e Errno) {
	if s.tcb == nil {
		w.breakf("%v of no connection", e)
		return
	}
	if s.told++; s.told > 1 && !w.sys.ErrorSticky || s.tcb.failed != e {
		w.breakf("%v is told, time %d; connection %d ended with %v", e, s.told, s.tcb.id, s.tcb.failed)
	}
}

// accepted makes the socket that accept() gave.
func (w *world) accepted(mc *modelCall) {
	s := &modelSocket{host: mc.proc.host, linger: mc.sock.linger}
	w.socks = append(w.socks, s)
	w.holds(mc.proc, mc.Result, s)
	if c := w.connOf(mc.proc, mc.Result); c != nil {
		s.tcb = w.tcb(c.id, c.host)
		s.tcb.sock = s
		return
	}
	if i := mc.proc.socket(mc.Result); i != none { // it has ended while it waited
		s.tcb = w.dead(tuple{w.n.sockets.at(i).local, w.n.sockets.at(i).peer})
		s.tcb.sock, s.tcb.failed = s, s.tcb.died
	}
}

// dead gives the last connection of a tuple, which is over.
func (w *world) dead(at tuple) *modelTCB {
	var found *modelTCB
	for _, o := range w.tcbs {
		if o.known && o.over && o.at == at && (found == nil || o.id > found.id) {
			found = o
		}
	}
	return found
}

// received checks that what was read is what was written, in order,
// and the end comes behind the last of it.
func (w *world) received(mc *modelCall) {
	c, s := mc.Call, mc.sock
	if s.tcb == nil {
		return
	}
	t := s.tcb
	if c.Err == OK && !c.Never {
		for i, b := range c.Got {
			if want := octet(t.irs, t.read+i); b != want {
				w.breakf("connection %d reads %q at offset %d, and %q was written", t.id, b, t.read+i, want)
				break
			}
		}
	}
	if c.Flags&MsgPeek == 0 {
		t.read += c.sent
	}
	o := w.peer(t)
	if o != nil && t.read > o.written() {
		w.breakf("connection %d reads %d octets, and %d were written", t.id, t.read, o.written())
	}
	after := w.sys.EndAfterReset && t.failed != OK // an end that is not the peer's
	if c.Err == OK && !c.Never && c.Result == 0 && c.N > 0 && !s.shutRd && !after {
		s.eof = true
		if o == nil || t.read != o.written() {
			w.breakf("connection %d finds the end after %d octets", t.id, t.read)
		}
	}
}

// written is W: what send() has taken, calls that still wait included.
func (t *modelTCB) written() int {
	n := t.wrote
	if t.sock != nil && t.sock.sending != nil {
		n += t.sock.sending.sent
	}
	return n
}
