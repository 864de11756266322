package sim

import "github.com/tcpsim/tcpsim/fsm"

// HostID is the number of a host in its network.
type HostID int16

const noHost HostID = -1

// conn is one connection at one host: its TCB and where it belongs. It has no
// pointers: the collector never looks at the slab that holds it.
type conn struct {
	fsm.TCB
	id       ConnID
	at       tuple
	tickAt   fsm.Time // when its tick is queued for; 0: none is
	notes    int32    // its notes' number, or none: see Network.bind
	sock     int32    // its socket's number, or none
	listener int32    // the listening socket that it came from, until it is accepted
	inbox    int32    // number of its inbox, or none
	stream   int32    // number of its stream and one, as in Text
	gen      uint32   // counts the connections that this slot has held
	host     HostID
	reuse    uint8 // sockReuseAddr and sockReusePort of the socket that it had
	soft     Errno // what an ICMP message told, and may have passed
	live     bool
	forsaken bool    // an embryo without a listener
	cookie   bool    // an embryo that only its SYN,ACK remembers
	chosen   bool    // its local port was chosen for it: Host.chosen counts it
	seqBase  fsm.Seq // what SEG.SEQ of its segments counts from, for printing
	ackBase  fsm.Seq
}

const none int32 = -1

// newConn makes a connection of a host in CLOSED.
func (n *Network) newConn(h *Host, t tuple) int32 {
	i, c := n.conns.take()
	n.nextConn++
	c.id = n.nextConn
	c.at, c.host = t, h.id
	c.tickAt, c.notes, c.sock, c.listener, c.inbox, c.stream = 0, none, none, none, none, 0
	c.seqBase, c.ackBase, c.reuse, c.soft, c.chosen, c.forsaken, c.cookie = 0, 0, 0, OK, false, false, false
	c.live = true
	mss, v6 := h.mss(t.local.Addr)
	c.Init(&h.system.TCP, mss, v6)
	h.inState[fsm.Closed]++
	return i
}

// bind makes the machine step a connection, with its notes. Most have none: theirs
// are blank, until keepNotes finds that they are not.
func (n *Network) bind(h *Host, c *conn) {
	notes := &n.blank
	if c.notes != none {
		notes = n.notes.at(c.notes)
	}
	n.machine.Bind(&h.system.TCP, &c.TCB, notes)
}

// keepNotes gives a connection a place for its notes when it has some, and takes it
// back when it has none any more.
func (n *Network) keepNotes(c *conn) {
	switch {
	case c.HasNotes() == (c.notes != none):
	case c.notes != none:
		n.forgetNotes(c)
	default:
		i, notes := n.notes.take()
		*notes, n.blank = n.blank, fsm.Notes{}
		c.notes = i
	}
}

func (n *Network) forgetNotes(c *conn) {
	*n.notes.at(c.notes) = fsm.Notes{}
	n.notes.give(c.notes)
	c.notes = none
}

// release ends a connection: its slot can be taken again. Events that are
// queued for it are told apart by the generation.
func (n *Network) release(i int32) {
	c := n.conns.at(i)
	h := n.hosts[c.host]
	h.count(c, -1)
	if c.at.whole() {
		n.demux.remove(c.at)
		h.unusePort(c.at.local.Port)
		if c.chosen {
			h.chosen[tuple{Endpoint{Addr: c.at.local.Addr}, c.at.remote}]--
		}
	}
	if s := n.socketOf(c); s != nil { // what was received can still be read
		if c.RcvBuf != h.system.TCP.RcvBuf { // SO_RCVBUF stays what it has become
			n.grow(s).state(fsm.RcvBuf, c.RcvBuf)
		}
		s.conn, s.inbox = none, c.inbox
		n.touch(c.sock)
	} else if c.inbox != none {
		n.freeInbox(c.inbox)
	}
	if c.listener != none {
		n.sockets.at(c.listener).more.queue.remove(i, c.cookie)
	}
	if c.notes != none {
		n.forgetNotes(c)
	}
	c.live = false
	c.gen++
	n.conns.give(i)
}

// timeWaits sees to a connection that has entered TIME-WAIT.
func (n *Network) timeWaits(h *Host, c *conn) {
	if s := n.socketOf(c); s != nil && h.system.TimeWaitApart {
		c.reuse = uint8(s.flags & (sockReuseAddr | sockReusePort))
		s.conn, s.inbox = none, c.inbox
		n.touch(c.sock)
		c.sock, c.inbox = none, none
	}
}

func (n *Network) socketOf(c *conn) *socket {
	if c.sock == none {
		return nil
	}
	return n.sockets.at(c.sock)
}

// inboxOf gives the inbox of a connection, a new one if it has none.
func (n *Network) inboxOf(c *conn) *inbox {
	if c.inbox == none {
		if k := len(n.freeInboxes) - 1; k >= 0 {
			c.inbox = n.freeInboxes[k]
			n.freeInboxes = n.freeInboxes[:k]
		} else {
			c.inbox = int32(len(n.inboxes))
			n.inboxes = append(n.inboxes, inbox{})
		}
	}
	return &n.inboxes[c.inbox]
}

// doneWithInbox gives an inbox back that has been read empty: most connections that
// are open hold nothing.
func (n *Network) doneWithInbox(s *socket) {
	if b := n.received(s); b == nil || b.unread > 0 || len(b.held) > 0 {
		return
	}
	if s.inbox != none {
		n.dropInbox(s)
		return
	}
	c := n.conns.at(s.conn)
	n.freeInbox(c.inbox)
	c.inbox = none
}

// dropInbox throws away what a connection that is over has left to read.
func (n *Network) dropInbox(s *socket) {
	if s.inbox != none {
		n.freeInbox(s.inbox)
		s.inbox = none
	}
}

func (n *Network) freeInbox(i int32) {
	n.inboxes[i].flush()
	n.freeInboxes = append(n.freeInboxes, i)
}
