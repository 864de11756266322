package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tcpsim/tcpsim/fsm"
)

// Two hosts whose processes call what they like, over links that lose, repeat,
// delay and reorder: after every event the invariants hold. Then the network
// heals, every process reads what there is and closes: every octet has come, and
// nothing remains but what may remain.
func TestSockets(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.random()
			w.pass(w.drawTime())
			if rapid.IntRange(0, 30).Draw(t, "link") == 0 {
				w.n.Down(rapid.IntRange(0, 1).Draw(t, "down") == 0)
			}
		}
		w.finish()
	})
}

// drawTime gives the time between two calls: mostly none or little.
func (w *world) drawTime() time.Duration {
	switch rapid.IntRange(0, 9).Draw(w.t, "pause") {
	case 0, 1, 2:
		return 0
	case 3, 4, 5, 6, 7:
		return time.Duration(rapid.IntRange(1, 100).Draw(w.t, "ms")) * time.Millisecond
	case 8:
		return time.Duration(rapid.IntRange(100, 5000).Draw(w.t, "ms")) * time.Millisecond
	}
	return time.Duration(rapid.IntRange(1, 300).Draw(w.t, "s")) * time.Second
}

// finish heals the network, lets everybody read and close, and checks the end.
func (w *world) finish() {
	w.n.Down(false)
	w.n.link = Link{Delay: testDelay}
	w.late = true
	for range 70 { // longer than the user timeout
		w.endSending()
		if w.drain() {
			break
		}
		w.pass(5 * time.Second)
	}
	w.checkGraceful()
	w.checkErrors()
	closing := w.n.Now()
	for _, p := range w.procs {
		for _, fd := range p.descriptors() {
			w.call(p, p.fds[fd], &Call{Op: OpSetFlags, FD: fd}) // close() that would linger is not refused
			p.fds[fd].nonblock = false
			w.close(p, fd)
			w.check()
		}
	}
	for _, p := range slices.Clone(w.procs) {
		if len(p.fds) > 0 { // a call waits, for a peer that is gone, and keeps its socket open
			w.exit(p)
		}
	}
	w.pass(65536 * time.Second)
	if err := w.n.Run(fsm.Never, 10_000); err != nil && !slices.ContainsFunc(inUse(&w.n.conns), w.probes) {
		w.breakf("%v", err)
	}
	w.checkEnd(closing)
}

// endSending closes the listeners, and shuts the direction of sending of every
// socket that is connected by now.
func (w *world) endSending() {
	for _, p := range w.procs {
		for _, fd := range p.descriptors() {
			s := p.fds[fd]
			switch {
			case s.listening:
				if w.held(s) { // by an accept() that waits
					w.shutdown(p, fd, ShutRd)
				}
				w.close(p, fd)
			case !s.shutWr:
				w.call(p, s, &Call{Op: OpSetsockopt, FD: fd, Option: w.cork()})
				w.shutdown(p, fd, ShutWr)
			}
			w.check()
		}
	}
}

// drain reads all that there is, and reports whether every stream has come to its
// end.
func (w *world) drain() (over bool) {
	over = true
	for _, p := range w.procs {
		for _, fd := range p.descriptors() {
			s := p.fds[fd]
			if s.tcb == nil {
				continue
			}
			for sock := w.n.sockets.at(p.socket(fd)); s.receiving == nil && w.n.readiness(sock)&PollIn != 0 && !s.over; {
				before := s.tcb.read
				w.recv(p, fd, 10_000, MsgDontWait)
				if s.tcb.read > before {
					continue
				}
				// After SHUT_RD recv() finds an end that is not the peer's.
				if s.over = !s.shutRd || sock.is(sockEOF) || w.n.state(sock) == fsm.Closed; !s.over {
					break
				}
			}
			over = over && s.over
		}
	}
	w.check()
	return over
}

// checkGraceful checks that where nothing was reset and nobody gave
// up, every octet that was taken has been read, in both directions.
func (w *world) checkGraceful() {
	for _, s := range w.socks {
		if s.refs == 0 || s.tcb == nil {
			continue
		}
		c, o := s.tcb, w.peer(s.tcb)
		if o == nil || o.sock == nil || o.sock.refs == 0 || c.reset || o.reset || s.receiving != nil {
			continue
		}
		thrown := s.shutRd && (w.sys.ShutDiscards || w.sys.ShutIsError)
		if c.read != o.written() && !thrown || !s.eof && !s.shutRd {
			w.breakf("connection %d has read %d of %d octets, end found: %v", c.id, c.read, o.written(), s.eof)
		}
	}
	w.check()
}

// checkErrors checks that whoever has a descriptor of a connection that ended
// badly is told, if not by a call then by SO_ERROR, and once.
func (w *world) checkErrors() {
	for _, p := range w.procs {
		for _, fd := range p.descriptors() {
			s := p.fds[fd]
			if s.tcb == nil {
				continue
			}
			for range 2 {
				want := s.tcb.failed
				if s.told > 0 && !w.sys.ErrorSticky || s.forgot {
					want = OK
				}
				c := &Call{Op: OpGetsockopt, FD: fd, Option: SoError}
				w.call(p, s, c)
				if Errno(c.Value) != want {
					w.breakf("SO_ERROR of connection %d is %v, want %v", s.tcb.id, Errno(c.Value), want)
				}
				if c.Value != 0 {
					s.told++
					s.forgot = w.sys.ErrorSticky // SO_ERROR clears what it shows, whatever calls repeat
				}
			}
		}
	}
	w.check()
}

// probes reports whether one of the two ends of a connection probes the window of
// the other for ever: an orphan that keeps what nobody will read, as RFC 793 has
// it (see System.HalfDuplexClose), never opens it.
func (w *world) probes(i int32) bool {
	c := w.n.conns.at(i)
	k := w.n.demux.get(tuple{c.at.remote, c.at.local})
	if k == none {
		return false
	}
	never := func(c, o *conn) bool {
		return c.sock == none && c.RcvWnd == 0 && c.Unread > 0 && slices.Contains(o.Timers(), "persist")
	}
	o := w.n.conns.at(k)
	return never(c, o) || never(o, c)
}

// checkEnd checks that nothing is left but the FIN-WAIT-2 of ends whose
// peer is gone, which no RFC limits. And the simulator has forgotten the rest.
func (w *world) checkEnd(closing fsm.Time) {
	probing := false
	for _, i := range inUse(&w.n.conns) {
		c := w.n.conns.at(i)
		switch o := w.peer(w.tcb(c.id, c.host)); {
		case w.probes(i):
			probing = true
		case c.State != fsm.FinWait2 || w.sys.TCP.FinWait2 > 0:
			w.breakf("connection %d stays in %v", c.id, c.State)
		case o != nil && !o.over:
			w.breakf("connection %d stays in %v, and its peer lives", c.id, c.State)
		}
	}
	if len(w.open) > 0 {
		w.breakf("%v has never returned", w.open[0].Op)
	}
	w.check()
	limit := closing.Add(time.Hour)
	for _, r := range w.ladder.rungs {
		if r.at > limit && !probing {
			w.breakf("something still happens at %v s, and all was closed at %v s", r.at, closing)
		}
	}
	for _, h := range w.n.hosts {
		h.Crash()
	}
	if err := w.n.Run(fsm.Never, 1000); err != nil {
		w.breakf("%v", err)
	}
	if err := empty(w.n); err != nil {
		w.breakf("%v", err)
	}
	w.check()
	require.Empty(w.t, w.broken)
}
