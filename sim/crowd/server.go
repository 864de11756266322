package crowd

import (
	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// server is the program of the server.
type server struct {
	party
	listener int      // 0: it does not listen
	starved  bool     // accept found no descriptor
	serves   agenda   // when replies are ready
	idles    agenda   // when idle connections are closed
	retryAt  fsm.Time // when it tries again to bind, or Never
}

// port is where the server listens.
const port = 80

// listen makes the listening socket.
func (v *server) listen() {
	v.retryAt = fsm.Never
	fd, err := v.do(sim.Call{Op: sim.OpSocket})
	call := "socket"
	if err == sim.OK {
		v.begin(fd, listening)
		v.options(fd)
		call = "bind"
		_, err = v.do(sim.Call{Op: sim.OpBind, FD: fd, Addr: sim.Endpoint{Port: port}})
		if err == sim.OK {
			call = "listen"
			_, err = v.do(sim.Call{Op: sim.OpListen, FD: fd, Backlog: v.w.spec.Backlog})
		}
		if err != sim.OK {
			v.close(fd)
		}
	}
	if err != sim.OK {
		v.fail(call, err, 0)
		v.retryAt = v.w.net.Now().Add(v.w.spec.Retry)
		return
	}
	v.listener = fd
}

// restart ends the process and starts it again.
func (v *server) restart() {
	v.w.result.Restarted, v.w.result.Back = v.w.net.Now(), fsm.Never
	v.proc.Exit()
	v.listener, v.starved = 0, false
	v.serves.clear()
	v.idles.clear()
	v.start(v.host)
	v.tryListen()
}

// tryListen listens, and notes when a server that was restarted is back.
func (v *server) tryListen() {
	v.listen()
	if v.listener != 0 {
		v.w.result.Back = v.w.net.Now()
	}
}

// accept takes what waits in the queue.
func (v *server) accept() {
	v.starved = false
	for v.listener != 0 {
		fd, err := v.do(sim.Call{Op: sim.OpAccept, FD: v.listener, Flags: sim.MsgDontWait})
		switch {
		case err.Same(sim.EAGAIN):
			return
		case err == sim.EMFILE:
			v.starved = true
			v.fail("accept", err, 0)
			return
		case err != sim.OK:
			v.fail("accept", err, 0)
		default:
			v.begin(fd, reading).toRead = uint32(v.w.spec.Request)
			v.happened(fd)
		}
	}
}

// happened goes on with a descriptor as far as it goes.
func (v *server) happened(fd int) {
	e := v.end(fd)
	switch e.phase {
	case listening:
		v.accept()
		return
	case free, lapsed:
		return
	case closing:
		v.close(fd)
		v.relieved(fd)
		return
	default:
	}
	f := v.pump(fd)
	if e.phase == reading && e.toRead == 0 {
		e.gen++ // it is not idle any more
		e.phase = serving
		if v.w.spec.Serve > 0 && !f.over {
			v.serves.add(due{v.w.net.Now().Add(v.w.spec.Serve), int32(fd), e.gen})
		} else {
			v.reply(fd)
		}
	}
	if e.phase == replying {
		f = v.pump(fd)
		if e.toSend == 0 {
			v.replied(fd)
		}
	}
	if f.over && e.phase != free {
		v.over(fd)
	}
}

func (v *server) reply(fd int) {
	e := v.end(fd)
	e.phase, e.toSend = replying, uint32(v.w.spec.Reply)
}

// served is when a reply is ready.
func (v *server) served(d due) {
	if v.current(d) {
		v.reply(int(d.fd))
		v.happened(int(d.fd))
	}
}

// replied ends a visit at the server.
func (v *server) replied(fd int) {
	s := v.w.spec
	e := v.end(fd)
	e.gen++
	e.phase = waiting
	if s.Pool > 0 {
		e.phase, e.toRead = reading, uint32(s.Request)
	}
	if s.First != Server {
		return
	}
	if s.Pool == 0 {
		v.over(fd)
		return
	}
	v.idles.add(due{v.w.net.Now().Add(s.Idle), int32(fd), e.gen})
}

// over ends a connection that the server is done with, or whose client is gone.
func (v *server) over(fd int) {
	v.gone(fd)
	v.relieved(fd)
}

// relieved accepts again if a descriptor has become free.
func (v *server) relieved(fd int) {
	if v.starved && v.end(fd).phase == free {
		v.starved = false
		v.w.todo = append(v.w.todo, happening{&v.party, v.listener})
	}
}

// expire closes a connection that no client has used for too long.
func (v *server) expire(d due) {
	if v.current(d) {
		v.close(int(d.fd))
		v.relieved(int(d.fd))
	}
}
