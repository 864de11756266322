package sim

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/tcpsim/tcpsim/fsm"
)

// random makes one call of one process, whatever comes to its mind.
func (w *world) random() {
	t := w.t
	p := w.procs[rapid.IntRange(0, len(w.procs)-1).Draw(t, "process")]
	fds := p.descriptors()
	op := rapid.IntRange(0, 23).Draw(t, "call")
	if len(fds) == 0 && op < 21 {
		op = 21
	}
	var fd int
	if op < 21 {
		fd = fds[rapid.IntRange(0, len(fds)-1).Draw(t, "descriptor")]
	}
	switch op {
	case 0, 1, 2, 3, 4:
		w.send(p, fd, rapid.IntRange(1, 6000).Draw(t, "octets"), w.sendFlags())
	case 5, 6, 7, 8, 9:
		w.recv(p, fd, rapid.IntRange(1, 6000).Draw(t, "octets"), w.recvFlags())
	case 10, 11:
		w.shutdown(p, fd, How(rapid.IntRange(0, 2).Draw(t, "how")))
	case 12, 13, 14:
		w.close(p, fd)
	case 15, 16:
		w.setsockopt(p, fd)
	case 17:
		w.dup(p, fd)
	case 18:
		w.call(p, nil, &Call{Op: OpPoll, Timeout: time.Duration(rapid.IntRange(0, 500).Draw(t, "ms")) * time.Millisecond,
			Poll: []PollFD{{FD: fd, Events: PollIn | PollOut}}})
	case 19, 20:
		w.accept(p, fd)
	case 21:
		w.listenOrConnect(p)
	case 22:
		if len(w.procs) < 6 && rapid.IntRange(0, 3).Draw(t, "fork") == 0 {
			w.fork(p)
		} else {
			w.listenOrConnect(p)
		}
	case 23:
		if rapid.IntRange(0, 5).Draw(t, "exit") == 0 {
			w.exit(p)
		} else {
			w.listenOrConnect(p)
		}
	}
	w.check()
}

func (w *world) sendFlags() MsgFlags {
	return rapid.SampledFrom([]MsgFlags{0, MsgDontWait, MsgDontWait, MsgMore, MsgOOB | MsgDontWait, MsgNoSignal}).Draw(w.t, "flags")
}

func (w *world) recvFlags() MsgFlags {
	return rapid.SampledFrom([]MsgFlags{
		0, MsgDontWait, MsgDontWait, MsgWaitAll, MsgWaitAll | MsgDontWait, MsgPeek | MsgDontWait,
	}).Draw(w.t, "flags")
}

// send gives octets of the stream. One that still waits keeps others away: the
// model would not know which of them is first.
func (w *world) send(p *program, fd, n int, flags MsgFlags) {
	s := p.fds[fd]
	if s.sending != nil {
		return
	}
	c := &Call{Op: OpSend, FD: fd, N: n, Flags: flags}
	if s.tcb != nil && saidBy(s.tcb.iss) {
		for off := range n {
			c.Data = append(c.Data, octet(s.tcb.iss, s.tcb.wrote+off))
		}
	}
	mc := &modelCall{c, p, s}
	s.sending = mc
	w.open = append(w.open, mc)
	p.Call(c)
	if c.Done && slices.Contains(w.open, mc) {
		w.done(mc)
	}
}

func (w *world) recv(p *program, fd, n int, flags MsgFlags) {
	s := p.fds[fd]
	if s.receiving != nil {
		return
	}
	mc := &modelCall{&Call{Op: OpRecv, FD: fd, N: n, Flags: flags}, p, s}
	s.receiving = mc
	w.open = append(w.open, mc)
	p.Call(mc.Call)
	if mc.Done && slices.Contains(w.open, mc) {
		w.done(mc)
	}
}

func (w *world) shutdown(p *program, fd int, how How) {
	s := p.fds[fd]
	before := *s
	s.shutRd = s.shutRd || how != ShutWr // calls that wait find it so before this one returns
	s.shutWr = s.shutWr || how != ShutRd
	switch mc := w.call(p, s, &Call{Op: OpShutdown, FD: fd, How: how}); {
	case mc.Err != OK:
		s.shutRd, s.shutWr = before.shutRd, before.shutWr
	case s.listening && how != ShutWr:
		s.listening = false
	}
}

