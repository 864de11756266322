package script

import (
	"strconv"
	"strings"
)

// maxMicros bounds a time: 10^9 seconds, so that nanoseconds fit as well.
const maxMicros = Micros(1e15)

// time reads the time of an event, if it has one.
func (p *parser) time() Time {
	p.skip()
	t := Time{Pos: p.pos()}
	switch c := p.peek(); {
	case c == '*':
		p.off++
		t.Kind = Anytime
		return t
	case c == '+':
		p.off++
		t.Kind = Relative
	case c == '.' || c == '-' || isDigit(c):
		t.Kind = Absolute
	default:
		return Time{}
	}
	t.At = p.micros()
	switch {
	case p.take("~"):
		t.Range, t.Upto = true, p.windowEnd(t)
	case p.take("..."):
		if t.Block = true; p.takeWord("never") {
			t.Never = true
		} else {
			t.Until = p.end(t)
		}
	}
	return t
}

// windowEnd reads the b of a~b and +a~+b.
func (p *parser) windowEnd(t Time) Micros {
	p.skip()
	if at, plus := p.pos(), p.take("+"); plus != (t.Kind == Relative) {
		p.fail(at, `time: want "+" before both ends of a window or before neither`)
	}
	return p.end(t)
}

// end reads the end of a time that has one.
func (p *parser) end(t Time) Micros {
	p.skip()
	at := p.pos()
	b := p.micros()
	if b < t.At {
		p.fail(at, "time: want an end of %v or later, got %v", t.At, b)
	}
	return b
}

// micros reads seconds such as 1, 0.25 or .5.
func (p *parser) micros() Micros {
	p.blanks()
	at, from := p.pos(), p.off
	minus := p.at("-")
	if minus {
		p.off++
	}
	whole := p.digits()
	frac, point := "", p.at(".") && !p.at("...")
	if point {
		p.off++
		frac = p.digits()
	}
	if p.off += len(p.run()); p.at(".") && !p.at("...") {
		p.off++
	}
	lit := p.text[from:p.off]
	switch {
	case whole == "" && !point:
		p.off = from
		p.met("time", "seconds such as 0.1")
		return 0
	case len(lit) > len(whole)+len(frac)+count(point)+count(minus), point && frac == "":
		p.fail(at, "time: want seconds such as 0.1, got %s", quote(lit))
		return 0
	case minus:
		p.fail(at, "time %s is negative", cut(lit))
		return 0
	case len(frac) > 6:
		p.fail(at, "time %s has more than 6 decimals", cut(lit))
		return 0
	}
	// ParseInt saturates: what does not fit is out of range too.
	whole = strings.TrimLeft(whole, "0")
	us, _ := strconv.ParseInt("0"+whole+(frac + "000000")[:6], 10, 64)
	if Micros(us) > maxMicros {
		p.fail(at, "time %s is out of range (0 to %v)", cut(lit), maxMicros)
		return 0
	}
	return Micros(us)
}

// digits reads decimal digits, none included.
func (p *parser) digits() string {
	from := p.off
	for isDigit(p.peek()) {
		p.off++
	}
	return p.text[from:p.off]
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// checkTime holds an event's time against what it does.
func (p *parser) checkTime(e *Event) {
	t, exact := e.Time, e.Time.Kind != Anytime && !e.Time.Range
	switch a := e.Action.(type) {
	case *Packet:
		exact = exact || !a.Inbound
	case *Command:
		if t.Kind == NoTime && p.timed && p.untimedAt.Line == 0 {
			p.untimedAt = e.Pos
		}
	}
	if _, isCall := e.Action.(*Call); t.Block && !isCall {
		p.fail(t.Pos, "time %v: only a call can block", t)
	} else if !exact {
		p.fail(t.Pos, "time %v: only a segment that a host sends can have it", t)
	}
	if t.Kind == NoTime {
		return
	}
	if p.timed = true; p.untimedAt.Line > 0 {
		p.fail(p.untimedAt, "command between events: want a time")
	}
}

// String gives the time as scripts have it, "+.1" for one.
func (t Time) String() string {
	text := Micros.String
	switch t.Kind {
	case NoTime:
		return ""
	case Anytime:
		return "*"
	case Relative:
		text = func(m Micros) string { return "+" + m.short() }
	case Absolute:
	}
	switch {
	case t.Range:
		return text(t.At) + "~" + text(t.Upto)
	case t.Never:
		return text(t.At) + "...never"
	case t.Block:
		return text(t.At) + "..." + t.Until.String()
	}
	return text(t.At)
}

// String gives seconds with the fewest digits: "0.1".
func (m Micros) String() string {
	s := strconv.FormatFloat(float64(m)/1e6, 'f', 6, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// short is String without the zero in front of the point.
func (m Micros) short() string {
	if s := m.String(); strings.HasPrefix(s, "0.") {
		return s[1:]
	}
	return m.String()
}
