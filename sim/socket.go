package sim

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// socket is a BSD socket: what a descriptor stands for. All descriptors that
// were duplicated from one, or inherited, share it.
type socket struct {
	conn  int32 // its connection, or none: none yet, or no more
	inbox int32 // what its connection had received when it ended
	host  HostID
	refs  int16 // descriptors
	flags sockFlags
	local Endpoint
	peer  Endpoint

	soError Errno // SO_ERROR: why the connection ended, until somebody asks
	fd      int32 // under which descriptor its owner has it
	gen     uint32
	owner   *Process // whose program hears of it
	more    *more    // what few sockets have; nil: nothing
}

// more is what few of the sockets that a simulation holds have: options, a queue,
// calls that wait.
type more struct {
	linger     uint32        // milliseconds
	maxSegment uint16        // TCP_MAXSEG; 0: the path decides
	openLimit  uint32        // TCP_KEEPINIT, milliseconds; 0: the system's
	stated     []stated      // the options that TCP carries out; shared with accepted sockets
	rcvTime    time.Duration // SO_RCVTIMEO
	sndTime    time.Duration // SO_SNDTIMEO

	queue   *queue  // of a listening socket
	waiters []*Call // calls that block on it, in the order in which they came
}

// plain is what a socket has that was never asked for more.
var plain more

// has gives what a socket has of the rest, to be read.
func (s *socket) has() *more {
	if s.more == nil {
		return &plain
	}
	return s.more
}

// grow gives it to be written.
func (n *Network) grow(s *socket) *more {
	if s.more == nil {
		if k := len(n.spareMores) - 1; k >= 0 {
			s.more = n.spareMores[k]
			n.spareMores = n.spareMores[:k]
		} else {
			s.more = new(more)
		}
	}
	return s.more
}

// shrink takes it back from a socket that is freed. The room for calls is kept.
func (n *Network) shrink(s *socket) {
	if s.more != nil {
		*s.more = more{waiters: s.more.waiters[:0]}
		n.spareMores = append(n.spareMores, s.more)
		s.more = nil
	}
}

// stated is an option that the user has set. A socket keeps its options when its
// connection is over (POSIX 2.10.16), and states them to the next.
type stated struct {
	param fsm.Param
	value uint32
}

func (m *more) state(p fsm.Param, value uint32) {
	m.stated = slices.DeleteFunc(slices.Clone(m.stated), func(o stated) bool { return o.param == p })
	m.stated = append(m.stated, stated{p, value})
}

type sockFlags uint32

const (
	sockNonblock sockFlags = 1 << iota
	sockReuseAddr
	sockReusePort
	sockLinger
	sockBound   // bind() was called, or listen() chose a port
	sockAnyAddr // bound to the wildcard; a connection narrows the address
	sockListening
	sockConnected // was connected once
	sockShutRd
	sockShutWr
	sockEOF      // the peer's FIN came
	sockFinAcked // our FIN was acknowledged
	sockTouched  // waits in Network.woken
	sockIPv6
	sockExclusive  // SO_EXCLUSIVEADDRUSE
	sockReuseBound // SO_REUSEADDR was set when bind() was called
	sockShut       // shutdown() was called
	sockClosing    // close() waits for calls that still use the socket
	sockErrorTold  // SO_ERROR has told an error that calls repeat
	sockTried      // a SYN was sent to connect it
	sockAsked      // connect() has not told yet how that ended
	sockSpoiled    // shutdown() came when that had failed
)

func (s *socket) is(f sockFlags) bool { return s.flags&f == f }

func (s *socket) set(f sockFlags, on bool) {
	if on {
		s.flags |= f
	} else {
		s.flags &^= f
	}
}

// queue is what a listening socket holds: connections that wait to be accepted,
// and embryos in SYN-RECEIVED.
type queue struct {
	limit   int
	embryos int
	ready   []int32 // connections that are complete; none for one that was reset meanwhile
}

// full reports whether another SYN can be answered.
func (q *queue) full() bool { return q.embryos+len(q.ready) >= q.limit }

