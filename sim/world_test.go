package sim

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/tcpsim/tcpsim/fsm"
)

// world is what a property test plays: two hosts, their processes, and a model
// of what the processes have done. Every record of the log and every answer of a
// call is held against the invariants.
type world struct {
	t      *rapid.T
	n      *Network
	sys    *System // of both hosts
	ladder *Ladder
	procs  []*program
	socks  []*modelSocket
	open   []*modelCall // that have not returned
	tcbs   map[ConnID]*modelTCB
	turn   turnOf
	broken string // the first invariant that did not hold
	late   bool   // the random part is over
}

// program is a process and its descriptors.
type program struct {
	*Process
	host  int
	fds   map[int]*modelSocket
	named int // children so far
}

// modelSocket is what the model knows of a socket.
type modelSocket struct {
	host      int
	refs      int // descriptors, of all processes
	listening bool
	tcb       *modelTCB // the connection, once there is one
	linger    Linger
	nonblock  bool
	shutRd    bool
	shutWr    bool
	eof       bool // recv() has found the end
	over      bool // and there is nothing more to wait for
	told      int  // errors of the connection that calls have told
	forgot    bool // connect() has told the error: it is none any more, sticky or not
	sending   *modelCall
	receiving *modelCall
}

// modelCall is a call that was made.
type modelCall struct {
	*Call
	proc *program
	sock *modelSocket
}

// modelTCB is what the log tells of one connection at one host.
type modelTCB struct {
	id       ConnID
	host     HostID
	at       tuple
	iss, irs fsm.Seq
	known    bool    // at and iss are known
	acks     bool    // irs and maxAck are
	high     fsm.Seq // SND.NXT
	maxAck   fsm.Seq
	state    fsm.State
	waitsAt  fsm.Time // when it entered TIME-WAIT
	over     bool
	died     Errno // why it ended,
	failed   Errno // and if somebody had a descriptor then
	reset    bool  // a RST was sent or honoured, or a timer gave up
	sock     *modelSocket
	wrote    int // W: octets that send() took
	read     int // R: octets that recv() gave
}

// newWorld makes two hosts under one profile.
func newWorld(t *rapid.T) *world {
	sys, _ := Profile(rapid.SampledFrom(Profiles()).Draw(t, "profile"))
	// To the letter, two ends in TIME-WAIT can answer each other for ever.
	sys.TCP.Features &^= fsm.TimeWaitAnyAck
	sys.TCP.TimeWait = time.Duration(rapid.IntRange(1, 240).Draw(t, "2MSL")) * time.Second
	sys.TCP.RcvBuf = rapid.Uint32Range(500, 9000).Draw(t, "RCV.BUFF")
	sys.TCP.SndBuf = rapid.Uint32Range(500, 9000).Draw(t, "send buffer")
	sys.TCP.WScale = min(sys.TCP.WScale, 7) // of buffers so small a larger unit offers nothing
	if sys.TCP.Features&fsm.WindowInSegments != 0 {
		sys.TCP.WScale = 0 // nor does any of the segment that such a buffer holds, once some of it has come
	}
	sys.PortLo, sys.PortHi = 50_000, 50_005
	sys.Descriptors = 16
	if rapid.IntRange(0, 3).Draw(t, "crowded") == 0 {
		sys.TimeWaitLimit = rapid.IntRange(0, 3).Draw(t, "TIME-WAIT limit")
	}
	sys.LingerBlocks = rapid.Bool().Draw(t, "linger blocks")
	w := &world{t: t, sys: &sys, tcbs: map[ConnID]*modelTCB{}}
	share := func(name string) float64 { return float64(rapid.IntRange(0, 20).Draw(t, name)) / 100 }
	w.n = New(Config{Seed: rapid.Uint64().Draw(t, "seed"), Link: Link{Delay: testDelay}})
	impaired := Link{
		Delay:  time.Duration(rapid.IntRange(0, 20).Draw(t, "delay")) * time.Millisecond,
		Jitter: time.Duration(rapid.IntRange(0, 20).Draw(t, "jitter")) * time.Millisecond,
		Loss:   share("loss"), Duplication: share("duplication"), Reordering: share("reordering"),
	}
	for k, name := range []string{"client", "server"} {
		h := w.n.AddHost(name, sys, [2]netip.Addr{clientAddr, serverAddr}[k])
		w.procs = append(w.procs, &program{Process: h.Process(""), host: k, fds: map[int]*modelSocket{}})
	}
	w.ladder = NewLadder(w.n)
	w.n.Listen(w.record)
	w.n.OnReturn(w.returned)
	w.converse(rapid.IntRange(0, 2).Draw(t, "connections"))
	w.n.link = impaired
	return w
}

