package scenarios

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// lines are the segments that one host is expected to send, in order.
type lines struct {
	all  []*line
	next int
}

// line is one expected segment.
type line struct {
	step *step
	want *script.Packet
	sent fsm.Time // when it was, if met before its time was known
	met  bool
}

func (l *lines) left() []*line { return l.all[l.next:] }

// prepareLines sorts the expected segments by host.
func (r *runner) prepareLines() {
	for _, h := range r.net.Hosts() {
		r.lines[h.ID()] = &lines{}
	}
	for _, st := range r.steps {
		if p := st.outbound(); p != nil {
			l := r.lines[r.host(st.Host).ID()]
			l.all = append(l.all, &line{step: st, want: p})
		}
	}
}

// met holds a segment that was sent against the lines of its host.
func (r *runner) met(rec *sim.Record) {
	p := rec.Packet
	if r.one != nil {
		r.sent = append(r.sent, sentPacket{p, rec.At})
		return
	}
	if r.failure != nil || r.set.packets == packetsIgnore {
		return
	}
	l := r.lines[rec.Host]
	if len(l.left()) == 0 {
		if !r.mayStandBetween(&p) {
			r.failf(r.lastLine(rec.Host), "%s: expected nothing more, got  %s  at %s",
				r.net.Host(rec.Host).Name, like(&p, nil, ""), seconds(rec.At))
		}
		return
	}
	next := l.left()[0]
	why := r.differs(next, &p)
	if why == "" {
		l.next++
		next.met, next.sent = true, rec.At
		r.checkTime(next)
		r.resolveAfter(next.step, rec.At)
		return
	}
	if r.mayStandBetween(&p) {
		return
	}
	r.failf(next.step.At, "%s: %s", next.step.Host, r.compare(next, &p, why))
}

// mayStandBetween reports whether a segment may be sent that no line mentions.
func (r *runner) mayStandBetween(p *sim.Packet) bool {
	switch r.set.packets {
	case packetsStrict:
		return r.over
	case packetsNoack:
		return r.over || pureAck(p)
	case packetsSubset, packetsIgnore:
	}
	return true
}

func pureAck(p *sim.Packet) bool { return p.Seg.Flags == fsm.ACK && p.Seg.Len == 0 }

// lastLine is where a host's last expected segment stands, or the last event.
func (r *runner) lastLine(h sim.HostID) script.Pos {
	if l := r.lines[h]; len(l.all) > 0 {
		return l.all[len(l.all)-1].step.At
	}
	return r.steps[len(r.steps)-1].Pos
}

// differs tells in what a segment differs from a line, or "". Where others may
// stand between, a segment far off the line's time is another one.
func (r *runner) differs(l *line, p *sim.Packet) string {
	if why := r.segmentDiffers(l.want, p); why != "" {
		return why
	}
	if r.set.packets == packetsSubset || r.set.packets == packetsNoack && pureAck(p) {
		if lo, hi := r.window(l.step); l.step.known && (r.net.Now() < lo || r.net.Now() > hi) {
			return "time"
		}
	}
	return ""
}

// checkTime checks when a line's segment was sent, once both times are known.
func (r *runner) checkTime(l *line) {
	if !l.met || !l.step.known {
		return
	}
	if lo, hi := r.window(l.step); l.sent < lo || l.sent > hi {
		r.failf(l.step.At, "%s: expected  %s, got it at %s", l.step.Host, r.wanted(l), seconds(l.sent))
	}
}

// checkOverdue fails if a segment or a return has not come in time.
func (r *runner) checkOverdue() {
	if r.story {
		r.passOver()
		return
	}
	now := r.net.Now()
	for _, h := range r.net.Hosts() {
		for _, l := range r.lines[h.ID()].all[:r.lines[h.ID()].next] {
			r.checkTime(l)
		}
		if l := r.lines[h.ID()].left(); len(l) > 0 && l[0].step.known && r.set.packets != packetsIgnore {
			if _, hi := r.window(l[0].step); hi < now || r.over && hi == now {
				r.failf(l[0].step.At, "%s: expected  %s, got nothing", l[0].step.Host, r.wanted(l[0]))
			}
		}
	}
	r.checkOpen(false)
}

// await lets time go by until the segment is sent that the times behind it count
// from.
func (r *runner) await(st *step) {
	l := r.lineOf(st)
	_, hi := r.window(st)
	limit := min(hi, r.net.Now().Add(MaxVirtual))
	if r.story {
		limit = min(hi, r.net.Now().Add(storyWait))
	}
	for !l.met && r.failure == nil && r.next(limit, st.At) {
	}
	switch {
	case l.met:
	case r.story:
		r.goOn(st)
	default:
		r.failf(st.At, "%s: expected  %s, got nothing", st.Host, r.wanted(l))
	}
}

func (r *runner) lineOf(st *step) *line {
	for _, l := range r.lines[r.host(st.Host).ID()].all {
		if l.step == st {
			return l
		}
	}
	panic("scenarios: a step without its line")
}

// wanted writes what a line expects, and when.
func (r *runner) wanted(l *line) string {
	when := ""
	switch {
	case l.step.Time.Kind == script.Anytime:
		when = " at any time"
	case l.step.known && l.step.Time.Range:
		when = fmt.Sprintf("  from %s to %s", seconds(l.step.from), seconds(l.step.upto))
	case l.step.known:
		when = "  at " + seconds(l.step.from)
	}
	return l.want.TCP.String() + when
}

// compare writes a line and the segment that came in its place.
func (r *runner) compare(l *line, p *sim.Packet, why string) string {
	return fmt.Sprintf("expected  %s, got  %s  at %s", r.wanted(l), like(p, l.want, why), seconds(r.net.Now()))
}

// like writes a segment as a script would, as far as the expected one is: its
// window and options only where they matter.
func like(p *sim.Packet, want *script.Packet, why string) string {
	s := p.Relative()
	text := s.Header()
	if want != nil && want.TCP.Wnd != nil {
		text += fmt.Sprintf(" win %d", s.Wnd)
	}
	if s.Flags&fsm.URG != 0 {
		text += fmt.Sprintf(" urg %d", s.Up)
	}
	switch why {
	case "options":
		text += " <" + s.Options.String() + ">"
	case "window", "":
	default:
		if strings.Contains(why, ">") { // other endpoints
			text = why + " " + text
		}
	}
	return text
}

// seconds writes a time as scripts do: with three decimals, or six where they
// tell something.
func seconds(t fsm.Time) string {
	us := int64(t) / 1000
	if us%1000 == 0 {
		return fmt.Sprintf("%d.%03d", us/1e6, us%1e6/1000)
	}
	return fmt.Sprintf("%d.%06d", us/1e6, us%1e6)
}
