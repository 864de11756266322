package compare

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes a comparison as tables, for documents. What is the same under
// all profiles stands in the first column alone.
func (c *Comparison) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", c.String())
	for _, l := range c.told() {
		b.WriteString(l + "\n\n")
	}
	for i := range c.Sections {
		s := &c.Sections[i]
		fmt.Fprintf(&b, "### %s\n\n", cell(s.heading()))
		tableHead(&b, append(append([]string{"", "time"}, c.Profiles...), "made by"))
		for j := range s.Rows {
			c.tableRow(&b, s, &s.Rows[j])
		}
		b.WriteString("\n")
	}
	if len(c.Switches) > 0 {
		b.WriteString("### switches\n\n")
		tableHead(&b, append(append([]string{"switch"}, c.Profiles...), "differences", "sources"))
		for _, sw := range c.Switches {
			tableLine(&b, append(append([]string{code(sw.Name)}, sw.Values...), numbers(sw.Made), cell(strings.Join(c.sources(&sw), "; "))))
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func (c *Comparison) tableRow(b *strings.Builder, s *Section, row *Row) {
	words := []string{"all", row.first().at.String()}
	switch {
	case row.Number == 0:
		words = append(words, code(s.words(row.Cells[0])))
		words = append(words, make([]string, len(c.Profiles)-1)...)
	case !row.together():
		words = []string{fmt.Sprint(row.Number), ""}
	default:
		words[0] = fmt.Sprint(row.Number)
	}
	var why []string
	if row.Number > 0 {
		for _, it := range row.Cells {
			text := "–"
			if it != nil {
				text = code(s.words(it))
				if words[1] == "" {
					text = it.at.String() + " " + text
				}
				if it.rule != 0 {
					text += " by " + it.rule.String()
				}
			}
			words = append(words, text)
		}
		if row.More > 0 {
			words[len(words)-1] += "; " + row.more()
		}
		for k := range row.Causes {
			why = append(why, strings.TrimPrefix(c.because(&row.Causes[k]), "by "))
		}
	}
	tableLine(b, append(words, strings.Join(why, "; ")))
}

func tableHead(b *strings.Builder, words []string) {
	tableLine(b, words)
	b.WriteString(strings.Repeat("| --- ", len(words)) + "|\n")
}

func tableLine(b *strings.Builder, words []string) {
	for _, w := range words {
		b.WriteString("| ")
		if w != "" {
			b.WriteString(w + " ")
		}
	}
	b.WriteString("|\n")
}

// code writes a text that Markdown leaves as it is, also inside a table.
func code(s string) string { return "`" + cell(strings.ReplaceAll(s, "`", "'")) + "`" }

// cell writes a text that does not end its cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
