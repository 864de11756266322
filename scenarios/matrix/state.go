package matrix

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// inFlight is a time within which what was sent has not arrived.
const inFlight = delay / 2

// opening opens the connection from both ends, or from one, and gives the time
// at which the handshake is half done.
func (s *story) opening() time.Duration {
	if s.cell.State == fsm.SynReceived {
		s.socket(peer)
		s.bind(peer)
		s.socket(local)
		s.bind(local)
		s.options(0)
		s.connect(local, peer)
		s.connect(peer, local)
		s.queueText()
		return delay + inFlight
	}
	if s.cell.Peer == SendsRST {
		s.socket(peer) // a host with a program that does not listen
		s.bind(peer)
	} else {
		s.listen()
	}
	if s.cell.Peer == SendsFIN {
		s.prepare(0, peer, "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)", &sim.Call{Op: sim.OpSetFlags, FD: 3, Nonblock: true})
	}
	s.socket(local)
	s.options(0)
	s.connect(local, peer)
	s.queueText()
	return inFlight
}

// turn brings an established connection into the state of the cell, with what
// is to be pending, and gives the time at which it has both.
func (s *story) turn() time.Duration {
	s.exchange()
	const at = turning
	shut := func(at time.Duration, w who) {
		fd := "3"
		if w == peer {
			fd = "4"
		}
		s.prepare(at, w, "shutdown("+fd+", SHUT_WR)", &sim.Call{Op: sim.OpShutdown, FD: 3 + int(w), How: sim.ShutWr})
	}
	switch s.cell.State {
	case fsm.FinWait1:
		s.lastText()
		shut(at, local)
		return at + inFlight
	case fsm.FinWait2:
		shut(at, local)
		return at + 3*delay
	case fsm.CloseWait:
		shut(at-3*delay, peer)
		return s.lastText()
	case fsm.Closing:
		// The peer's FIN leaves a moment before ours, so that it is the first to
		// arrive; the peer is in FIN-WAIT-1 for a moment more.
		const moment = time.Millisecond
		shut(at-moment, peer)
		s.lastText()
		shut(at, local)
		return at + delay - moment + moment/5
	case fsm.LastAck:
		shut(at-3*delay, peer)
		s.lastText()
		shut(at, local)
		return at + inFlight
	case fsm.TimeWait:
		shut(at-3*delay, local)
		shut(at, peer)
		return at + delay + inFlight
	default:
		return s.lastText()
	}
}
