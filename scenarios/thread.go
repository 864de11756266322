package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// threadKey names a thread: the calls of one process at one time of the script
// follow each other.
type threadKey struct {
	proc string // host/process
	at   fsm.Time
}

// thread is a row of calls, each made when the one before has returned.
type thread struct {
	waiting []func()
	busy    bool
}

// running is a call that was made, and what is expected of it.
type running struct {
	step   *step
	want   *script.Call
	call   *sim.Call
	thread *thread
	plan   plan
	by     fsm.Time // when it must have returned
}

// inThread makes a call when its turn has come.
func (r *runner) inThread(st *step, run func(*thread)) {
	key := threadKey{st.Host + "/" + st.Process, st.from}
	t := r.threads[key]
	if t == nil {
		t = &thread{}
		r.threads[key] = t
	}
	if t.busy {
		t.waiting = append(t.waiting, func() { run(t) })
		return
	}
	run(t)
}

// start makes a system call and notes what is expected of it.
func (r *runner) start(st *step, want *script.Call, t *thread, p plan) {
	c := p.call
	c.Text = written(want)
	run := &running{step: st, want: want, call: c, thread: t, plan: p, by: r.deadline(st)}
	t.busy = true
	r.open = append(r.open, run)
	r.process(st).Call(c)
	if c.Done && !c.Never && slices.Contains(r.open, run) {
		r.returns(run)
	}
}

// written writes a call as the script does, without its result.
func written(c *script.Call) string {
	bare := *c
	bare.Result, bare.Errno, bare.Note = nil, "", ""
	return bare.String()
}

// deadline is when a call must have returned.
func (r *runner) deadline(st *step) fsm.Time {
	switch {
	case st.Time.Never:
		return fsm.Never
	case st.Time.Block:
		return st.until.Add(r.slack(st.from, st.until))
	}
	return r.net.Now().Add(r.slack(st.prev, st.from))
}

// callReturned hears of a call that has blocked and now returns.
func (r *runner) callReturned(c *sim.Call) {
	for _, run := range r.open {
		if run.call == c {
			r.returns(run)
			return
		}
	}
}

// returns checks a call that is done, and lets its thread go on.
func (r *runner) returns(run *running) {
	r.open = slices.DeleteFunc(r.open, func(o *running) bool { return o == run })
	run.thread.busy = false
	succeeded := run.call.Err == sim.OK
	switch c := run.call; c.Op {
	case sim.OpAccept:
		if succeeded {
			r.tested[c.Proc.Host().ID()] = underTest{c.Proc, c.Result}
		}
	case sim.OpConnect:
		r.tested[c.Proc.Host().ID()] = underTest{c.Proc, c.FD}
	default:
	}
	if run.plan.adjust != nil && succeeded {
		run.plan.adjust(run.call)
	}
	if r.failure == nil {
		r.checkReturn(run)
	}
	if r.failure == nil && run.plan.check != nil && succeeded {
		run.plan.check(run.call)
	}
	if r.failure == nil && len(run.thread.waiting) > 0 {
		next := run.thread.waiting[0]
		run.thread.waiting = run.thread.waiting[1:]
		next()
	}
}

// checkReturn compares the result of a call and the time that it took.
func (r *runner) checkReturn(run *running) {
	st, c := run.step, run.call
	if st.Time.Never {
		r.failf(run.step.At, "%sexpected %s to block for ever, got %s at %s", prefix(st), run.want, result(c), seconds(c.Ended))
		return
	}
	if !r.resultIs(run.want, c) {
		r.failf(run.step.At, "%sexpected %s, got %s", prefix(st), run.want, result(c))
		return
	}
	if c.Ended > run.by {
		r.failf(run.step.At, "%sexpected %s to return by %s, got it at %s", prefix(st), run.want, seconds(run.by), seconds(c.Ended))
	}
	if st.Time.Block {
		if early := st.until.Add(-r.slack(st.from, st.until)); c.Ended < early {
			r.failf(run.step.At, "%sexpected %s to return at %s, got it at %s", prefix(st), run.want, seconds(st.until), seconds(c.Ended))
		}
	}
}

// checkOpen fails if a call has not returned in time; at the end of the script,
// only calls that never return may still be open.
func (r *runner) checkOpen(end bool) {
	for _, run := range r.open {
		if run.call.Never || run.step.Time.Never {
			continue
		}
		if end || r.net.Now() > run.by {
			hint := ""
			if !run.step.Time.Block {
				hint = ` (a call that blocks has its end behind its time: "+0...0.5")`
			}
			r.failf(run.step.At, "%sexpected %s, got no return by %s%s", prefix(run.step), run.want, seconds(r.net.Now()), hint)
			return
		}
	}
}

// prefix names the host of a step in a script of several.
func prefix(st *step) string {
	switch {
	case st.Host == "":
		return ""
	case st.Process == "":
		return st.Host + ": "
	}
	return st.Host + "/" + st.Process + ": "
}

// result writes what a call has given.
func result(c *sim.Call) string {
	if c.Err != sim.OK {
		return fmt.Sprintf("-1 %s", c.ErrName())
	}
	return fmt.Sprint(c.Result)
}

// resultIs compares a call's result with the one that the script expects.
func (r *runner) resultIs(want *script.Call, c *sim.Call) bool {
	if want.Errno != "" {
		e, err := sim.ParseErrno(want.Errno)
		if err != nil {
			r.errorf(want.Pos, "%v", err)
			return true
		}
		sys := c.Proc.Host().System()
		if strings.HasPrefix(want.Errno, "WSA") && !sys.Winsock && !r.story {
			r.errorf(want.Pos, "%s knows no %s", sys.Name(), want.Errno)
			return true
		}
		return c.Result == -1 && sys.SameError(c.Err, e)
	}
	switch w := want.Result.(type) {
	case script.Any:
		return true
	case script.Int:
		return int64(c.Result) == w.Value && c.Err == sim.OK
	case script.Range:
		return int64(c.Result) >= w.Lo && int64(c.Result) <= w.Hi && c.Err == sim.OK
	case script.Sym, script.Or:
		n, ok := r.number(want.Result)
		return ok && c.Result == n && c.Err == sim.OK
	}
	r.errorf(want.Pos, "%s: no result to compare with", want.Name)
	return true
}

// hostOf finds the host of a step.
func (r *runner) hostOf(st *step) *sim.Host {
	if r.one != nil {
		return r.one
	}
	return r.host(st.Host)
}

// process finds the process of a step, and starts it if it is a new name.
func (r *runner) process(st *step) *sim.Process {
	h := r.hostOf(st)
	p := h.Process(st.Process)
	if p == nil {
		p = h.AddProcess(st.Process)
	}
	return p
}
