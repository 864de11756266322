package sim

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Op names a system call.
type Op uint8

// The system calls.
const (
	OpSocket Op = iota
	OpBind
	OpListen
	OpAccept
	OpConnect
	OpSend
	OpRecv
	OpShutdown
	OpClose
	OpSetsockopt
	OpGetsockopt
	OpGetFlags // fcntl(F_GETFL)
	OpSetFlags // fcntl(F_SETFL)
	OpUnread   // ioctl(SIOCINQ)
	OpUnsent   // ioctl(SIOCOUTQ)
	OpPoll
	OpDup
)

var opNames = [...]string{
	"socket", "bind", "listen", "accept", "connect", "send", "recv", "shutdown", "close", "setsockopt",
	"getsockopt", "fcntl", "fcntl", "ioctl", "ioctl", "poll", "dup",
}

func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("Op(%d)", uint8(o))
}

// MsgFlags are the flags of send and recv.
type MsgFlags uint8

// The flags.
const (
	MsgDontWait MsgFlags = 1 << iota
	MsgPeek
	MsgWaitAll
	MsgMore
	MsgNoSignal
	MsgOOB
	MsgTrunc // recv: throw the octets away
)

// How is the second argument of shutdown.
type How uint8

// The ways to shut a connection down.
const (
	ShutRd How = iota
	ShutWr
	ShutRdWr
)

// Linger is the value of SO_LINGER.
type Linger struct {
	On      bool
	Seconds uint16
}

// PollFD is one entry of poll.
type PollFD struct {
	FD      int
	Events  PollEvents
	Revents PollEvents // filled in
}

// PollEvents is a set of poll's events.
type PollEvents uint16

// The events, with Linux's numbers.
const (
	PollIn    PollEvents = 0x0001
	PollPri   PollEvents = 0x0002
	PollOut   PollEvents = 0x0004
	PollErr   PollEvents = 0x0008
	PollHup   PollEvents = 0x0010
	PollNval  PollEvents = 0x0020
	PollRdHup PollEvents = 0x2000
)

// Call is a system call: what was asked, and what came of it.
type Call struct {
	Proc *Process
	Op   Op
	FD   int
	Text string // the call as its caller wrote it, for ladders; may be empty

	IPv6     bool          // socket
	Addr     Endpoint      // bind, connect
	Unspec   bool          // connect: AF_UNSPEC, which ends the connection
	Backlog  int           // listen
	N        int           // send, recv: octets
	Data     []byte        // send: what they are; nil: the pattern
	Flags    MsgFlags      // send, recv
	How      How           // shutdown
	Option   Option        // setsockopt, getsockopt
	Value    int           // setsockopt; and getsockopt's answer
	Linger   Linger        // setsockopt, getsockopt
	Nonblock bool          // fcntl: O_NONBLOCK
	Poll     []PollFD      // poll
	Timeout  time.Duration // poll: negative for none

	Started fsm.Time
	Ended   fsm.Time
	Done    bool
	Never   bool     // it will never return: its process is gone
	Result  int      // -1 for a failure
	Err     Errno    // why it failed
	SigPipe bool     // it raised SIGPIPE
	Answer  string   // of a call that is no system call: see UserCall
	Got     []byte   // recv: the octets
	Peer    Endpoint // accept

	net   *Network
	sock  int32
	sent  int // send, recv with MSG_WAITALL: octets so far
	begun bool
	again bool    // connect: another one has begun it
	waits bool    // it did not return at once
	on    []int32 // the sockets that it waits on
	place int     // where it stands in Process.waiting, while it waits
	kept  int     // accept: the descriptor that it has chosen before it waited; 0: none
	timed int     // where it stands in Network.calls, and one; 0: it has no time limit
}

// ErrName is why the call failed, in the words of its system.
func (c *Call) ErrName() string { return c.Proc.host.system.ErrnoName(c.Err) }

func (c *Call) succeed(result int) { c.finish(result, OK) }

func (c *Call) fail(e Errno) { c.finish(-1, e) }

func (c *Call) finish(result int, e Errno) {
	c.Result, c.Err, c.Done, c.Ended = result, e, true, c.net.now
	if c.waits {
		c.net.ended = append(c.net.ended, c)
	}
	c.leave()
	if c.net.wants(Returned) {
		c.net.record(Record{Kind: Returned, Host: c.Proc.host.id, Call: c})
	}
}

