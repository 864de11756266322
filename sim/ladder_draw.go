package sim

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Palette dresses the parts of a ladder, for a terminal with colour or without.
type Palette struct {
	State, Reset, Lost, Clause, Head func(string) string
}

func asIs(s string) string { return s }

// Plain leaves the text as it is.
var Plain = Palette{asIs, asIs, asIs, asIs, asIs}

// Colour dresses the text in ANSI colours.
var Colour = Palette{
	State: ansi("1;34"), Reset: ansi("31"), Lost: ansi("33"), Clause: ansi("2"), Head: ansi("1"),
}

func ansi(code string) func(string) string {
	return func(s string) string {
		if s == "" {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
}

// The widths of a ladder, in columns.
const (
	timeWidth = 12
	laneWidth = 14 // a state, and a gap
	portWidth = 6  // and a port, where there are several connections
	gapWidth  = 40 // an arrow between two lanes, if no label asks for more
	ruleWidth = 30
)

// page is how a ladder is laid out.
type page struct {
	Palette
	lane  int              // width of a lane
	gap   int              // between two lanes
	right int              // where the rules begin
	conns map[ConnID]tuple // where there are several, they are told apart
	uses  map[Endpoint]int // how many connections an endpoint has
}

// column is where lane k begins.
func (p *page) column(k int) int { return timeWidth + k*(p.lane+p.gap) }

// Draw writes the ladder.
func (l *Ladder) Draw(w io.Writer, dress Palette) error {
	lanes := l.lanes()
	p := &page{Palette: dress, lane: laneWidth, gap: gapWidth}
	p.conns, p.uses = l.several()
	if p.conns != nil {
		p.lane += portWidth
	}
	for i := range l.rungs {
		if g := &l.rungs[i]; g.arrow { // "── " and " ──▶" about it, and a gap
			p.gap = max(p.gap, utf8.RuneCountInString(p.label(g))+10)
		}
	}
	p.right = p.column(len(lanes)-1) + p.lane + 8
	if len(lanes) == 1 { // arrows from a host to itself
		p.right += p.gap
	}
	head := line{}
	head.put(2, "time", p.Head)
	for k, name := range lanes {
		head.put(p.column(k), name, p.Head)
	}
	head.put(p.right, "rule", p.Head)
	head.put(p.right+ruleWidth, "clause", p.Head)
	if _, err := fmt.Fprintln(w, head.text()); err != nil {
		return err
	}
	for i := range l.rungs {
		g := &l.rungs[i]
		ln := line{}
		if i == 0 || g.at != l.rungs[i-1].at {
			ln.put(2, g.at.String(), asIs)
		}
		p.draw(&ln, g)
		if _, err := fmt.Fprintln(w, ln.text()); err != nil {
			return err
		}
	}
	return nil
}

func (p *page) draw(ln *line, g *rung) {
	state := g.state
	if t, ok := p.conns[g.conn]; ok && state != "" {
		state = fmt.Sprintf("%-12s :%d", state, p.port(t))
	}
	if state != "" {
		ln.put(p.column(g.lane), state, p.State)
	}
	if g.text != "" {
		dress := asIs
		if strings.HasPrefix(g.text, "!") {
			dress = p.Reset
		}
		ln.put(p.column(g.lane), g.text, dress)
	}
	if g.arrow {
		p.arrow(ln, g)
	}
	if r := g.rule.Rule(); r != nil {
		ln.put(p.right, r.Name, asIs)
		ln.put(p.right+ruleWidth, r.Cite.String(), p.Clause)
	}
	if g.fate != "" {
		ln.put(p.right+ruleWidth+1, "("+g.fate+")", p.Lost)
	}
}

// port tells a connection apart from others: by the port that only it has, which
// is the client's.
func (p *page) port(t tuple) uint16 {
	if p.uses[t.local] > 1 {
		return t.remote.Port
	}
	return t.local.Port
}

// label is what stands on an arrow.
func (p *page) label(g *rung) string {
	if p.conns != nil {
		return fmt.Sprintf(":%d %s", p.port(g.ends), g.label)
	}
	return g.label
}

// arrow draws a segment between two lanes, with its label on it; one that is lost
// ends in a cross.
func (p *page) arrow(ln *line, g *rung) {
	label, dress := p.label(g), asIs
	left, right := min(g.lane, g.to), max(g.lane, g.to)
	at := p.column(left) + p.lane
	length := p.column(right) - at - 2
	if left == right { // to itself
		length = p.gap - 2
	}
	shaft := strings.Repeat("─", max(length-utf8.RuneCountInString(label)-6, 2))
	rightward, leftward := "▶", "◀"
	switch {
	case g.lost:
		rightward, leftward, dress = "✗", "✗", p.Lost
	case g.reset:
		dress = p.Reset
	}
	if g.lane <= g.to {
		ln.put(at, "── "+label+" "+shaft+rightward, dress)
	} else {
		ln.put(at, leftward+shaft+" "+label+" ──", dress)
	}
}

// several gives the connections that sent something, and how many share an
// endpoint, if there are more of them than the two ends of one.
func (l *Ladder) several() (map[ConnID]tuple, map[Endpoint]int) {
	uses := map[Endpoint]int{}
	seen := map[tuple]bool{}
	for _, t := range l.conns {
		if !seen[t] {
			seen[t] = true
			uses[t.local]++
		}
	}
	if len(seen) <= 2 {
		return nil, nil
	}
	return l.conns, uses
}

// line is a line of text that is put together from pieces at columns.
type line struct{ pieces []piece }

type piece struct {
	col   int
	text  string
	dress func(string) string
}

func (ln *line) put(col int, text string, dress func(string) string) {
	ln.pieces = append(ln.pieces, piece{col, text, dress})
}

// text joins the pieces. One that has no room at its column follows the one
// before it.
func (ln *line) text() string {
	slices.SortStableFunc(ln.pieces, func(a, b piece) int { return a.col - b.col })
	var b strings.Builder
	width := 0
	for _, p := range ln.pieces {
		gap := max(p.col-width, 0)
		if gap == 0 && width > 0 {
			gap = 1
		}
		b.WriteString(strings.Repeat(" ", gap))
		b.WriteString(p.dress(p.text))
		width += gap + utf8.RuneCountInString(p.text)
	}
	return b.String()
}
