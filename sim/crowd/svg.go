package crowd

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
)

// The measures of a chart, in pixels: a plot for each host, one above the other.
const (
	chartWidth  = 960
	plotLeft    = 80
	plotRight   = 700 // and labels of the lines to its right
	plotHeight  = 220
	plotGap     = 66 // from one plot to the next: the axis, and the name of the host
	lineHeight  = 18
	textColumns = 118 // that fit the width
)

// style is how a line is told from the others without its colour: by its dashes
// and its marks.
type style struct {
	class, dash, mark string
}

// marks draws the marks, about the origin.
var marks = map[string]string{
	"circle":   "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
	"square":   "m-3.5-3.5h7v7h-7z",
	"diamond":  "m0-5l5 5l-5 5l-5-5z",
	"up":       "m0-5l5 9h-10z",
	"down":     "m0 5l5-9h-10z",
	"bar":      "m-5-1.5h10v3h-10z",
	"post":     "m-1.5-5h3v10h-3z",
	"flag":     "m-3-5l8 5l-8 5z",
	"flagback": "m3-5l-8 5l8 5z",
}

// styles of the states, the same in every chart.
var styles = [numStates]style{
	fsm.SynSent:     {"c1", "1 3", "flag"},
	fsm.SynReceived: {"c2", "4 2", "flagback"},
	fsm.Established: {"c3", "", "circle"},
	fsm.FinWait1:    {"c4", "6 2 1 2", "up"},
	fsm.FinWait2:    {"c5", "8 4", "down"},
	fsm.CloseWait:   {"c6", "", "square"},
	fsm.Closing:     {"c1", "2 2", "bar"},
	fsm.LastAck:     {"c2", "10 3 3 3", "post"},
	fsm.TimeWait:    {"c7", "", "diamond"},
}

var descriptorStyle = style{"c0", "2 4", "bar"}

// look is the chart's colours, for readers who have a light background or a dark
// one; viewers that cannot ask show the light one. Variables would be shorter,
// and many viewers do not know them.
const look = `<style>
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}
.head{font-weight:bold}.end{text-anchor:end}.middle{text-anchor:middle}
.bg{fill:#fff}.grid{stroke:#d0d7de;fill:none}.event{stroke:#1f2328;stroke-dasharray:3 3;fill:none}
.c0{stroke:#57606a;fill:#57606a}.c1{stroke:#8a6100;fill:#8a6100}.c2{stroke:#117a65;fill:#117a65}.c3{stroke:#0550ae;fill:#0550ae}
.c4{stroke:#a04000;fill:#a04000}.c5{stroke:#6639ba;fill:#6639ba}.c6{stroke:#b3112f;fill:#b3112f}.c7{stroke:#1a6fb5;fill:#1a6fb5}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}.bg{fill:#0d1117}.grid{stroke:#30363d}.event{stroke:#e6edf3}
.c0{stroke:#9aa4af;fill:#9aa4af}.c1{stroke:#e3b341;fill:#e3b341}.c2{stroke:#56d4b0;fill:#56d4b0}.c3{stroke:#79c0ff;fill:#79c0ff}
.c4{stroke:#ffa657;fill:#ffa657}.c5{stroke:#d2a8ff;fill:#d2a8ff}.c6{stroke:#ff7b72;fill:#ff7b72}.c7{stroke:#a5d6ff;fill:#a5d6ff}
}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
</style>
`

// series is one line of a plot.
type series struct {
	name string
	style
	values []int
}

// chart is a drawing that is being made. Its coordinates are whole numbers, or
// tenths of pixels made of them: every machine writes the same.
type chart struct {
	*bufio.Writer
	r   *Result
	end fsm.Time
	top int // of both axes of counts
}

// SVG draws the time line: connections by state, a plot for each host.
func (r *Result) SVG(w io.Writer) error {
	c := &chart{Writer: bufio.NewWriter(w), r: r, end: r.Samples[len(r.Samples)-1].At}
	var lines [2][]series
	for _, side := range []Side{Client, Server} {
		lines[side] = r.series(side)
		for _, s := range lines[side] {
			c.top = max(c.top, slices.Max(s.values))
		}
	}
	notes := wrap(r.Spec.String())
	if f := r.First(); f != nil {
		notes = append(notes, wrap(fmt.Sprintf("First failure, %s: %v: %s.", clock(f.At), f, f.Cause))...)
	} else {
		notes = append(notes, "No failure.")
	}
	if r.Restarted > 0 {
		notes = append(notes, wrap(sentence(r.restart())+".")...)
	}
	heads := wrap(r.Spec.Heading())
	first := (1+len(heads)+len(notes))*lineHeight + 30
	height := first + 2*plotHeight + plotGap + 40
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title desc">`+"\n",
		chartWidth, height, chartWidth, height)
	fmt.Fprintf(c, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", escape(r.Spec.Heading()), escape(strings.Join(notes, " ")))
	fmt.Fprint(c, look)
	fmt.Fprint(c, `<rect class="bg" width="100%" height="100%"/>`+"\n")
	for i, h := range heads {
		c.text(16, 26+lineHeight*i, "head", h)
	}
	for i, n := range notes {
		c.text(16, 26+lineHeight*(len(heads)+i), "", n)
	}
	for _, side := range []Side{Client, Server} {
		c.plot(side, lines[side], first+int(side)*(plotHeight+plotGap))
	}
	fmt.Fprint(c, "</svg>\n")
	return c.Flush()
}

