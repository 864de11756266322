package crowd

import (
	"slices"

	"github.com/tcpsim/tcpsim/sim"
)

// client is the program of the clients.
type client struct {
	party
	pool     []int32 // descriptors that are kept, the last used last
	idles    agenda  // when those are closed
	timeouts agenda  // when visits are given up
}

// arrive begins the visit of a client.
func (c *client) arrive(number int32) {
	if k := len(c.pool) - 1; k >= 0 {
		fd := int(c.pool[k])
		c.pool = c.pool[:k]
		c.end(fd).gen++
		c.ask(fd, number)
		c.expect(fd)
		c.happened(fd)
		return
	}
	fd, err := c.do(sim.Call{Op: sim.OpSocket, Nonblock: true})
	if err != sim.OK {
		c.fail("socket", err, number)
		return
	}
	c.begin(fd, connecting).client = number
	c.options(fd)
	_, err = c.do(sim.Call{Op: sim.OpConnect, FD: fd, Addr: c.w.remote(number)})
	if err != sim.OK && err != sim.EINPROGRESS {
		c.fail("connect", err, number)
		c.close(fd)
		return
	}
	c.expect(fd)
}

// expect limits the time of a visit.
func (c *client) expect(fd int) {
	c.timeouts.add(due{c.w.net.Now().Add(c.w.spec.Timeout), int32(fd), c.end(fd).gen})
}

// ask begins a request on a connection.
func (c *client) ask(fd int, number int32) {
	e := c.end(fd)
	e.phase, e.client = asking, number
	e.toSend, e.toRead = uint32(c.w.spec.Request), uint32(c.w.spec.Reply)
}

// happened goes on with a descriptor as far as it goes.
func (c *client) happened(fd int) {
	e := c.end(fd)
	if e.phase == connecting {
		done, failed := c.established(fd)
		switch {
		case failed:
			c.refused(fd)
			return
		case !done:
			return
		}
		c.ask(fd, e.client)
	}
	switch e.phase {
	case free, lapsed:
		return
	case closing:
		c.close(fd)
		return
	default:
	}
	f := c.pump(fd)
	if e.phase == asking {
		switch {
		case e.toSend == 0 && e.toRead == 0:
			c.answered(fd)
		case f.over && f.err == sim.OK:
			c.w.fail(Client, "read", sim.OK, eof, e.client)
		case f.over:
			c.fail("read", f.err, e.client)
		}
	}
	if f.over && e.phase != free {
		c.unpool(fd)
		c.gone(fd)
	}
}

// refused ends a visit whose handshake came to nothing.
func (c *client) refused(fd int) {
	c.expectOK(sim.Call{Op: sim.OpGetsockopt, FD: fd, Option: sim.SoError})
	c.fail("connect", sim.Errno(c.w.call.Value), c.end(fd).client)
	c.close(fd)
}

// answered ends a visit: the connection is kept, closed, or left to the server
// to be closed.
func (c *client) answered(fd int) {
	s := c.w.spec
	c.w.result.Answered++
	e := c.end(fd)
	e.gen++
	switch {
	case len(c.pool) < s.Pool:
		e.phase = idle
		c.pool = append(c.pool, int32(fd))
		if s.First == Client {
			c.idles.add(due{c.w.net.Now().Add(s.Idle), int32(fd), e.gen})
		}
	case s.First == Client || s.Pool > 0:
		c.close(fd)
	default:
		e.phase = waiting
	}
}

func (c *client) unpool(fd int) {
	if k := slices.Index(c.pool, int32(fd)); k >= 0 {
		c.pool = slices.Delete(c.pool, k, k+1)
	}
}

// timeout gives a visit up that has lasted too long.
func (c *client) timeout(d due) {
	if !c.current(d) {
		return
	}
	e := c.end(int(d.fd))
	call := "read"
	if e.phase == connecting {
		call = "connect"
	}
	c.w.fail(Client, call, sim.OK, timeout, e.client)
	c.close(int(d.fd))
}

// expire closes a connection that nobody has used for too long.
func (c *client) expire(d due) {
	if c.current(d) {
		c.unpool(int(d.fd))
		c.close(int(d.fd))
	}
}
