package scenarios

import (
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// socketOptions are the options that scripts may set or ask for, by name.
func socketOptions() []string {
	var list []string
	for _, o := range sim.Options() {
		list = append(list, o.String())
	}
	slices.Sort(list)
	return list
}

// option reads the level and the name of a socket option.
func (r *runner) option(c *script.Call) (sim.Option, bool) {
	name, ok := c.Args[2].(script.Sym)
	if !ok {
		r.errorf(script.Position(c.Args[2]), "%s: write the option by name, got %s", c.Name, c.Args[2])
		return 0, false
	}
	o, ok := sim.ParseOption(name.Name)
	if !ok {
		r.errorf(name.Pos, "unknown socket option %q%s", name.Name, Nearest(name.Name, socketOptions()))
		return 0, false
	}
	level, ok := c.Args[1].(script.Sym)
	tcp := ok && (level.Name == "SOL_TCP" || level.Name == "IPPROTO_TCP")
	if want := strings.HasPrefix(name.Name, "TCP_"); ok && want != tcp {
		r.errorf(level.Pos, "%s is not an option of level %s", name.Name, level.Name)
		return 0, false
	}
	return o, true
}

// setsockopt takes [value], {onoff=1, linger=5} or a number as the value.
func (r *runner) setsockopt(_ *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	call := &sim.Call{Op: sim.OpSetsockopt, FD: fd}
	o, ok := r.option(c)
	if !ok {
		return plan{call: call}
	}
	call.Option = o
	switch v := c.Args[3].(type) {
	case script.Struct:
		r.structValue(call, v)
	case script.List:
		if len(v.Of) != 1 {
			r.errorf(v.Pos, "setsockopt: %s: want [value]", v)
			break
		}
		call.Value, _ = r.number(v.Of[0])
	default:
		call.Value, _ = r.number(v)
	}
	return plan{call: call}
}

// structValue reads SO_LINGER's and the time limits' values.
func (r *runner) structValue(call *sim.Call, v script.Struct) {
	for _, f := range v.Fields {
		n, ok := r.number(f.Value)
		if !ok {
			return
		}
		switch {
		case isLinger(call.Option) && (f.Name == "onoff" || f.Name == "l_onoff"):
			call.Linger.On = n != 0
		case isLinger(call.Option) && (f.Name == "linger" || f.Name == "l_linger"):
			if n < 0 || n > 65535 {
				r.errorf(f.Pos, "linger time %d is not in 0 to 65535", n)
				return
			}
			call.Linger.Seconds = uint16(n)
		case isTimeLimit(call.Option) && f.Name == "tv_sec":
			call.Value += 1000 * n
		case isTimeLimit(call.Option) && f.Name == "tv_usec":
			call.Value += n / 1000
		default:
			r.errorf(f.Pos, "%v has no field %q", call.Option, f.Name)
			return
		}
	}
}

func isLinger(o sim.Option) bool { return o == sim.SoLinger || o == sim.SoLingerSec }

func isTimeLimit(o sim.Option) bool { return o == sim.SoRcvTimeo || o == sim.SoSndTimeo }

// getsockopt compares the value with the one in the script.
func (r *runner) getsockopt(st *step, c *script.Call) plan {
	fd, _ := r.descriptor(c.Args[0])
	call := &sim.Call{Op: sim.OpGetsockopt, FD: fd}
	call.Option, _ = r.option(c)
	return plan{call: call, check: func(done *sim.Call) {
		want, ok := c.Args[3].(script.Struct)
		if !ok {
			r.compareValue(st, c.Args[3], done.Value)
			return
		}
		var w sim.Call
		w.Option = done.Option
		r.structValue(&w, want)
		if w.Linger != done.Linger || w.Value != done.Value && isTimeLimit(done.Option) {
			r.failf(want.Pos, "%sexpected %s, got {onoff=%d, linger=%d}", prefix(st), want, number01(done.Linger.On), done.Linger.Seconds)
		}
	}}
}

func number01(b bool) int {
	if b {
		return 1
	}
	return 0
}