// series gives the lines of a host's plot: its states, and its descriptors where
// they are more than a few.
func (r *Result) series(side Side) []series {
	var list []series
	for _, st := range r.shown(side) {
		s := series{name: st.String(), style: styles[st]}
		for i := range r.Samples {
			s.values = append(s.values, r.Samples[i].Hosts[side].States[st])
		}
		list = append(list, s)
	}
	d := series{name: "descriptors", style: descriptorStyle}
	for i := range r.Samples {
		d.values = append(d.values, r.Samples[i].Hosts[side].Descriptors)
	}
	if len(list) == 0 || slices.Max(d.values) > r.Spec.Descriptors/small {
		list = append(list, d)
	}
	return list
}

func (c *chart) text(x, y int, class, text string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(c, "<text x=\"%d\" y=\"%d\"%s>%s</text>\n", x, y, class, escape(text))
}

// x is where an instant lies, in tenths of a pixel.
func (c *chart) x(at fsm.Time) int {
	return 10*plotLeft + int(int64(10*(plotRight-plotLeft))*(int64(at)/1000)/max(int64(c.end)/1000, 1))
}

// y is where a count lies in the plot that begins at y0, in tenths of a pixel.
func (c *chart) y(n, y0, top int) int {
	return 10*(y0+plotHeight) - int(10*plotHeight*int64(n)/int64(top)) // ten million clients overflow 32 bits
}

func tenths(n int) string { return fmt.Sprintf("%d.%d", n/10, n%10) }

// plot draws one host's lines, their axes, and what happened when.
func (c *chart) plot(side Side, lines []series, y0 int) {
	step := countStep(max(c.top, 1))
	top := (max(c.top, 1) + step - 1) / step * step
	c.text(16, y0-10, "head", side.String())
	for n := 0; n <= top; n += step {
		y := c.y(n, y0, top)
		fmt.Fprintf(c, "<path class=\"grid\" d=\"M%d %sH%d\"/>\n", plotLeft, tenths(y), plotRight)
		c.text(plotLeft-8, y/10+4, "end", fmt.Sprint(n))
	}
	for at := fsm.Time(0); at <= c.end; at += timeStep(c.end) {
		fmt.Fprintf(c, "<path class=\"grid\" d=\"M%s %dv5\"/>\n", tenths(c.x(at)), y0+plotHeight)
		c.text(c.x(at)/10, y0+plotHeight+19, "middle", clock(at))
	}
	c.events(side, y0)
	for k, s := range lines {
		c.line(k, s, y0, top)
	}
	c.labels(lines, y0, top)
}

// events marks the first failure of a host, and the server's restart.
func (c *chart) events(side Side, y0 int) {
	mark := func(at fsm.Time, what string) {
		x := c.x(at)
		fmt.Fprintf(c, "<path class=\"event\" d=\"M%s %dv%d\"/>\n", tenths(x), y0-4, plotHeight+4)
		class, dx := "", 5
		if x > 10*(plotLeft+plotRight)/2 {
			class, dx = "end", -5
		}
		c.text(x/10+dx, y0-10, class, what)
	}
	if f := c.r.First(); f != nil && f.Side == side {
		what := f.Call + ": " + f.Error
		if f.Error == overflow {
			what = "listen queue overflow"
		}
		mark(f.At, what+", "+clock(f.At))
	} else if side == Server && c.r.Restarted > 0 {
		mark(c.r.Restarted, "restart, "+clock(c.r.Restarted))
	}
}

// maxPoints is how many samples a line has in a chart; of more, every so many
// are drawn, and each count is the highest of them.
const maxPoints = plotRight - plotLeft

// line draws a line with a mark here and there, at places of its own.
func (c *chart) line(k int, s series, y0, top int) {
	group := (len(s.values) + maxPoints - 1) / maxPoints
	fmt.Fprintf(c, `<path class="line %s"`, s.class)
	if s.dash != "" {
		fmt.Fprintf(c, ` stroke-dasharray="%s"`, s.dash)
	}
	fmt.Fprint(c, ` d="`)
	var dots []string
	points := (len(s.values) + group - 1) / group
	every := max(points/8, 1)
	for i := 0; i < points; i++ {
		lo, hi := i*group, min((i+1)*group, len(s.values))
		at := tenths(c.x(c.r.Samples[hi-1].At)) + " " + tenths(c.y(slices.Max(s.values[lo:hi]), y0, top))
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		fmt.Fprint(c, verb+at)
		if (i+1+k*every/4)%every == 0 {
			dots = append(dots, "M"+at+marks[s.mark])
		}
	}
	fmt.Fprintf(c, "\"/>\n<path class=\"%s\" d=\"%s\"/>\n", s.class, strings.Join(dots, ""))
}

// labels names the lines at their ends, with the last count and the highest.
func (c *chart) labels(lines []series, y0, top int) {
	order := slices.Clone(lines)
	last := func(s *series) int { return s.values[len(s.values)-1] }
	slices.SortStableFunc(order, func(a, b series) int { return cmp.Compare(last(&b), last(&a)) })
	at := make([]int, len(order))
	for i := range order {
		at[i] = c.y(last(&order[i]), y0, top) / 10
	}
	spread(at, 16, y0, y0+plotHeight)
	for i := range order {
		s := &order[i]
		fmt.Fprintf(c, "<path class=\"%s\" d=\"M%d %d%s\"/>\n", s.class, plotRight+14, at[i], marks[s.mark])
		text := fmt.Sprintf("%s %d", s.name, last(s))
		if peak := slices.Max(s.values); peak != last(s) {
			text += fmt.Sprintf(", max %d", peak)
		}
		c.text(plotRight+24, at[i]+4, "", text)
	}
}

// escape makes text fit for XML.
func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic("sim/crowd: a builder failed: " + err.Error())
	}
	return b.String()
}

// wrap breaks text into lines that fit the chart, between words.
func wrap(text string) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > textColumns {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