// states tells the state of every connection but one and embryos.
func (w *world) states(but *conn) map[ConnID]fsm.State {
	all := map[ConnID]fsm.State{}
	for i := range w.n.conns.count {
		if c := w.n.conns.at(i); c.live && c != but && c.State != fsm.SynReceived {
			all[c.id] = c.State
		}
	}
	return all
}

func subset(of, all map[ConnID]fsm.State) bool {
	for id, s := range of {
		if all[id] != s {
			return false
		}
	}
	return true
}

func (w *world) setsockopt(p *program, fd int) {
	t, s := w.t, p.fds[fd]
	c := &Call{Op: OpSetsockopt, FD: fd, Value: 1}
	switch rapid.IntRange(0, 8).Draw(t, "option") {
	case 0, 1, 2:
		c.Option = SoLinger
		c.Linger = Linger{rapid.IntRange(0, 2).Draw(t, "onoff") > 0, uint16(rapid.IntRange(0, 3).Draw(t, "linger"))}
	case 3:
		c.Op, c.Nonblock = OpSetFlags, rapid.Bool().Draw(t, "O_NONBLOCK")
	case 4:
		c.Option, c.Value = TCPNoDelay, rapid.IntRange(0, 1).Draw(t, "on")
	case 5:
		c.Option, c.Value = w.cork(), rapid.IntRange(0, 1).Draw(t, "on")
	case 6:
		c.Option, c.Value = SoRcvTimeo, rapid.IntRange(0, 2000).Draw(t, "ms")
	case 7:
		c.Option, c.Value = SoRcvBuf, rapid.IntRange(500, 9000).Draw(t, "octets")
	case 8:
		c.Option = SoReuseAddr
	}
	before := w.states(nil)
	w.call(p, s, c)
	if c.Op == OpSetsockopt && c.Option == SoReuseAddr && !maps.Equal(before, w.states(nil)) {
		w.breakf("SO_REUSEADDR changes a connection")
	}
	if c.Option == SoLinger && c.Op == OpSetsockopt {
		s.linger = c.Linger
	}
	if c.Op == OpSetFlags {
		s.nonblock = c.Nonblock
	}
}

// cork is the option that holds small segments back.
func (w *world) cork() Option {
	if w.sys.Lacks.Has(TCPCork) {
		return TCPNoPush
	}
	return TCPCork
}

func (w *world) dup(p *program, fd int) {
	if mc := w.call(p, nil, &Call{Op: OpDup, FD: fd}); mc.Err == OK {
		w.holds(p, mc.Result, p.fds[fd])
	}
}

func (w *world) accept(p *program, fd int) {
	if s := p.fds[fd]; s.listening {
		w.call(p, s, &Call{Op: OpAccept, FD: fd, Flags: MsgDontWait * MsgFlags(rapid.IntRange(0, 1).Draw(w.t, "now"))})
	}
}

// socket makes a socket; nil if there is no descriptor for it.
func (w *world) socket(p *program) (int, *modelSocket) {
	mc := w.call(p, nil, &Call{Op: OpSocket})
	if mc.Err != OK {
		return -1, nil
	}
	s := &modelSocket{host: p.host}
	w.socks = append(w.socks, s)
	w.holds(p, mc.Result, s)
	return mc.Result, s
}