// keep gives a complete connection that is about to end a socket of its own, which
// accept() will return.
func (q *queue) keep(n *Network, c *conn) {
	for at, k := range q.ready {
		if k >= 0 && n.conns.at(k) == c {
			q.ready[at] = dead - n.adopt(n.sockets.at(c.listener), k)
			c.listener = none
			return
		}
	}
}

// dead less a socket's number stands in a queue for a connection that has ended, and
// left its socket.
const dead int32 = -2

// remove takes a connection out that has come to its end. A complete one leaves
// a gap that accept() reports.
func (q *queue) remove(i int32, cookie bool) {
	if k := slices.Index(q.ready, i); k >= 0 {
		q.ready[k] = none
		return
	}
	if !cookie {
		q.embryos--
	}
}

// Program is an application that is driven by what happens to its sockets
// instead of by calls that block. Happened is called when a socket may have
// become readable, writable or closed, or has a connection to be accepted; it
// may make calls that do not block.
type Program interface {
	Happened(p *Process, fd int)
}

// Drive lets a program hear of the sockets of the process.
func (p *Process) Drive(program Program) { p.program = program }

// touch notes that calls which wait on a socket may go on.
func (n *Network) touch(i int32) {
	if i == none {
		return
	}
	if s := n.sockets.at(i); !s.is(sockTouched) {
		s.flags |= sockTouched
		n.woken = append(n.woken, i)
	}
}

// wake lets the calls go on that wait on sockets to which something happened,
// and reports those that have returned. What they in turn bring about is seen to
// before it ends, in the order in which it came about.
func (n *Network) wake() {
	if n.waking {
		return
	}
	n.waking = true
	for woken, ended := 0, 0; woken < len(n.woken) || ended < len(n.ended); {
		if woken < len(n.woken) {
			n.wakeOne(n.sockets.at(n.woken[woken]))
			woken++
			continue
		}
		if c := n.ended[ended]; n.returned != nil {
			n.returned(c)
		}
		ended++
	}
	n.woken, n.ended = n.woken[:0], n.ended[:0]
	n.waking = false
}

func (n *Network) wakeOne(s *socket) {
	s.flags &^= sockTouched
	if len(s.has().waiters) > 0 {
		n.retry(s)
	}
	if s.owner != nil && s.owner.program != nil {
		s.owner.program.Happened(s.owner, int(s.fd))
	}
}

// retry carries on the calls that wait on a socket.
func (n *Network) retry(s *socket) {
	waiters := slices.Clone(s.has().waiters)
	if n.hosts[s.host].system.WakesLast && !s.is(sockListening) {
		slices.Reverse(waiters)
	}
	for _, c := range waiters {
		if !c.Done {
			n.try(c)
		}
	}
}

// signalled notes what the machine tells the user of a connection.
func (n *Network) signalled(h *Host, c *conn, a *fsm.Action) {
	if n.wants(Signalled) {
		n.record(Record{
			Kind: Signalled, Host: h.id, Conn: c.id, Rule: a.Rule, From: c.State, To: c.State, Result: a.Result,
		})
	}
	if h.system.AcceptsDead && c.listener != none && (a.Result == fsm.ResetError || a.Result == fsm.NoAnswer || a.Result == fsm.PeerDead) {
		n.sockets.at(c.listener).more.queue.keep(n, c)
	}
	s := n.socketOf(c)
	if s == nil {
		return
	}
	switch a.Result {
	case fsm.ClosingError:
		s.set(sockEOF, c.State != fsm.Closed)
	case fsm.ResetError:
		s.soError = ECONNRESET
		if a.From == fsm.CloseWait {
			s.soError = h.system.ResetInCloseWait
		}
		if h.system.ResetFlushes && c.inbox != none && n.inboxes[c.inbox].unread > 0 {
			n.inboxes[c.inbox].flush()
			s.set(sockEOF, false) // the end would hide that something is missing before it
		}
	case fsm.Refused:
		s.soError = ECONNREFUSED
		if h.system.RefusedInSynSent && a.From != fsm.SynSent {
			s.soError = ECONNRESET
		}
	case fsm.Unreachable:
		s.soError = Errno(a.N)
	case fsm.Advised:
		c.soft = Errno(a.N)
	case fsm.TimedOut:
		s.soError = ETIMEDOUT
	case fsm.NoAnswer:
		s.soError = ETIMEDOUT
		if a.From.Synchronized() {
			s.soError = h.system.DataGivenUp
		}
	case fsm.PeerDead:
		s.soError = h.system.KeepAliveDead
	case fsm.OK:
		s.set(sockFinAcked, true)
	case fsm.Urgent, fsm.Delivery, fsm.Queued, fsm.NotExist, fsm.Exists, fsm.Unspecified, fsm.Resources:
	}
	if c.soft != OK && (a.Result == fsm.TimedOut || a.Result == fsm.NoAnswer) { // why nobody answered
		s.soError = c.soft
	}
	n.touch(c.sock)
}

