package scenarios

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
)

// A story is a script without its expectations: the calls and the forged
// segments, each at its time. It is played on although what the script expects
// does not come, so that one story can be played under any profile.

// storyWait is how long a story waits, in virtual time, for what may never come:
// a segment that the times behind it count from, or the return of a call that is
// still blocked at the end. Linux gives up a connection after 924 s.
const storyWait = time.Hour

// begin makes the runner play a story, if it is to be one.
func (r *runner) begin(cfg Config) {
	if !cfg.Story {
		return
	}
	r.story, r.until = true, cfg.Until
	r.set.packets = packetsSubset // what no line mentions may stand between
}

// passOver leaves behind the lines whose time is over: nothing met them.
func (r *runner) passOver() {
	for _, h := range r.net.Hosts() {
		l := r.lines[h.ID()]
		for len(l.left()) > 0 && l.left()[0].step.known {
			if _, hi := r.window(l.left()[0].step); hi >= r.net.Now() {
				break
			}
			l.next++
		}
	}
}

// goOn lets a story go on without the segment that the times behind the step
// count from: they count from the end of its window.
func (r *runner) goOn(st *step) {
	l := r.lines[r.host(st.Host).ID()]
	if k := slices.IndexFunc(l.left(), func(o *line) bool { return o.step == st }); k >= 0 {
		l.next += k + 1
	}
	at := r.net.Now()
	if st.Time.Range {
		at = max(at, st.upto)
	}
	r.resolveAfter(st, at)
}

// meetByTime is how a one-host story meets a line: the clock goes to the line's
// time, whatever the host sends. Where the line has no time of its own, the story
// waits for the segment.
func (r *runner) meetByTime(st *step, want *script.Packet) {
	limit := st.from
	switch {
	case st.Time.Kind == script.Anytime:
		limit = r.net.Now().Add(storyWait)
	case st.Time.Range:
		limit = st.upto
	default:
		r.advance(st.from, st.At)
	}
	for !r.takeSent(want) && r.failure == nil {
		if !r.next(limit, st.At) {
			if st.Time.Kind != script.Anytime {
				r.net.Pass(limit)
			}
			return
		}
	}
}

// takeSent takes the first segment that fits a line off the row of those sent,
// and all before it.
func (r *runner) takeSent(want *script.Packet) bool {
	for i := range r.sent {
		if r.segmentDiffers(want, &r.sent[i].Packet) == "" {
			r.sent = r.sent[i+1:]
			return true
		}
	}
	return false
}

// settle plays the end of a story: calls that are still blocked get their time to
// return, and the clock goes on to where the caller wants it.
func (r *runner) settle() {
	if r.failure != nil || len(r.steps) == 0 {
		return
	}
	r.over = true
	last := r.steps[len(r.steps)-1].Pos
	limit := r.net.Now().Add(storyWait)
	for r.mayReturn() && r.failure == nil && r.next(limit, last) {
	}
	if r.failure == nil && r.until > r.net.Now() && r.until != fsm.Never {
		r.advance(r.until, last)
	}
}

// mayReturn reports whether a call is open that the script does not say to block
// for ever.
func (r *runner) mayReturn() bool {
	for _, run := range r.open {
		if !run.call.Never && !run.step.Time.Never {
			return true
		}
	}
	return false
}
