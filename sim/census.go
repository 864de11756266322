package sim

import "github.com/tcpsim/tcpsim/fsm"

// Entry is one line of what a system tells of its sockets and connections (ss, netstat,
// sockstat): a connection, or a socket that has none.
type Entry struct {
	State  fsm.State
	IPv6   bool
	Port   uint16 // the local one; 0: none yet
	Held   bool   // a process has a descriptor of it
	handle int32
	gen    uint32
}

// Census lists the host's connections, embryos among them, and its sockets that have none.
func (h *Host) Census() []Entry {
	n := h.net
	var list []Entry
	for i := range n.conns.count {
		c := n.conns.at(i)
		if !c.live || c.host != h.id || c.cookie {
			continue
		}
		s := n.socketOf(c)
		list = append(list, Entry{
			State: c.State, IPv6: s != nil && s.is(sockIPv6) || c.at.local.Addr != 0 && c.at.local.isSix(n),
			Port: c.at.local.Port, Held: s != nil && s.refs > 0, handle: i, gen: c.gen,
		})
	}
	for _, p := range h.procs {
		for k, i := range p.fds {
			if i < 0 {
				continue
			}
			if s := n.sockets.at(i); s.conn == none && s.owner == p && int(s.fd) == k+firstFD {
				list = append(list, Entry{State: fsm.Closed, IPv6: s.is(sockIPv6), Port: s.local.Port, Held: true, handle: none})
			}
		}
	}
	return list
}

// Drop ends a connection as the system's operator can (tcpdrop): one in TIME-WAIT is
// forgotten, any other is aborted, and its user is told.
func (h *Host) Drop(e Entry) {
	n := h.net
	if e.handle == none || !n.conns.at(e.handle).live || n.conns.at(e.handle).gen != e.gen {
		return
	}
	n.turn++
	c := n.conns.at(e.handle)
	if c.State == fsm.TimeWait {
		n.crowded(c)
		n.release(e.handle)
	} else {
		sock := c.sock
		n.step(e.handle, fsm.Abort(), nil)
		if sock != none {
			n.sockets.at(sock).soError = ECONNABORTED
			n.touch(sock)
		}
	}
	n.wake()
}
