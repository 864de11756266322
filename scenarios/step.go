package scenarios

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
)

// step is an event of a script with its times on the virtual clock.
type step struct {
	*script.Event
	known bool     // the times below are: they may hang on a segment that is to come
	from  fsm.Time // when it takes place
	upto  fsm.Time // a~b: the end of the window
	until fsm.Time // a...b: when the call must have returned
	prev  fsm.Time // when the event before took place
}

// flatten lists the events that take place under a profile, in order.
func flatten(items []script.Item, profile string, defined []string) []*step {
	var steps []*step
	for _, it := range items {
		switch it := it.(type) {
		case *script.Conditional:
			if slices.Contains(defined, it.Name) {
				steps = append(steps, flatten(it.Items, profile, defined)...)
			}
		case *script.Event:
			if it.Profiles == nil || slices.Contains(it.Profiles, profile) {
				steps = append(steps, &step{Event: it})
			}
		}
	}
	return steps
}

// symbols are the names that #ifdef finds defined under a profile.
func symbols(profile string) []string {
	switch profile {
	case "freebsd":
		return []string{"FreeBSD"}
	case "linux":
		return []string{"Linux"}
	case "darwin":
		return []string{"Darwin"}
	case "rfc793", "rfc9293":
		return []string{"STANDARD"}
	}
	return nil
}

func instant(m script.Micros) fsm.Time { return fsm.Time(m) * fsm.Time(time.Microsecond) }

// place gives a step its times; base is when the event before took place.
func (st *step) place(base fsm.Time) {
	if st.known {
		return
	}
	st.known = true
	st.prev = base
	zero := fsm.Time(0)
	if st.Time.Kind == script.Relative {
		zero = base
	}
	switch st.Time.Kind {
	case script.NoTime:
		st.from = base
	case script.Anytime:
		st.from, st.upto = base, fsm.Never
	case script.Absolute, script.Relative:
		st.from = zero + instant(st.Time.At)
	}
	if st.Time.Range {
		st.upto = zero + instant(st.Time.Upto)
	}
	if st.Time.Block && !st.Time.Never {
		st.until = zero + instant(st.Time.Until)
	}
}

// outbound gives the segment that a step expects, or nil.
func (st *step) outbound() *script.Packet {
	if p, ok := st.Action.(*script.Packet); ok && !p.Inbound {
		return p
	}
	return nil
}

// waits reports whether the events behind the step count from a segment whose
// time is not known before it is sent.
func (st *step) waits() bool {
	return st.outbound() != nil && (st.Time.Kind == script.Anytime || st.Time.Range)
}

// slack is how far off a time may be.
func (r *runner) slack(since, until fsm.Time) time.Duration {
	share := float64(until-since) * r.set.percent / 100
	return max(r.set.tolerance, time.Duration(share))
}

// window gives the span of time in which a step's segment may be sent.
func (r *runner) window(st *step) (lo, hi fsm.Time) {
	if st.Time.Kind == script.Anytime {
		return 0, fsm.Never
	}
	lo, hi = st.from, st.from
	if st.Time.Range {
		hi = st.upto
	}
	return lo.Add(-r.slack(st.prev, lo)), hi.Add(r.slack(st.prev, hi))
}

// resolve gives times to the steps from the first that has none on, as far as
// they do not hang on a segment that is still to come.
func (r *runner) resolve() {
	for r.resolved < len(r.steps) {
		st := r.steps[r.resolved]
		st.place(r.base)
		if st.waits() {
			return
		}
		r.base = st.from
		r.resolved++
	}
}

// resolveAfter goes on when the segment has come that times hang on.
func (r *runner) resolveAfter(st *step, sent fsm.Time) {
	if r.resolved < len(r.steps) && r.steps[r.resolved] == st {
		r.base = sent
		r.resolved++
		r.resolve()
	}
}
