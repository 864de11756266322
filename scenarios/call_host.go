package scenarios

import (
	"fmt"
	"maps"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// tcpState asks for the state of the connection behind a descriptor.
func (r *runner) tcpState(st *step, c *script.Call) {
	p := r.process(st)
	fd, ok := r.descriptor(c.Args[0])
	if !ok {
		return
	}
	got, known := p.State(fd)
	if !known {
		r.failf(st.At, "%sexpected %s, got a descriptor that was never used", prefix(st), c)
		return
	}
	switch w := c.Result.(type) {
	case script.Any:
	case script.Sym:
		want, err := fsm.ParseState(w.Name)
		if err != nil {
			r.errorf(w.Pos, "%v", err)
		} else if want != got {
			r.failf(st.At, "%sexpected %s, got %s", prefix(st), c, scriptState(got))
		}
	default:
		r.errorf(c.Pos, "tcp_state: want a state, got %s", c.Result)
	}
}

// tcpStates counts the host's connections by state.
func (r *runner) tcpStates(st *step, c *script.Call) {
	p := r.process(st)
	got := p.Host().States()
	switch w := c.Result.(type) {
	case script.Any:
	case script.Struct:
		if want, ok := r.states(w); ok && !maps.Equal(want, got) {
			r.failf(st.At, "%sexpected %s, got %s", prefix(st), formatStates(want), formatStates(got))
		}
	default:
		r.errorf(c.Pos, "tcp_states: want {STATE count, ...}, got %s", c.Result)
	}
}

// fork starts a child process that shares all descriptors.
func (r *runner) fork(st *step, c *script.Call) {
	p := r.process(st)
	name, ok := c.Result.(script.Sym)
	switch {
	case !ok:
		r.errorf(c.Pos, "fork: want the name of the child, as in fork() = worker")
	case p.Host().Process(name.Name) != nil:
		r.errorf(name.Pos, "fork: there is a process %q already", name.Name)
	default:
		r.note(st, c)
		p.Fork(name.Name)
	}
}

// exit ends a process, by itself or by SIGKILL: its descriptors are closed.
func (r *runner) exit(st *step, c *script.Call) {
	r.note(st, c)
	r.process(st).Exit()
}

// note tells the log of an event that is no system call, as the script writes it.
func (r *runner) note(st *step, what fmt.Stringer) {
	host := sim.HostID(0)
	text := what.String()
	if h := r.host(st.Host); h != nil {
		host = h.ID()
	}
	if st.Process != "" {
		text = st.Process + ": " + text
	}
	r.net.Note(host, text)
}

// crash takes the power from a host; it comes back with nothing.
func (r *runner) crash(st *step, c *script.Call) {
	r.note(st, c)
	h := r.process(st).Host()
	h.Crash()
	delete(r.moves, h.ID())
}
