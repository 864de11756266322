package scenarios

import (
	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
)

// playOne plays a one-host script as packetdrill does: a relative time counts
// from the moment when the event before it was finished; a segment that the host
// sends waits in a row until a line meets it.
func (r *runner) playOne() {
	for _, st := range r.steps {
		if r.failure != nil {
			return
		}
		st.place(r.base)
		if want := st.outbound(); want != nil {
			r.meet(st, want)
		} else {
			if st.from < r.net.Now() && st.Time.Kind != script.NoTime && !r.story {
				r.errorf(st.Time.Pos, "%v s lies before %v s, where the script is already", st.from, r.net.Now())
				return
			}
			r.advance(st.from, st.At)
			r.untilIdle(st)
			if r.failure == nil {
				r.do(st)
			}
			if !st.Time.Block {
				r.untilIdle(st)
			}
		}
		r.checkOpen(false)
		r.base = r.net.Now()
	}
	if r.failure == nil && len(r.steps) > 0 {
		end := r.net.Now()
		for _, c := range r.open {
			if c.by != fsm.Never && !r.story {
				end = max(end, c.by)
			}
		}
		r.advance(end, r.steps[len(r.steps)-1].Pos)
		r.checkOpen(false)
	}
}

// untilIdle waits for the call that still runs, if the step is a call: a
// one-host script has one thread that makes calls.
func (r *runner) untilIdle(st *step) {
	if _, ok := st.Action.(*script.Call); !ok {
		return
	}
	for len(r.open) > 0 && r.failure == nil && r.open[0].by != fsm.Never {
		by := r.open[0].by
		if !r.next(by, st.At) {
			r.net.Pass(by + 1)
			r.checkOpen(false)
			return
		}
	}
}

// missing is how long packetdrill waits for a segment behind its time.
const missing = 2 * second

const second = fsm.Time(1e9)

// meet takes the next segment that the host has sent, or waits for it.
func (r *runner) meet(st *step, want *script.Packet) {
	if r.story {
		r.meetByTime(st, want)
		return
	}
	lo, hi := r.window(st)
	l := &line{step: st, want: want}
	limit := r.net.Now().Add(MaxVirtual)
	if hi != fsm.Never {
		limit = hi + missing
	}
	for len(r.sent) == 0 && r.failure == nil && r.next(limit, st.At) {
	}
	switch {
	case r.failure != nil:
	case len(r.sent) == 0:
		r.failf(st.At, "expected  %s, got nothing", r.wanted(l))
	default:
		p := r.sent[0]
		r.sent = r.sent[1:]
		if why := r.segmentDiffers(want, &p.Packet); why != "" {
			r.failf(st.At, "expected  %s, got  %s  at %s", r.wanted(l), like(&p.Packet, want, why), seconds(p.at))
		} else if p.at < lo || p.at > hi {
			r.failf(st.At, "expected  %s, got it at %s", r.wanted(l), seconds(p.at))
		}
	}
}
