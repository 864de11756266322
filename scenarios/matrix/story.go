package matrix

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// who acts in a step.
type who int

const (
	local who = iota
	peer
	network
)

var hostNames = []string{"local", "peer"}

// The pace of a story. The delay is the one between the hosts.
const (
	delay     = 10 * time.Millisecond
	accepting = 100 * time.Millisecond // when the connection is accepted and its options are set
	preparing = 200 * time.Millisecond // when text is exchanged that is to be pending
	// turning is when the socket is brought into its state: what was exchanged
	// is acknowledged by then (RFC 9293 3.8.6.3 allows half a second), and what was
	// left of a window that closes has been filled (3.8.6.2.1 allows one).
	turning = 900 * time.Millisecond
	horizon = time.Hour // behind the call
)

// The amounts of text, in octets.
const (
	someText  = 100
	smallBuf  = 1024         // the peer's receive buffer, where its window is to close
	closeText = 4 * smallBuf // what is written to close it
)

// port is the one on which the peer listens.
const port = 80

// step is something that happens in a story: a system call, or something else.
type step struct {
	at   fsm.Time
	who  who
	text string              // as scripts write it, without a result
	call *sim.Call           // a system call
	do   func(*world) string // what else: gives its result, or ""
}

// story is what is done to bring a cell about: the steps up to the call, the
// call, and what the peer does then.
type story struct {
	world  *world
	cell   Cell
	before []*step
	made   *step // the call
	after  []*step
}

func instant(d time.Duration) fsm.Time { return fsm.Time(0).Add(d) }

func (s *story) add(list *[]*step, at time.Duration, w who, text string, c *sim.Call) {
	*list = append(*list, &step{at: instant(at), who: w, text: text, call: c})
}

// prepare adds a system call to what is done before.
func (s *story) prepare(at time.Duration, w who, text string, c *sim.Call) {
	s.add(&s.before, at, w, text, c)
}

// react adds a system call to what is done after.
func (s *story) react(at time.Duration, w who, text string, c *sim.Call) {
	s.add(&s.after, at, w, text, c)
}

// tell puts the story of a cell together.
func (w *world) tell(c Cell) *story {
	s := &story{world: w, cell: c}
	var at time.Duration
	if c.State == fsm.SynSent || c.State == fsm.SynReceived {
		at = s.opening()
	} else {
		s.open()
		at = s.turn()
	}
	s.makeCall(at)
	s.peerReacts(at)
	s.look(at)
	return s
}

// looks are the times behind the call at which the states are looked at: at once,
// when an answer may have come, within TIME-WAIT, and behind every timeout.
var looks = []time.Duration{0, 3 * delay, 100 * time.Second, horizon}

// look adds questions for the states of both hosts, so that a script of the cell
// expects them.
func (s *story) look(at time.Duration) {
	for _, later := range looks {
		for _, h := range []who{local, peer} {
			s.after = append(s.after, &step{
				at: instant(at + later), who: h, text: "tcp_states()",
				do: func(w *world) string { return w.census(h) },
			})
		}
	}
	slices.SortStableFunc(s.after, func(a, b *step) int { return cmp.Compare(a.at, b.at) })
}

func (s *story) address(of who, p uint16) sim.Endpoint {
	return sim.Endpoint{Addr: s.world.hosts[of].Addrs()[0], Port: p}
}

func (s *story) socket(w who) {
	s.prepare(0, w, "socket(..., SOCK_STREAM, IPPROTO_TCP)", &sim.Call{Op: sim.OpSocket})
}

func (s *story) bind(w who) {
	s.prepare(0, w, fmt.Sprintf("bind(3, {%s:%d}, ...)", hostNames[w], port),
		&sim.Call{Op: sim.OpBind, FD: 3, Addr: s.address(w, port)})
}

func (s *story) listen() {
	s.socket(peer)
	if s.cell.closesWindow() {
		s.prepare(0, peer, fmt.Sprintf("setsockopt(3, SOL_SOCKET, SO_RCVBUF, [%d], 4)", smallBuf),
			&sim.Call{Op: sim.OpSetsockopt, FD: 3, Option: sim.SoRcvBuf, Value: smallBuf})
	}
	s.bind(peer)
	s.prepare(0, peer, "listen(3, 1)", &sim.Call{Op: sim.OpListen, FD: 3, Backlog: 1})
}

func (s *story) connect(w, to who) {
	s.prepare(0, w, fmt.Sprintf("connect(3, {%s:%d}, ...)", hostNames[to], port),
		&sim.Call{Op: sim.OpConnect, FD: 3, Addr: s.address(to, port)})
}

// open establishes the connection: descriptor 3 here, 4 at the peer.
func (s *story) open() {
	s.listen()
	s.socket(local)
	s.connect(local, peer)
	s.prepare(accepting, peer, "accept(3, ..., ...)", &sim.Call{Op: sim.OpAccept, FD: 3})
	s.prepare(accepting, peer, "close(3)", &sim.Call{Op: sim.OpClose, FD: 3})
	s.options(accepting)
}

// options sets what the cell asks of the socket.
func (s *story) options(at time.Duration) {
	if s.cell.Linger != LingerOff {
		l := sim.Linger{On: true}
		if s.cell.Linger == LingerTime {
			l.Seconds = LingerSeconds
		}
		s.prepare(at, local, fmt.Sprintf("setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=%d}, 8)", l.Seconds),
			&sim.Call{Op: sim.OpSetsockopt, FD: 3, Option: sim.SoLinger, Linger: l})
	}
	if s.cell.Mode == NonBlocking {
		s.prepare(at, local, "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)", &sim.Call{Op: sim.OpSetFlags, FD: 3, Nonblock: true})
	}
	if s.cell.Call == CloseDup {
		s.prepare(at, local, "dup(3)", &sim.Call{Op: sim.OpDup, FD: 3})
	}
}

// makeCall adds the call that the cell is about.
func (s *story) makeCall(at time.Duration) {
	s.made = &step{at: instant(at), who: local}
	shut := func(name string, how sim.How) {
		s.made.text = "shutdown(3, " + name + ")"
		s.made.call = &sim.Call{Op: sim.OpShutdown, FD: 3, How: how}
	}
	switch s.cell.Call {
	case Close, CloseDup:
		s.made.text, s.made.call = "close(3)", &sim.Call{Op: sim.OpClose, FD: 3}
	case ShutdownRd:
		shut("SHUT_RD", sim.ShutRd)
	case ShutdownWr:
		shut("SHUT_WR", sim.ShutWr)
	case ShutdownRdWr:
		shut("SHUT_RDWR", sim.ShutRdWr)
	case Exit, Kill:
		s.made.text = s.cell.Call.String() + "()"
		s.made.do = func(w *world) string {
			w.hosts[local].Process("").Exit()
			return ""
		}
	}
}
