package scenarios

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// linkLine puts a fault into the network.
func (r *runner) linkLine(st *step, l *script.Link) {
	r.noteLink(st, l)
	if l.Verb == script.LinkDown || l.Verb == script.LinkUp {
		r.net.Down(l.Verb == script.LinkDown)
		return
	}
	h := r.host(l.Host)
	if h == nil {
		r.errorf(l.Pos, "unknown host %q%s", l.Host, Nearest(l.Host, r.set.hosts))
		return
	}
	f := sim.Fault{
		Host: h.ID(), Nth: l.Nth, Count: l.Count,
		Verb: map[script.LinkVerb]sim.Verb{
			script.LinkDrop: sim.Drop, script.LinkDelay: sim.Delay, script.LinkDuplicate: sim.Duplicate,
		}[l.Verb],
		Text: map[string]sim.TextMatch{"": sim.AnyText, "data": sim.WithText, "nodata": sim.WithoutText}[l.Data],
		By:   time.Duration(l.By) * time.Microsecond,
	}
	if l.Until != nil {
		f.Until = instant(*l.Until)
	}
	var ok bool
	if f.Set, ok = r.letters(l, l.Flags); !ok {
		return
	}
	if f.Clear, ok = r.letters(l, l.NotFlags); !ok {
		return
	}
	r.net.Fault(f)
}

func (r *runner) letters(l *script.Link, s string) (fsm.Flags, bool) {
	f, err := fsm.ParseFlags(s)
	if err != nil {
		r.errorf(l.Pos, "%v", err)
	}
	return f, err == nil
}

// noteLink tells the log of the line, in the lane of the host that it is about.
func (r *runner) noteLink(st *step, l *script.Link) {
	about := *st
	event := *st.Event
	event.Host = l.Host
	about.Event = &event
	r.note(&about, l)
}
