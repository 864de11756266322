package matrix

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// Text is brought to be pending in the plainest way that the state allows.
//
//   - Unread text was sent by the peer and acknowledged long before.
//   - Text behind a closed window was written long before: the peer, which does
//     not read, has taken what fits its buffer.
//   - Unacknowledged text was written just before, and is on its way.
//   - Unsent text is held back by TCP_CORK, or by the system's name for it. Where
//     there is none, or a FIN is queued behind the text, as CLOSE implies PUSH, the
//     text is more than the peer's window, and the peer reads, so that it is only a
//     matter of time.

// corks reports whether a cork holds the unsent text back.
func (c Cell) corks() bool {
	_, ok := c.cork()
	return ok && c.Pending == Unsent && (c.State == fsm.Established || c.State == fsm.CloseWait)
}

// cork is the system's option that holds back text.
func (c Cell) cork() (sim.Option, bool) {
	sys, _ := sim.Profile(c.Profile)
	for _, o := range []sim.Option{sim.TCPCork, sim.TCPNoPush} {
		if !sys.Lacks.Has(o) {
			return o, true
		}
	}
	return 0, false
}

// closesWindow reports whether the peer's window is to be too small.
func (c Cell) closesWindow() bool {
	return c.Pending == ZeroWindow || c.Pending == Unsent && !c.corks() && c.State != fsm.SynSent
}

// written is how many octets the program has written when it makes the call.
func (c Cell) written() int {
	switch {
	case c.Pending == Unsent && c.State == fsm.SynSent:
		return someText
	case c.Pending == Nothing || c.Pending == Unread:
		return 0
	case c.closesWindow() && c.State != fsm.SynReceived:
		return closeText
	}
	return someText
}

func (s *story) write(at time.Duration, n int) {
	s.prepare(at, local, fmt.Sprintf("write(3, ..., %d)", n), &sim.Call{Op: sim.OpSend, FD: 3, N: n})
}

// drain makes the peer read all that the program has written, as it comes.
func (s *story) drain(list *[]*step, at time.Duration) {
	s.add(list, at, peer, fmt.Sprintf("recv(4, ..., %d, MSG_WAITALL)", closeText),
		&sim.Call{Op: sim.OpRecv, FD: 4, N: closeText, Flags: sim.MsgWaitAll})
}

// queueText writes while the handshake goes on.
func (s *story) queueText() {
	if s.cell.Pending == Unsent {
		s.write(2*time.Millisecond, someText)
	}
}

// exchange brings to be pending what takes a while.
func (s *story) exchange() {
	switch s.cell.Pending {
	case Unread:
		s.prepare(preparing, peer, fmt.Sprintf("write(4, ..., %d)", someText), &sim.Call{Op: sim.OpSend, FD: 4, N: someText})
	case ZeroWindow:
		s.write(preparing, closeText)
	case Unsent:
		if !s.cell.corks() {
			s.drain(&s.before, preparing)
		}
	case Nothing, Unacked:
	}
}

// lastText writes what is to be on its way, or held back, and gives the time at
// which it still is.
func (s *story) lastText() time.Duration {
	const at = turning
	switch s.cell.Pending {
	case Unsent:
		if s.cell.corks() {
			o, _ := s.cell.cork()
			s.prepare(at, local, fmt.Sprintf("setsockopt(3, IPPROTO_TCP, %v, [1], 4)", o),
				&sim.Call{Op: sim.OpSetsockopt, FD: 3, Option: o, Value: 1})
		}
		s.write(at, s.cell.written())
	case Unacked:
		s.write(at, someText)
	case Nothing, Unread, ZeroWindow:
	}
	return at + inFlight
}

// holds reports whether what is to be pending is, as the call finds it.
func (w *world) holds(c Cell) bool {
	info, _ := w.hosts[local].Process("").Info(3)
	switch c.Pending {
	case Unread:
		return w.delivered[local] > 0
	case Unsent:
		return info.NotSent > 0
	case Unacked:
		return info.Unacked > 0
	case ZeroWindow:
		return info.NotSent > 0 && w.window[peer] == 0
	case Nothing:
	}
	return true
}