// breakf notes that an invariant does not hold.
func (w *world) breakf(format string, args ...any) {
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
	}
}

// check fails if an invariant has not held, and shows how the run went.
func (w *world) check() {
	if err := sound(w.n); err != nil {
		w.breakf("%v", err)
	}
	if w.broken == "" {
		return
	}
	lines := strings.Split(w.ladder.String(), "\n")
	w.t.Fatalf("%s\nunder %s at %v s; the last of the run:\n%s", w.broken, w.sys.Name(), w.n.Now(), strings.Join(lines[max(0, len(lines)-60):], "\n"))
}

// pass lets time go by, and checks after every event.
func (w *world) pass(d time.Duration) {
	until := w.n.Now().Add(d)
	for k := 0; w.n.Next(until); k++ {
		w.check()
		if k == 20_000 {
			w.breakf("no end within %v", d)
		}
	}
	w.n.Pass(until)
}

// call makes a call, and takes what it answers at once.
func (w *world) call(p *program, s *modelSocket, c *Call) *modelCall {
	mc := &modelCall{c, p, s}
	w.open = append(w.open, mc)
	p.Call(c)
	if c.Done && slices.Contains(w.open, mc) {
		w.done(mc)
	}
	return mc
}

// returned takes a call that has blocked.
func (w *world) returned(c *Call) {
	for _, mc := range w.open {
		if mc.Call == c {
			w.done(mc)
			return
		}
	}
}

// descriptors lists those of a process, in order.
func (p *program) descriptors() []int {
	var all []int
	for fd := range p.fds {
		all = append(all, fd)
	}
	slices.Sort(all)
	return all
}

// holds notes a new descriptor.
func (w *world) holds(p *program, fd int, s *modelSocket) {
	if p.fds[fd] != nil {
		w.breakf("descriptor %d is given out twice", fd)
	}
	for low := firstFD; low < fd; low++ {
		if p.fds[low] == nil && !w.sys.CallsHoldSocket { // there an accept() that waits has chosen one
			w.breakf("descriptor %d is given out, and %d is free", fd, low)
		}
	}
	p.fds[fd] = s
	s.refs++
}

// lets notes that a descriptor is gone.
func (p *program) lets(fd int) {
	p.fds[fd].refs--
	delete(p.fds, fd)
}

// connOf gives the connection behind a descriptor, or nil.
func (w *world) connOf(p *program, fd int) *conn {
	if i := p.socket(fd); i != none && w.n.sockets.at(i).conn != none {
		return w.n.conns.at(w.n.sockets.at(i).conn)
	}
	return nil
}

// tcb gives the model of a connection.
func (w *world) tcb(id ConnID, h HostID) *modelTCB {
	if w.tcbs[id] == nil {
		w.tcbs[id] = &modelTCB{id: id, host: h}
	}
	return w.tcbs[id]
}

// peer gives the other end of the same incarnation: its initial sequence number
// is what this end has taken for its own IRS.
func (w *world) peer(c *modelTCB) *modelTCB {
	var found *modelTCB
	for _, o := range w.tcbs {
		fits := c.acks && o.known && o.at == (tuple{c.at.remote, c.at.local}) && o.iss == c.irs
		if fits && (found == nil || o.id > found.id) {
			found = o
		}
	}
	return found
}

// octet is what the octet at an offset of a stream is. Half of the streams are
// the pattern; the others are said by their calls, each different.
func octet(iss fsm.Seq, off int) byte {
	if saidBy(iss) {
		return byte(mix(uint64(iss)<<32 + uint64(off)))
	}
	return alphabet[off%len(alphabet)]
}

func saidBy(iss fsm.Seq) bool { return iss&1 == 1 }