// tell gives the error of a connection to a call, for once, or for good where the system
// has it so.
func (n *Network) tell(s *socket) Errno {
	e := s.soError
	switch sys := &n.hosts[s.host].system; {
	case e == sys.KeepAliveDead && sys.KeepAliveThen != OK:
		s.soError = sys.KeepAliveThen
	case !sys.ErrorSticky:
		s.soError = OK
	}
	return e
}

// newSocket makes a socket of a host, with a connection in CLOSED behind it that
// takes its options.
func (n *Network) newSocket(h *Host, ipv6 bool) int32 {
	i, s := n.sockets.take()
	*s = socket{host: h.id, inbox: none, gen: s.gen}
	s.set(sockIPv6, ipv6)
	s.conn = none
	n.conn(i)
	return i
}

// conn gives the connection of a socket, a new one in CLOSED if it has none.
func (n *Network) conn(i int32) (int32, *conn) {
	s := n.sockets.at(i)
	if s.conn == none {
		s.conn = n.newConn(n.hosts[s.host], tuple{local: s.local})
		n.conns.at(s.conn).sock = i
		for _, o := range s.has().stated {
			n.step(s.conn, fsm.Set(o.param, o.value), nil)
		}
	}
	return s.conn, n.conns.at(s.conn)
}

// renew makes a socket forget its last connection, before the next.
func (n *Network) renew(s *socket) {
	s.set(sockTried|sockAsked|sockSpoiled|sockConnected|sockShutRd|sockShutWr|sockShut|sockEOF|sockFinAcked|sockErrorTold, false)
	s.soError = OK
	n.dropInbox(s)
}

// state is the state of a socket's connection: CLOSED if there is none.
func (n *Network) state(s *socket) fsm.State {
	if s.conn == none {
		return fsm.Closed
	}
	return n.conns.at(s.conn).State
}

// received gives what a socket has received and not read: by its connection, or
// by one that is over.
func (n *Network) received(s *socket) *inbox {
	at := s.inbox
	if at == none && s.conn != none {
		at = n.conns.at(s.conn).inbox
	}
	if at == none {
		return nil
	}
	return &n.inboxes[at]
}

// call makes a call of the machine on a socket's connection and gives its
// answer.
func (n *Network) call(i int32, ev fsm.Event) fsm.Action {
	k, _ := n.conn(i)
	n.step(k, ev, nil)
	return n.reply
}

// free ends a socket that no descriptor stands for any more. Its connection, if
// it is not over, goes on alone.
func (n *Network) free(i int32) {
	s := n.sockets.at(i)
	n.hosts[s.host].unbind(i, s)
	if s.conn != none {
		k, c := s.conn, n.conns.at(s.conn)
		c.sock, c.reuse = none, uint8(s.flags&(sockReuseAddr|sockReusePort))
		s.conn = none
		if c.State == fsm.Closed {
			n.release(k)
		}
	}
	n.dropInbox(s)
	n.shrink(s)
	s.owner = nil
	s.gen++
	n.sockets.give(i)
}
