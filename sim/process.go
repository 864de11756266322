package sim

import (
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// Process is a running program: a table of descriptors. Its threads are the
// calls that it makes while others still block.
type Process struct {
	Name string // "" for the first process of a host
	host *Host
	fds  []int32    // by descriptor: the socket's number, none, or kept
	last []lastConn // by descriptor: the connection last behind it
	gone bool

	waiting []*Call // calls of its threads that have not returned

	lowest  int // no descriptor below it is free
	program Program
}

// lastConn names a connection by its slot and the slot's generation.
type lastConn struct {
	conn int32
	gen  uint32
}

// kept stands for a descriptor that a call which waits has chosen.
const kept int32 = -2

// firstFD is the lowest descriptor that a call gives out: 0 to 2 are the
// standard streams.
const firstFD = 3

// AddProcess starts a process with no descriptors but the standard streams.
func (h *Host) AddProcess(name string) *Process {
	p := &Process{Name: name, host: h}
	h.procs = append(h.procs, p)
	return p
}

// Process gives the process of that name, or nil. "" is the first.
func (h *Host) Process(name string) *Process {
	for _, p := range h.procs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Host is where the process runs.
func (p *Process) Host() *Host { return p.host }

// Gone reports whether the process has ended.
func (p *Process) Gone() bool { return p.gone }

// socket gives the socket behind a descriptor, or none.
func (p *Process) socket(fd int) int32 {
	if fd < firstFD || fd-firstFD >= len(p.fds) {
		return none
	}
	return max(p.fds[fd-firstFD], none)
}

// install gives a socket the lowest descriptor that is free.
func (p *Process) install(i int32) (int, Errno) {
	fd, e := p.choose()
	if e == OK {
		p.put(fd, i)
	}
	return fd, e
}

// choose finds the lowest descriptor that is free.
func (p *Process) choose() (int, Errno) {
	fd := p.lowest
	for fd < len(p.fds) && p.fds[fd] != none {
		fd++
	}
	p.lowest = fd
	if fd == len(p.fds) {
		if fd+firstFD >= p.host.system.Descriptors {
			return -1, EMFILE
		}
		p.fds = append(p.fds, none)
		p.last = append(p.last, lastConn{})
	}
	return fd + firstFD, OK
}

// put gives a socket a descriptor.
func (p *Process) put(fd int, i int32) {
	p.fds[fd-firstFD] = i
	p.last[fd-firstFD] = lastConn{conn: none}
	s := p.host.net.sockets.at(i)
	s.refs++
	if s.owner == nil {
		s.owner, s.fd = p, int32(fd)
	}
}

// keep chooses a descriptor for a call that begins to wait.
func (p *Process) keep(c *Call) {
	fd, e := p.choose()
	if e != OK {
		c.fail(e)
		return
	}
	p.fds[fd-firstFD] = kept
	c.kept = fd
}

// unkeep gives back a descriptor that a call has chosen and not used.
func (p *Process) unkeep(c *Call) {
	if c.kept > 0 {
		p.fds[c.kept-firstFD] = none
		p.lowest = min(p.lowest, c.kept-firstFD)
		c.kept = 0
	}
}

// Fork starts a child that shares all descriptors.
func (p *Process) Fork(name string) *Process {
	child := p.host.AddProcess(name)
	child.fds = slices.Clone(p.fds)
	child.last = slices.Clone(p.last)
	for fd, i := range child.fds {
		switch {
		case i == kept: // by a thread that the child has not
			child.fds[fd] = none
		case i != none:
			p.host.net.sockets.at(i).refs++
		}
	}
	return child
}

// Exit ends the process, by itself or by a signal: its descriptors are closed,
// one after the other, and nothing waits for a linger time. Its calls that block
// never return.
func (p *Process) Exit() {
	n := p.host.net
	n.turn++
	if p.gone {
		return
	}
	p.abandonCalls()
	for k := range p.fds {
		if p.host.system.ExitFromLast {
			k = len(p.fds) - 1 - k
		}
		i := p.fds[k]
		if i != none {
			p.detach(k + firstFD)
			n.sockets.at(i).refs--
			if n.sockets.at(i).refs == 0 {
				n.closeLast(i, nil)
			}
		}
	}
	p.gone = true
	p.host.procs = slices.DeleteFunc(p.host.procs, func(o *Process) bool { return o == p })
	if p.Name == "" {
		p.host.AddProcess("")
	}
	n.wake()
}

// vanish ends the process with its host.
func (p *Process) vanish() {
	n := p.host.net
	p.abandonCalls()
	for _, i := range p.fds {
		if i == none {
			continue
		}
		s := n.sockets.at(i)
		if s.refs--; s.refs == 0 {
			n.free(i)
		}
	}
	p.gone = true
}

// detach frees a descriptor, and remembers what connection was behind it.
func (p *Process) detach(fd int) {
	i := p.fds[fd-firstFD]
	if s := p.host.net.sockets.at(i); s.conn != none {
		p.last[fd-firstFD] = lastConn{s.conn, p.host.net.conns.at(s.conn).gen}
	}
	p.fds[fd-firstFD] = none
	p.lowest = min(p.lowest, fd-firstFD)
}

// State gives the state of the connection behind a descriptor. It may be asked
// after close() too, until the number is used again: the connection goes on
// without it. The result is false if the number was never used.
func (p *Process) State(fd int) (fsm.State, bool) {
	if i := p.socket(fd); i != none {
		return p.host.net.state(p.host.net.sockets.at(i)), true
	}
	k := fd - firstFD
	if k < 0 || k >= len(p.last) {
		return fsm.Closed, false
	}
	if l := p.last[k]; l.conn != none {
		if c := p.host.net.conns.at(l.conn); c.live && c.gen == l.gen {
			return c.State, true
		}
	}
	return fsm.Closed, true
}