// Blocked reports whether the call took, or takes, its time.
func (c *Call) Blocked() bool { return !c.Done || c.Ended > c.Started }

// Call makes a system call. It may be done when Call returns; else it blocks,
// and the function given to OnReturn is called when it is done.
func (p *Process) Call(c *Call) *Call {
	n := p.host.net
	n.turn++
	c.Proc, c.net, c.Started, c.sock = p, n, n.now, none
	c.Done, c.Never, c.sent, c.begun, c.again, c.waits = false, false, 0, false, false, false
	c.Result, c.Err, c.SigPipe, c.Got = 0, OK, false, c.Got[:0]
	if n.wants(Called) {
		n.record(Record{Kind: Called, Host: p.host.id, Call: c})
	}
	if p.gone {
		c.abandon()
		return c
	}
	if c.Op != OpSocket && c.Op != OpPoll {
		if c.sock = p.socket(c.FD); c.sock == none {
			c.fail(EBADF)
			n.wake()
			return c
		}
	}
	n.try(c)
	if !c.Done {
		n.wait(c)
	}
	n.wake()
	return c
}

// UserCall tells the log of a call of the RFC's user interface, and gives a
// function that tells of its answer.
func (p *Process) UserCall(text string) func(answer string) {
	n := p.host.net
	n.turn++
	c := &Call{Proc: p, net: n, Text: text, Started: n.now}
	if n.wants(Called) {
		n.record(Record{Kind: Called, Host: p.host.id, Call: c})
	}
	return func(answer string) {
		c.Answer, c.Done, c.Ended = answer, true, n.now
		if n.wants(Returned) {
			n.record(Record{Kind: Returned, Host: p.host.id, Call: c})
		}
	}
}

// OnReturn makes f hear of every call that returns.
func (n *Network) OnReturn(f func(*Call)) { n.returned = f }

// try carries a call on as far as it goes now.
func (n *Network) try(c *Call) {
	h := c.Proc.host
	var s *socket
	if c.sock != none {
		s = n.sockets.at(c.sock)
	}
	switch c.Op {
	case OpSocket:
		i := n.newSocket(h, c.IPv6)
		n.sockets.at(i).set(sockNonblock, c.Nonblock)
		fd, e := c.Proc.install(i)
		if e != OK {
			n.free(i)
		}
		c.finish(fd, e)
	case OpBind:
		c.simple(h.bind(c.sock, c.Addr))
	case OpListen:
		c.simple(h.listen(c.sock, c.Backlog))
	case OpAccept:
		n.accept(c, s)
	case OpConnect:
		n.connect(c, s)
	case OpSend:
		n.sendTo(c, s)
	case OpRecv:
		n.recv(c, s)
	case OpShutdown:
		n.shutdown(c, s)
	case OpClose:
		n.close(c, s)
	case OpSetsockopt:
		c.simple(n.setOption(c, s))
	case OpGetsockopt:
		c.simple(n.getOption(c, s))
	case OpGetFlags:
		c.Nonblock = s.is(sockNonblock)
		c.succeed(0)
	case OpSetFlags:
		s.set(sockNonblock, c.Nonblock)
		c.succeed(0)
	case OpUnread, OpUnsent:
		if e := h.system.QueuesOfListener; e != OK && s.is(sockListening) {
			c.fail(e)
			return
		}
		n.queues(c, s)
	case OpPoll:
		n.poll(c)
	case OpDup:
		c.finish(c.Proc.install(c.sock))
	}
}

// queues is ioctl(SIOCINQ) and ioctl(SIOCOUTQ): what can be read, and what is not
// acknowledged.
func (n *Network) queues(c *Call, s *socket) {
	if b := n.received(s); b != nil && c.Op == OpUnread {
		c.Value = int(b.unread)
	}
	if c.Op == OpUnsent && s.conn != none {
		cn := n.conns.at(s.conn)
		c.Value = int(cn.Pending()) + number(cn.FinQueued() && !cn.FinAcked())
	}
	c.succeed(0)
}

// simple ends a call that succeeds with 0 or fails.
func (c *Call) simple(e Errno) {
	if e == OK {
		c.succeed(0)
	} else {
		c.fail(e)
	}
}
