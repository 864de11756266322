package crowd

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// cause says in a sentence why a call fails now: with an errno, or in the words of what
// there is no errno for.
func (w *world) cause(side Side, call string, errno sim.Errno, what string) string {
	switch what {
	case overflow:
		if w.server.starved {
			return fmt.Sprintf("the listen queue holds %s, and the server has no descriptor with which to accept one", some(w.spec.Backlog, "connection"))
		}
		return fmt.Sprintf("more clients came at once than the listen queue takes, %d", w.spec.Backlog)
	case timeout:
		if call == "connect" {
			return fmt.Sprintf("for %v the server's host did not answer the SYN", w.spec.Timeout)
		}
		return fmt.Sprintf("the server's TCP took the connection and the request, and for %v its program did not answer", w.spec.Timeout)
	case eof:
		return "the server closed the connection while the client waited for its reply"
	}
	system := w.party(side).host.System()
	if errno == system.PortsExhausted && call == "connect" {
		return w.causePorts()
	}
	switch errno {
	case sim.EMFILE:
		return w.causeDescriptors(side)
	case sim.EADDRINUSE:
		return w.causeBind()
	case sim.ECONNREFUSED:
		return "no socket listens at the server's port, and its host answers a SYN with a reset"
	case sim.ETIMEDOUT:
		return fmt.Sprintf("the %v's TCP sent it again and again, without an answer, and gave up", side)
	case sim.ECONNRESET:
		return fmt.Sprintf("the %v's host reset a connection that the %v still used", side.other(), side)
	case sim.ECONNABORTED:
		return fmt.Sprintf("the %v's host reset a connection before it was accepted", side.other())
	default:
		return fmt.Sprintf("the call failed with %s", what)
	}
}

func (w *world) party(side Side) *party {
	if side == Client {
		return &w.client.party
	}
	return &w.server.party
}

// causeDescriptors tells what the descriptors of a process stand for.
func (w *world) causeDescriptors(side Side) string {
	p := w.party(side)
	inUse, over := 0, 0
	var waits [numStates]int
	for i := range p.ends {
		if p.ends[i].phase == free || p.ends[i].phase == listening {
			continue
		}
		switch st, _ := p.proc.State(i + standardStreams); {
		case p.ends[i].phase != lapsed:
			inUse++
		case st == fsm.Closed:
			over++
		default:
			waits[st]++
		}
	}
	text := fmt.Sprintf("the %v's process holds all its %d descriptors: ", side, w.spec.Descriptors)
	switch closeWait := waits[fsm.CloseWait]; {
	case closeWait+over+inUse == 0:
		return text + "none is left for a connection"
	case closeWait >= over && closeWait >= inUse:
		return text + fmt.Sprintf("%s in CLOSE-WAIT, as the %v has closed and the %v's program has not", are(closeWait), side.other(), side)
	case over >= inUse:
		return text + fmt.Sprintf("%s of connections that are over, reset by the %v, and that the %v's program has not closed", are(over), side.other(), side)
	}
	return text + fmt.Sprintf("%s in use at once", are(inUse))
}

func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

func some(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// most gives the state in which most connections of a host are, and how many are
// in it and in all.
func (p *party) most() (top fsm.State, in, all int) {
	count := p.host.States()
	for s := fsm.SynSent; s < numStates; s++ {
		all += count[s]
		if count[s] > in {
			top, in = s, count[s]
		}
	}
	return top, in, all
}

// causePorts tells what the client's ports are taken by, and how many a crowd
// takes whose connections end in TIME-WAIT.
func (w *world) causePorts() string {
	s := w.spec
	top, in, all := w.client.most()
	text := fmt.Sprintf("the client has %s (%s), and to the server's address none is free: of %s, %s in %v",
		some(int(s.PortHi)-int(s.PortLo)+1, "ephemeral port"), s.Ports(), some(all, "connection"), are(in), top)
	switch top {
	case fsm.TimeWait:
		lasts := w.client.host.System().TCP.TimeWait
		text += fmt.Sprintf(", which lasts %s: %s clients a second take %d on average", length(lasts), s.rate(), s.within(lasts))
	case fsm.FinWait2:
		text += ", where the client waits for the server to close"
	default:
	}
	return text
}

// rate is how many clients come a second, to two places.
func (s *Spec) rate() string {
	n := uint64(s.Clients) * 100 * uint64(time.Second) / uint64(s.Duration)
	if n%100 == 0 {
		return fmt.Sprint(n / 100)
	}
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

// within is how many clients come in a time, in the long run.
func (s *Spec) within(d time.Duration) int {
	return int(float64(s.Clients) * float64(d) / float64(s.Duration))
}

// causeBind tells what is in the way of a server that starts again.
func (w *world) causeBind() string {
	if w.spec.ReuseAddr {
		return fmt.Sprintf("another socket listens at port %d", port)
	}
	top, in, all := w.server.most()
	return fmt.Sprintf("of %s of the process before that are still there at port %d, %s in %v, and the new socket has not set SO_REUSEADDR",
		some(all, "connection"), port, are(in), top)
}
