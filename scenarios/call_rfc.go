package scenarios

import (
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// rfcAnswer is an answer in the RFC's words, as scripts spell it.
func rfcAnswer(r fsm.Result) string {
	return strings.ToUpper(strings.ReplaceAll(r.String(), " ", "_"))
}

// answered compares the answer of a user call with the one in the script.
func (r *runner) answered(st *step, c *script.Call, got fsm.Result, ok bool) {
	if !ok {
		r.errorf(c.Pos, "%s: no such descriptor", c.Name)
		return
	}
	want, isName := c.Result.(script.Sym)
	if _, any := c.Result.(script.Any); any {
		return
	}
	if !isName {
		r.errorf(c.Pos, "%s: want an answer such as OK or CONNECTION_CLOSING", c.Name)
		return
	}
	if want.Name != rfcAnswer(got) {
		r.failf(st.At, "%sexpected %s, got %s", prefix(st), c, rfcAnswer(got))
	}
}

// rfcOpen plays OPEN(fd, PASSIVE) and OPEN(fd, ACTIVE, {server:80}).
func (r *runner) rfcOpen(st *step, c *script.Call) {
	fd, ok := r.descriptor(c.Args[0])
	if !ok {
		return
	}
	how, _ := c.Args[1].(script.Sym)
	var remote sim.Endpoint
	switch {
	case how.Name == "PASSIVE" && len(c.Args) == 2:
	case how.Name == "ACTIVE" && len(c.Args) == 2:
	case how.Name == "ACTIVE" && len(c.Args) == 3:
		if remote, ok = r.endpoint(st, c.Args[2], false); !ok {
			return
		}
	default:
		r.errorf(c.Pos, "OPEN: want OPEN(fd, PASSIVE), OPEN(fd, ACTIVE) or OPEN(fd, ACTIVE, {host:port})")
		return
	}
	done := r.process(st).UserCall(written(c))
	got, ok := r.process(st).Open(fd, how.Name == "ACTIVE", remote)
	done(rfcAnswer(got))
	r.answered(st, c, got, ok)
}

// rfcSend plays SEND(fd, n) and SEND(fd, n, {server:80}).
func (r *runner) rfcSend(st *step, c *script.Call) {
	fd, ok := r.descriptor(c.Args[0])
	n, ok2 := r.number(c.Args[1])
	var remote sim.Endpoint
	if ok && ok2 && len(c.Args) > 2 {
		remote, ok = r.endpoint(st, c.Args[2], false)
	}
	if !ok || !ok2 {
		return
	}
	done := r.process(st).UserCall(written(c))
	got, known := r.process(st).Send(fd, uint32(n), remote)
	done(rfcAnswer(got))
	r.answered(st, c, got, known)
}

// rfcReceive plays RECEIVE(fd, n).
func (r *runner) rfcReceive(st *step, c *script.Call) {
	fd, ok := r.descriptor(c.Args[0])
	n, ok2 := r.number(c.Args[1])
	if !ok || !ok2 {
		return
	}
	done := r.process(st).UserCall(written(c))
	got, known := r.process(st).Receive(fd, uint32(n))
	done(rfcAnswer(got))
	r.answered(st, c, got, known)
}

// rfcPlain makes a builtin of a call that has only a descriptor.
func rfcPlain(call func(*sim.Process, int) (fsm.Result, bool)) func(*runner, *step, *script.Call) {
	return func(r *runner, st *step, c *script.Call) {
		if fd, ok := r.descriptor(c.Args[0]); ok {
			done := r.process(st).UserCall(written(c))
			got, known := call(r.process(st), fd)
			done(rfcAnswer(got))
			r.answered(st, c, got, known)
		}
	}
}

// rfcStatus plays STATUS(fd) = STATE.
func (r *runner) rfcStatus(st *step, c *script.Call) {
	fd, ok := r.descriptor(c.Args[0])
	if !ok {
		return
	}
	done := r.process(st).UserCall(written(c))
	got, state, known := r.process(st).Status(fd)
	want, isName := c.Result.(script.Sym)
	switch {
	case !known || got != fsm.OK || !isName:
		done(rfcAnswer(got))
		r.answered(st, c, got, known)
	default:
		done(scriptState(state))
		if s, err := fsm.ParseState(want.Name); err != nil || s != state {
			r.failf(st.At, "%sexpected %s, got %s", prefix(st), c, scriptState(state))
		}
	}
}
