package scenarios

import (
	"maps"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// builtin plays one call of the language.
type builtin struct {
	args int // how many it has
	play func(r *runner, st *step, c *script.Call)
}

// builtins are the calls that scripts may make. Those in the first group are
// system calls and take their turn in their thread.
var builtins map[string]builtin

func init() {
	builtins = map[string]builtin{
		"socket":      {3, system((*runner).socket)},
		"bind":        {3, system((*runner).bind)},
		"listen":      {2, system((*runner).listenCall)},
		"accept":      {3, system((*runner).accept)},
		"connect":     {3, system((*runner).connect)},
		"write":       {3, system((*runner).send)},
		"send":        {4, system((*runner).send)},
		"sendto":      {6, system((*runner).send)},
		"read":        {3, system((*runner).recv)},
		"recv":        {4, system((*runner).recv)},
		"recvfrom":    {6, system((*runner).recv)},
		"shutdown":    {2, system((*runner).shutdown)},
		"close":       {1, system((*runner).closeCall)},
		"closesocket": {1, system((*runner).closeCall)},
		"setsockopt":  {5, system((*runner).setsockopt)},
		"getsockopt":  {5, system((*runner).getsockopt)},
		"fcntl":       {-2, system((*runner).fcntl)},
		"ioctl":       {3, system((*runner).ioctl)},
		"poll":        {3, system((*runner).poll)},
		"dup":         {1, system((*runner).dup)},

		"fork":  {0, queued((*runner).fork)},
		"exit":  {0, queued((*runner).exit)},
		"kill":  {0, queued((*runner).exit)},
		"crash": {0, (*runner).crash},

		"OPEN":    {-2, (*runner).rfcOpen},
		"SEND":    {-2, (*runner).rfcSend},
		"RECEIVE": {2, (*runner).rfcReceive},
		"CLOSE":   {1, rfcPlain((*sim.Process).Close)},
		"ABORT":   {1, rfcPlain((*sim.Process).Abort)},
		"STATUS":  {1, (*runner).rfcStatus},

		"tcp_state":  {1, (*runner).tcpState},
		"tcp_states": {0, (*runner).tcpStates},
	}
}

// CallNames lists the calls that scripts may make.
func CallNames() []string { return slices.Sorted(maps.Keys(builtins)) }

// plan is a system call that a line of a script asks for.
type plan struct {
	call   *sim.Call
	adjust func(*sim.Call) // puts the result into the script's terms
	check  func(*sim.Call) // looks at what it gives beside the result
}

// system makes a builtin of a function that plans a system call.
func system(make func(*runner, *step, *script.Call) plan) func(*runner, *step, *script.Call) {
	return func(r *runner, st *step, c *script.Call) {
		r.inThread(st, func(t *thread) {
			if p := make(r, st, c); r.failure == nil {
				r.start(st, c, t, p)
			}
		})
	}
}

// queued makes a builtin take its turn in its thread.
func queued(play func(*runner, *step, *script.Call)) func(*runner, *step, *script.Call) {
	return func(r *runner, st *step, c *script.Call) {
		r.inThread(st, func(*thread) { play(r, st, c) })
	}
}

// call plays a call of the script.
func (r *runner) call(st *step, c *script.Call) {
	b, ok := builtins[c.Name]
	if !ok {
		r.errorf(c.Pos, "unknown call %q%s", c.Name, Nearest(c.Name, CallNames()))
		return
	}
	if n := len(c.Args); b.args >= 0 && n != b.args || b.args < 0 && n < -b.args {
		r.errorf(c.Pos, "%s has %d arguments, got %d", c.Name, max(b.args, -b.args), n)
		return
	}
	b.play(r, st, c)
}

func (r *runner) socket(_ *step, c *script.Call) plan {
	call := &sim.Call{Op: sim.OpSocket, IPv6: r.set.ipv6}
	kind, _ := r.number(c.Args[1])
	if kind&^constants["SOCK_NONBLOCK"] != constants["SOCK_STREAM"] {
		r.errorf(c.Pos, "socket: only SOCK_STREAM is simulated")
	}
	if _, any := c.Args[2].(script.Any); !any {
		if proto, ok := r.number(c.Args[2]); ok && proto != constants["IPPROTO_TCP"] && proto != 0 {
			r.errorf(c.Pos, "socket: only IPPROTO_TCP is simulated")
		}
	}
	call.Nonblock = kind&constants["SOCK_NONBLOCK"] != 0
	return plan{call: call, adjust: func(done *sim.Call) { r.nameDescriptor(c, done) }}
}

func (r *runner) bind(st *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	ep, _ := r.endpoint(st, c.Args[1], true)
	return plan{call: &sim.Call{Op: sim.OpBind, FD: fd, Addr: ep}}
}

func (r *runner) listenCall(_ *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	n, _ := r.number(c.Args[1])
	return plan{call: &sim.Call{Op: sim.OpListen, FD: fd, Backlog: n}}
}

func (r *runner) accept(_ *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	return plan{
		call:   &sim.Call{Op: sim.OpAccept, FD: fd},
		adjust: func(done *sim.Call) { r.nameDescriptor(c, done) },
	}
}

func (r *runner) connect(st *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	call := &sim.Call{Op: sim.OpConnect, FD: fd}
	if s, ok := c.Args[1].(script.Struct); ok && isUnspec(s) {
		call.Unspec = true
		return plan{call: call}
	}
	call.Addr, _ = r.endpoint(st, c.Args[1], false)
	return plan{call: call}
}

func isUnspec(s script.Struct) bool {
	for _, f := range s.Fields {
		if sym, ok := f.Value.(script.Sym); ok && f.Name == "sa_family" {
			return sym.Name == "AF_UNSPEC"
		}
	}
	return false
}

func (r *runner) shutdown(_ *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	how, _ := r.number(c.Args[1])
	if how < 0 || how > 2 {
		r.errorf(c.Pos, "shutdown: %d is not SHUT_RD, SHUT_WR or SHUT_RDWR", how)
	}
	return plan{call: &sim.Call{Op: sim.OpShutdown, FD: fd, How: sim.How(how)}}
}

func (r *runner) closeCall(st *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	if sys := r.hostOf(st).System(); c.Name == "closesocket" && !sys.Winsock && !r.story {
		r.errorf(c.Pos, "%s%s has no closesocket()", prefix(st), sys.Name())
	}
	return plan{call: &sim.Call{Op: sim.OpClose, FD: fd}}
}

func (r *runner) dup(_ *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	return plan{
		call:   &sim.Call{Op: sim.OpDup, FD: fd},
		adjust: func(done *sim.Call) { r.nameDescriptor(c, done) },
	}
}

func (r *runner) fcntl(_ *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	cmd, _ := r.number(c.Args[1])
	call := &sim.Call{FD: fd, Op: sim.OpGetFlags}
	switch cmd {
	case constants["F_GETFL"]:
		return plan{call: call, adjust: func(done *sim.Call) {
			done.Result = constants["O_RDWR"]
			if done.Nonblock {
				done.Result |= constants["O_NONBLOCK"]
			}
		}}
	case constants["F_SETFL"]:
		if len(c.Args) != 3 {
			r.errorf(c.Pos, "fcntl(F_SETFL) has 3 arguments, got %d", len(c.Args))
			return plan{call: call}
		}
		flags, _ := r.number(c.Args[2])
		call.Op, call.Nonblock = sim.OpSetFlags, flags&constants["O_NONBLOCK"] != 0
	default:
		r.errorf(c.Pos, "fcntl: only F_GETFL and F_SETFL are simulated")
	}
	return plan{call: call}
}

func (r *runner) ioctl(st *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	cmd, _ := r.number(c.Args[1])
	call := &sim.Call{FD: fd, Op: sim.OpUnread}
	switch cmd {
	case constants["SIOCINQ"]:
	case constants["SIOCOUTQ"]:
		call.Op = sim.OpUnsent
	default:
		r.errorf(c.Pos, "ioctl: only SIOCINQ (FIONREAD) and SIOCOUTQ are simulated")
	}
	return plan{call: call, check: func(done *sim.Call) { r.compareValue(st, c.Args[2], done.Value) }}
}

// compareValue compares what a call gave with "[value]".
func (r *runner) compareValue(st *step, want script.Expr, got int) {
	l, ok := want.(script.List)
	if !ok || len(l.Of) != 1 {
		r.errorf(script.Position(want), "%s: want [value]", want)
		return
	}
	if _, any := l.Of[0].(script.Any); any {
		return
	}
	n, ok := r.number(l.Of[0])
	if ok && n != got {
		r.failf(l.Pos, "%sexpected %s, got [%s]", prefix(st), l, r.spelled(st, l.Of[0], got))
	}
}

// spelled writes a number as the expected one is: an errno by its name.
func (r *runner) spelled(st *step, like script.Expr, n int) string {
	if sym, ok := like.(script.Sym); ok && (strings.HasPrefix(sym.Name, "E") || strings.HasPrefix(sym.Name, "WSA")) && n > 0 {
		return r.hostOf(st).System().ErrnoName(sim.Errno(n))
	}
	if n > 0 && n < 64 {
		if _, ok := like.(script.Int); ok {
			return script.Int{Value: int64(n)}.String()
		}
	}
	return script.Int{Value: int64(n)}.String()
}
