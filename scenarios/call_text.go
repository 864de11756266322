package scenarios

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// msgFlags are the flags of send and recv by their names.
var msgFlags = map[string]sim.MsgFlags{
	"MSG_DONTWAIT": sim.MsgDontWait, "MSG_PEEK": sim.MsgPeek, "MSG_WAITALL": sim.MsgWaitAll,
	"MSG_MORE": sim.MsgMore, "MSG_NOSIGNAL": sim.MsgNoSignal, "MSG_OOB": sim.MsgOOB, "MSG_TRUNC": sim.MsgTrunc,
}

func (r *runner) flags(e script.Expr) sim.MsgFlags {
	switch e := e.(type) {
	case script.Int:
		if e.Value != 0 {
			r.errorf(e.Pos, "flags %d: write them by name", e.Value)
		}
	case script.Sym:
		if f, ok := msgFlags[e.Name]; ok {
			return f
		}
		r.errorf(e.Pos, "unknown flag %q%s", e.Name, Nearest(e.Name, slices.Sorted(maps.Keys(msgFlags))))
	case script.Or:
		var f sim.MsgFlags
		for _, of := range e.Of {
			f |= r.flags(of)
		}
		return f
	default:
		r.errorf(script.Position(e), "%s is not a set of flags", e)
	}
	return 0
}

func (r *runner) send(_ *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	n, _ := r.number(c.Args[2])
	call := &sim.Call{Op: sim.OpSend, FD: fd, N: n}
	if len(c.Args) > 3 {
		call.Flags = r.flags(c.Args[3])
	}
	if n < 0 {
		r.errorf(c.Pos, "%s: %d octets", c.Name, n)
	}
	switch a := c.Args[1].(type) {
	case script.Any:
	case script.Str:
		if len(a.Value) < n {
			r.errorf(a.Pos, "%s: %d octets of %d", c.Name, n, len(a.Value))
			return plan{call: call}
		}
		call.Data = []byte(a.Value)[:max(n, 0)]
	default:
		r.errorf(script.Position(a), "%s: want ... or a string, got %s", c.Name, a)
	}
	return plan{call: call}
}

func (r *runner) recv(st *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	n, _ := r.number(c.Args[2])
	call := &sim.Call{Op: sim.OpRecv, FD: fd, N: n}
	if len(c.Args) > 3 {
		call.Flags = r.flags(c.Args[3])
	}
	want, ok := c.Args[1].(script.Str)
	if !ok {
		return plan{call: call}
	}
	return plan{call: call, check: func(done *sim.Call) {
		if got := string(done.Got); got != want.Value {
			r.failf(want.Pos, "%sexpected %q, got %q", prefix(st), want.Value, got)
		}
	}}
}

func (r *runner) poll(st *step, c *script.Call) plan {
	timeout, _ := r.number(c.Args[2])
	call := &sim.Call{Op: sim.OpPoll, Timeout: time.Duration(timeout) * time.Millisecond}
	list, ok := c.Args[0].(script.List)
	if !ok {
		r.errorf(c.Pos, "poll: want [{fd=..., events=..., revents=...}]")
		return plan{call: call}
	}
	var want []*script.Expr
	for _, e := range list.Of {
		s, ok := e.(script.Struct)
		if !ok {
			r.errorf(script.Position(e), "poll: %s is not {fd=..., events=..., revents=...}", e)
			return plan{call: call}
		}
		f, revents := r.pollFD(s)
		call.Poll = append(call.Poll, f)
		want = append(want, revents)
	}
	return plan{call: call, check: func(done *sim.Call) {
		for i, w := range want {
			if w == nil {
				continue
			}
			if n, ok := r.number(*w); ok && sim.PollEvents(n) != done.Poll[i].Revents {
				r.failf(script.Position(*w), "%sexpected revents=%s, got %s", prefix(st), *w, pollText(done.Poll[i].Revents))
			}
		}
	}}
}

func (r *runner) pollFD(s script.Struct) (f sim.PollFD, revents *script.Expr) {
	for _, field := range s.Fields {
		switch field.Name {
		case "fd":
			f.FD, _ = r.descriptor(field.Value)
		case "events":
			n, _ := r.number(field.Value)
			f.Events = sim.PollEvents(n)
		case "revents":
			if _, any := field.Value.(script.Any); !any {
				revents = &field.Value
			}
		default:
			r.errorf(field.Pos, "poll: unknown field %q", field.Name)
		}
	}
	return f, revents
}

// pollText writes events as scripts do.
func pollText(e sim.PollEvents) string {
	var words []string
	for _, name := range []string{"POLLIN", "POLLPRI", "POLLOUT", "POLLERR", "POLLHUP", "POLLNVAL", "POLLRDHUP"} {
		if e&sim.PollEvents(constants[name]) != 0 {
			words = append(words, name)
		}
	}
	if words == nil {
		return "0"
	}
	return strings.Join(words, "|")
}
