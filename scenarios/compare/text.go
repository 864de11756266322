package compare

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/tcpsim/tcpsim/sim"
)

// The layout of the text, in columns.
const (
	pageWidth  = 160
	leadWidth  = 26 // the number of a difference and a time
	maxColumns = 4  // more profiles do not stand side by side but below each other
)

// Text writes a comparison for people: what is the same once, behind "all", and
// what differs side by side, with the rule below it and what made it.
func (c *Comparison) Text(w io.Writer, p sim.Palette) error {
	t := &textWriter{c: c, palette: p, width: (pageWidth-leadWidth)/len(c.Profiles) - 2}
	t.put(p.Head(c.String()))
	for _, l := range c.told() {
		t.put(l)
	}
	for i := range c.Sections {
		t.section(&c.Sections[i])
	}
	t.switches()
	_, err := io.WriteString(w, t.b.String())
	return err
}

type textWriter struct {
	c       *Comparison
	palette sim.Palette
	width   int // of a column
	b       strings.Builder
}

func (t *textWriter) put(line string) { t.b.WriteString(strings.TrimRight(line, " ") + "\n") }

func (t *textWriter) sideBySide() bool { return len(t.c.Profiles) <= maxColumns }

func (t *textWriter) section(s *Section) {
	t.put("")
	head := s.heading()
	if t.sideBySide() {
		if utf8.RuneCountInString(head) >= leadWidth {
			t.put(t.palette.Head(head))
			head = ""
		}
		head = strings.TrimRight(pad(head, leadWidth)+t.columns(t.c.Profiles), " ")
	}
	t.put(t.palette.Head(head))
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.Number == 0 {
			t.put(lead("all", row.Cells[0].at.String()) + s.words(row.Cells[0]))
			continue
		}
		if t.sideBySide() {
			t.row(s, row)
		} else {
			t.stack(s, row)
		}
		if row.More > 0 {
			t.put(strings.Repeat(" ", leadWidth) + row.more())
		}
		for k := range row.Causes {
			for i, l := range wrap(t.c.because(&row.Causes[k]), pageWidth-leadWidth-4) {
				t.put(strings.Repeat(" ", leadWidth+4*min(i, 1)) + t.palette.State(l))
			}
		}
	}
}

func lead(label, at string) string { return "  " + pad(label, 5) + pad(at, leadWidth-7) }

// row writes a difference side by side: what each profile does, and the rule.
func (t *textWriter) row(s *Section, row *Row) {
	at := ""
	if row.together() {
		at = row.first().at.String()
	}
	var cells [][]string
	most := 0
	for _, it := range row.Cells {
		text := "-"
		if it != nil {
			if text = s.words(it); at == "" {
				text = it.at.String() + "  " + text
			}
		}
		lines := wrap(text, t.width)
		if it != nil && it.rule != 0 {
			lines = append(lines, wrap("["+it.rule.String()+"]", t.width)...)
		}
		cells = append(cells, lines)
		most = max(most, len(lines))
	}
	for i := range most {
		words := make([]string, len(cells))
		for k := range cells {
			if i < len(cells[k]) {
				words[k] = cells[k][i]
			}
		}
		head := strings.Repeat(" ", leadWidth)
		if i == 0 {
			head = lead(fmt.Sprint(row.Number), at)
		}
		t.put(head + t.columns(words))
	}
}

// stack writes a difference with a line for each way in which profiles do it.
func (t *textWriter) stack(s *Section, row *Row) {
	for i, of := range groups(row) {
		it := row.Cells[of[0]]
		label, at, text := "", "", "-"
		if i == 0 {
			label = fmt.Sprint(row.Number)
		}
		if it != nil {
			at, text = it.at.String(), s.words(it)
			if it.rule != 0 {
				text += "  [" + it.rule.String() + "]"
			}
		}
		t.put(lead(label, at) + text)
		t.put(strings.Repeat(" ", leadWidth) + "  under " + t.c.names(of))
	}
}

// columns joins the words of the profiles, each in its column.
func (t *textWriter) columns(words []string) string {
	line := ""
	for _, w := range words {
		line += pad(w, t.width) + "  "
	}
	return line
}

// switches lists what made the differences, and where that is from.
func (t *textWriter) switches() {
	if len(t.c.Switches) == 0 {
		return
	}
	t.put("")
	first := 0
	for _, sw := range t.c.Switches {
		first = max(first, len(sw.Name))
	}
	var widths []int
	for k, p := range t.c.Profiles {
		n := len(p)
		for _, sw := range t.c.Switches {
			n = max(n, len(sw.Values[k]))
		}
		widths = append(widths, n)
	}
	line := func(name string, values []string, made string) string {
		text := "  " + pad(name, first)
		for k, v := range values {
			text += "  " + pad(v, widths[k])
		}
		return text + "  " + made
	}
	head := line("switch", t.c.Profiles, "has a part in the differences")
	t.put(t.palette.Head(head))
	for _, sw := range t.c.Switches {
		for _, l := range wrap(line(sw.Name, sw.Values, numbers(sw.Made)), pageWidth) {
			t.put(l)
		}
		for _, src := range t.c.sources(&sw) {
			for _, l := range wrap(src, pageWidth-6) {
				t.put("      " + t.palette.Clause(l))
			}
		}
	}
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

// wrap breaks a text into lines of at most width columns, behind spaces and
// commas. A word that is longer than a line is broken where the line ends.
func wrap(text string, width int) []string {
	var lines []string
	runes := []rune(text)
	for len(runes) > width {
		cut := width
		for i := width; i > width/3; i-- {
			if runes[i-1] == ' ' || runes[i-1] == ',' || runes[i] == ' ' {
				cut = i
				break
			}
		}
		lines = append(lines, strings.TrimRight(string(runes[:cut]), " "))
		runes = []rune("  " + strings.TrimLeft(string(runes[cut:]), " "))
	}
	return append(lines, string(runes))
}
