package matrix

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

const (
	// lateBy is how much longer a late peer's segments take: less than the
	// linger time, more than the first repeat of ours.
	lateBy = 2 * time.Second
	// closesAfter is when a peer that sends a FIN does so: the call has reached it.
	closesAfter = 5 * delay
	// abortsAfter is when a peer that sends a RST does so: at once.
	abortsAfter = time.Millisecond / 2
)

// peerReacts adds what the peer does when the call was made at an instant. What
// happens to the link from then on stands in front of the call.
func (s *story) peerReacts(at time.Duration) {
	switch s.cell.Peer {
	case Acks:
	case Late:
		s.link(at, fmt.Sprintf("link delay peer > * +%g x*", lateBy.Seconds()), func(w *world) {
			w.net.Fault(sim.Fault{Verb: sim.Delay, Host: w.hosts[peer].ID(), Nth: 1, By: lateBy})
		})
		if s.cell.Pending == ZeroWindow {
			s.drain(&s.after, at+lateBy)
		}
	case Never:
		s.link(at, "link down", func(w *world) { w.net.Down(true) })
	case SendsFIN:
		fd := s.peerFD()
		if s.cell.State == fsm.SynSent {
			fd = 4
			s.react(at+closesAfter, peer, "accept(3, ..., ...)", &sim.Call{Op: sim.OpAccept, FD: 3})
		}
		s.react(at+closesAfter, peer, fmt.Sprintf("shutdown(%d, SHUT_WR)", fd),
			&sim.Call{Op: sim.OpShutdown, FD: fd, How: sim.ShutWr})
	case SendsRST:
		s.abort(at + abortsAfter)
	}
}

// peerFD is the peer's descriptor of the connection.
func (s *story) peerFD() int {
	if s.cell.State == fsm.SynReceived {
		return 3
	}
	return 4
}

func (s *story) link(at time.Duration, text string, do func(*world)) {
	s.before = append(s.before, &step{at: instant(at), who: network, text: text, do: func(w *world) string {
		do(w)
		return ""
	}})
}

// abort lets the peer send a RST. In SYN-SENT it does by itself, as nobody
// listens. In TIME-WAIT the peer has done its part and its TCP sends none: there
// the RST is a stray one.
func (s *story) abort(at time.Duration) {
	switch s.cell.State {
	case fsm.SynSent:
	case fsm.TimeWait:
		seq := fsm.Seq(2)
		if s.cell.Pending == Unread {
			seq += someText
		}
		seg := fsm.Segment{Seq: seq, Flags: fsm.RST, Wnd: 65535}
		s.after = append(s.after, &step{at: instant(at), who: local, text: "< " + seg.Header(), do: func(w *world) string {
			w.forge(seg)
			return ""
		}})
	default:
		fd := s.peerFD()
		s.after = append(s.after, &step{at: instant(at), who: peer, text: fmt.Sprintf("ABORT(%d)", fd),
			do: func(w *world) string { return w.abort(fd) }})
	}
}

// forge lets a segment reach the local host as if the peer had sent it.
func (w *world) forge(seg fsm.Segment) {
	last := &w.last[peer]
	p := sim.Packet{From: last.From, To: last.To, Seg: seg, SeqBase: last.SeqBase, AckBase: last.AckBase}
	p.Seg.Seq += p.SeqBase
	w.net.Inject(p)
}

// abort makes the RFC's ABORT call at the peer.
func (w *world) abort(fd int) string {
	p := w.hosts[peer].Process("")
	answer, ok := p.Abort(fd)
	if !ok {
		return ""
	}
	return rfcWords(answer)
}

// reacted tells why the peer did not do what it was to do, or "".
func (w *world) reacted(c Cell) string {
	switch {
	case c.Peer == SendsFIN && !w.peerSent(fsm.FIN) && w.state[peer] == fsm.Closed:
		return "a RST of ours has ended the peer's connection before its program closes it: it sends no FIN"
	case c.Peer == SendsFIN && !w.peerSent(fsm.FIN):
		return "the peer's connection is not open yet when its program closes it: it sends no FIN"
	case c.Peer == SendsRST && !w.peerSent(fsm.RST):
		return "the peer's TCP has no connection left that it could reset"
	}
	return ""
}
