package sim

import (
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// held reports whether a call waits on a socket, and close() therefore changes nothing
// until it returns.
func (w *world) held(s *modelSocket) bool {
	return w.sys.CallsHoldSocket && slices.ContainsFunc(w.open, func(mc *modelCall) bool { return mc.sock == s && mc.Op != OpPoll })
}

// close gives a descriptor back, and checks what close() must do at once.
func (w *world) close(p *program, fd int) {
	s := p.fds[fd]
	last := s.refs == 1
	if last && w.held(s) {
		return
	}
	st, unread := fsm.Closed, 0
	c := w.connOf(p, fd)
	var queued []int32
	if c != nil {
		st, unread = c.State, int(c.Unread)
	}
	if q := w.n.sockets.at(p.socket(fd)).has().queue; q != nil {
		queued = slices.DeleteFunc(slices.Clone(q.ready), func(k int32) bool { return k < 0 })
	}
	others := w.states(c)
	for _, k := range queued {
		delete(others, w.n.conns.at(k).id)
	}
	p.lets(fd)
	mc := w.call(p, s, &Call{Op: OpClose, FD: fd})
	if len(w.turn.sent) > 0 && w.turn.number != w.n.turn {
		w.turn = turnOf{number: w.n.turn, host: w.turn.host}
	}
	if !last {
		if !mc.Done || mc.Result != 0 || len(w.turn.sent) > 0 {
			w.breakf("close() of one descriptor of several does something: %s", answerOf(mc.Call))
		}
		return
	}
	if !mc.Done && (!s.linger.On || s.linger.Seconds == 0) {
		w.breakf("close() waits")
	}
	abort := w.sys.TCP.Features
	graceful := w.sys.LingerZeroFirst && (s.shutRd || s.shutWr) || st == fsm.SynReceived && abort&fsm.AbortSynReceivedSilent != 0
	switch {
	case w.sys.LingerRefuses && mc.Done && mc.Err == EAGAIN && s.nonblock && s.linger.On && s.linger.Seconds > 0:
		w.holdsAgain(p, fd, s, st)
	case st == fsm.SynSent && len(w.turn.sent) > 0:
		w.breakf("close() in SYN-SENT sends something")
	case s.linger.On && s.linger.Seconds == 0 && in(st, fsm.SynReceived, fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait) && !graceful:
		if len(w.turn.sent) != 1 || w.turn.sent[0].Seg.Flags != w.abortFlags() || !s.tcb.over {
			w.breakf("close() with linger time 0 in %v sends %d segments", st, len(w.turn.sent))
		}
	case s.listening:
		w.listenerClosed(queued)
	case unread > 0 && w.n.hosts[s.host].system.ResetUnread && in(st, fsm.Established, fsm.CloseWait) && !s.tcb.over:
		w.breakf("close() with %d octets unread in %v", unread, st)
	}
	if got := w.states(c); !subset(others, got) {
		w.breakf("close() changes other connections: %v, %v", others, got)
	}
}

// holdsAgain notes that close() has refused to linger, and checks that it did nothing.
func (w *world) holdsAgain(p *program, fd int, s *modelSocket, before fsm.State) {
	p.fds[fd] = s
	s.refs++
	if st, _ := p.State(fd); st != before || len(w.turn.sent) > 0 {
		w.breakf("close() that fails goes from %v to %v and sends %d segments", before, st, len(w.turn.sent))
	}
}

// abortFlags are those of the RST of an abort.
func (w *world) abortFlags() fsm.Flags {
	if w.sys.TCP.Features&fsm.ResetWithAck != 0 {
		return fsm.RST | fsm.ACK
	}
	return fsm.RST
}

// listenerClosed checks that there is one RST for each connection that waited.
func (w *world) listenerClosed(queued []int32) {
	if len(w.turn.sent) != len(queued) {
		w.breakf("%d segments for %d connections that waited", len(w.turn.sent), len(queued))
	}
	for _, p := range w.turn.sent {
		if p.Seg.Flags != w.abortFlags() {
			w.breakf("%v at the end of a listener", p.Relative().Header())
		}
	}
}
