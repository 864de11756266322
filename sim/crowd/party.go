package crowd

import (
	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// phase is how far a program has come with a descriptor.
type phase uint8

const (
	free       phase = iota
	listening        // the server's listening socket
	connecting       // the client's handshake goes on
	asking           // the client sends its request and waits for the reply
	idle             // the client keeps the connection for the next request
	reading          // the server reads a request
	serving          // the server works on the reply
	replying         // the server sends the reply
	waiting          // for the peer to close
	lapsed           // the peer is gone, and the program does not close
	closing          // close() would have had to wait, and is to be called again
)

// end is one descriptor, as its program sees it.
type end struct {
	phase  phase
	gen    uint32 // counts what the descriptor has stood for, and its visits
	toRead uint32 // octets until the request or the reply is complete
	toSend uint32
	client int32 // whose visit it is
}

// flow is how the stream from the peer stands.
type flow struct {
	over bool
	err  sim.Errno // why, if it did not end in order
}

// party is the program of one host: its descriptors, and what it is going to do.
type party struct {
	w    *world
	side Side
	host *sim.Host
	proc *sim.Process
	ends []end // by descriptor
	open int   // descriptors in use, the standard streams among them
	late agenda
}

// standardStreams are the descriptors that every process has.
const standardStreams = 3

func (p *party) start(h *sim.Host) {
	p.host, p.proc = h, h.Process("")
	p.proc.Drive(p.w)
	p.ends, p.open = p.ends[:0], standardStreams
	p.late.clear()
}

func (p *party) end(fd int) *end { return &p.ends[fd-standardStreams] }

// begin notes what a new descriptor stands for.
func (p *party) begin(fd int, ph phase) *end {
	for fd-standardStreams >= len(p.ends) {
		p.ends = append(p.ends, end{})
	}
	e := p.end(fd)
	*e = end{phase: ph, gen: e.gen + 1}
	p.open++
	return e
}

// current reports whether the descriptor of an entry still stands for the same.
func (p *party) current(d due) bool { return p.end(int(d.fd)).gen == d.gen }

// do makes a system call that does not block, but for close(): with SO_LINGER
// that one is left to itself.
func (p *party) do(c sim.Call) (int, sim.Errno) {
	k := p.w.call
	*k = c
	p.proc.Call(k)
	if !k.Done {
		p.w.call = new(sim.Call)
		return 0, sim.OK
	}
	return k.Result, k.Err
}

// expectOK makes a call that the program does not expect to fail.
func (p *party) expectOK(c sim.Call) {
	if _, err := p.do(c); err != sim.OK {
		p.fail(c.Op.String(), err, 0)
	}
}

// options sets the options of a new socket.
func (p *party) options(fd int) {
	l := p.w.spec.Linger
	if p.side == Client {
		l = p.w.spec.ClientLinger
	}
	if l.On {
		p.expectOK(sim.Call{Op: sim.OpSetsockopt, FD: fd, Option: sim.SoLinger, Linger: l})
	}
	if p.w.spec.ReuseAddr {
		p.expectOK(sim.Call{Op: sim.OpSetsockopt, FD: fd, Option: sim.SoReuseAddr, Value: 1})
	}
}

func (p *party) close(fd int) {
	e := p.end(fd)
	e.gen++
	_, err := p.do(sim.Call{Op: sim.OpClose, FD: fd})
	if err.Same(sim.EAGAIN) {
		e.phase = closing
		return
	}
	e.phase = free
	p.open--
	if err != sim.OK {
		p.fail(sim.OpClose.String(), err, 0)
	}
}

// fail notes that a call has failed, in the words of the system.
func (p *party) fail(call string, err sim.Errno, client int32) {
	p.w.fail(p.side, call, err, p.host.System().ErrnoName(err), client)
}

// gone is what the program does when a read has told it that the peer is gone,
// by 0 or by an error: it closes, unless it is the end that closes second and
// it lapses.
func (p *party) gone(fd int) {
	s := p.w.spec
	if p.side == s.First || s.OnEOF == Close || !p.w.lapses() {
		p.close(fd)
		return
	}
	e := p.end(fd)
	e.phase = lapsed
	e.gen++
	if s.OnEOF == Late {
		p.late.add(due{p.w.net.Now().Add(s.Late), int32(fd), e.gen})
	}
}

// readAtOnce is how many octets one read asks for.
const readAtOnce = 1 << 16

// pump sends what is to be sent and reads what has come, as far as both go
// without waiting.
func (p *party) pump(fd int) flow {
	e := p.end(fd)
	for e.toSend > 0 {
		n, err := p.do(sim.Call{Op: sim.OpSend, FD: fd, N: int(e.toSend), Flags: sim.MsgDontWait | sim.MsgNoSignal})
		if err != sim.OK {
			break // EAGAIN; or the read tells why
		}
		e.toSend -= uint32(n)
	}
	for {
		n, err := p.do(sim.Call{Op: sim.OpRecv, FD: fd, N: readAtOnce, Flags: sim.MsgDontWait | sim.MsgTrunc})
		switch {
		case err.Same(sim.EAGAIN):
			return flow{}
		case err != sim.OK:
			return flow{over: true, err: err}
		case n == 0:
			return flow{over: true}
		}
		e.toRead -= min(e.toRead, uint32(n))
	}
}

// established reports whether the handshake of a descriptor is over.
func (p *party) established(fd int) (done, failed bool) {
	st, _ := p.proc.State(fd)
	return st.Synchronized(), st == fsm.Closed
}