// listenOrConnect makes a socket, and lets it listen or connect. Ports are few, so
// that tuples come again.
func (w *world) listenOrConnect(p *program) {
	t := w.t
	fd, s := w.socket(p)
	if s == nil {
		return
	}
	// Each incarnation has an ISS of its own, by which the model knows it: the
	// clock behind it counts every 4 microseconds.
	w.pass(4 * time.Microsecond)
	port := uint16(rapid.IntRange(80, 81).Draw(t, "port"))
	before := w.states(nil)
	if rapid.IntRange(0, 3).Draw(t, "bind") > 0 {
		share := rapid.SampledFrom([]Option{SoReuseAddr, SoReuseAddr, SoReusePort, SoExclusiveAddrUse}).Draw(t, "share")
		w.call(p, s, &Call{Op: OpSetsockopt, FD: fd, Option: share, Value: 1})
		w.call(p, s, &Call{Op: OpBind, FD: fd, Addr: Endpoint{Port: port}})
		if now := w.states(w.connOf(p, fd)); !subset(before, now) {
			w.breakf("bind() changes a connection: %v, %v", before, now)
		}
		if rapid.IntRange(0, 2).Draw(t, "listen") > 0 {
			l := w.call(p, s, &Call{Op: OpListen, FD: fd, Backlog: rapid.IntRange(0, 3).Draw(t, "backlog")})
			s.listening = l.Err == OK
			return
		}
	}
	if rapid.Bool().Draw(t, "O_NONBLOCK") {
		s.nonblock = true
		w.call(p, s, &Call{Op: OpSetFlags, FD: fd, Nonblock: true})
	}
	to := Endpoint{w.n.hosts[1-p.host].addrs[0], uint16(rapid.IntRange(80, 81).Draw(t, "remote port"))}
	if rapid.IntRange(0, 9).Draw(t, "to itself") == 0 {
		to.Addr = w.n.hosts[p.host].addrs[0]
	}
	w.connect(p, fd, to)
}

func (w *world) connect(p *program, fd int, to Endpoint) {
	s := p.fds[fd]
	mc := &modelCall{&Call{Op: OpConnect, FD: fd, Addr: to}, p, s}
	w.open = append(w.open, mc)
	p.Call(mc.Call)
	if c := w.connOf(p, fd); c != nil && c.State != fsm.Closed {
		s.tcb = w.tcb(c.id, c.host)
		s.tcb.sock = s
	}
	if mc.Done && slices.Contains(w.open, mc) {
		w.done(mc)
	}
}

// converse opens connections from the client to the server and accepts them, so
// that there is something to talk about.
func (w *world) converse(connections int) {
	client, server := w.procs[0], w.procs[1]
	if connections == 0 {
		return
	}
	lfd, l := w.socket(server)
	w.call(server, l, &Call{Op: OpBind, FD: lfd, Addr: Endpoint{Port: 80}})
	l.listening = w.call(server, l, &Call{Op: OpListen, FD: lfd, Backlog: 2}).Err == OK
	for range connections {
		w.pass(4 * time.Microsecond)
		fd, _ := w.socket(client)
		w.connect(client, fd, Endpoint{server.Process.host.addrs[0], 80})
		w.pass(time.Second)
		w.accept(server, lfd)
	}
	w.check()
}

func (w *world) fork(p *program) {
	p.named++
	child := &program{Process: p.Fork(fmt.Sprintf("%s child %d of %d", p.Name, p.named, len(w.procs))), host: p.host, fds: map[int]*modelSocket{}}
	for _, fd := range p.descriptors() {
		child.fds[fd] = p.fds[fd]
		p.fds[fd].refs++
	}
	w.procs = append(w.procs, child)
}

// exit ends a process; the first of a host is followed by another.
func (w *world) exit(p *program) {
	for _, fd := range p.descriptors() {
		p.lets(fd)
	}
	p.Exit()
	if p.Name == "" {
		p.Process = w.n.hosts[p.host].Process("")
	} else {
		w.procs = slices.DeleteFunc(w.procs, func(o *program) bool { return o == p })
	}
	w.forgetNever()
}

// forgetNever takes the calls that will never return off the list.
func (w *world) forgetNever() {
	for _, mc := range slices.Clone(w.open) {
		if mc.Never {
			w.done(mc)
		}
	}
}

// lingerTime is how long close() may take.
func (mc *modelCall) lingerTime() time.Duration {
	if !mc.sock.linger.On {
		return 0
	}
	return time.Duration(mc.sock.linger.Seconds) * mc.net.hosts[mc.sock.host].system.LingerUnit
}
