package sim

import (
	"fmt"
	"io"
	"strings"
)

// Mermaid writes the ladder as a Mermaid sequence diagram.
func (l *Ladder) Mermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("sequenceDiagram\n")
	lanes := l.lanes()
	for _, name := range lanes {
		fmt.Fprintf(&b, "    participant %s\n", name)
	}
	for i := range l.rungs {
		g := &l.rungs[i]
		if g.text != "" {
			fmt.Fprintf(&b, "    Note over %s: %s\n", lanes[g.lane], mermaidText(g.at.String()+" "+g.text))
		}
		if g.arrow {
			head := "->>"
			if g.lost {
				head = "--x"
			}
			text := g.label
			if g.fate != "" {
				text += " (" + g.fate + ")"
			}
			fmt.Fprintf(&b, "    %s%s%s: %s\n", lanes[g.lane], head, lanes[g.to], mermaidText(g.at.String()+" "+text))
		}
		if g.state != "" {
			why := ""
			if r := g.rule.Rule(); r != nil {
				why = fmt.Sprintf(" (%s, %v)", r.Name, r.Cite)
			}
			fmt.Fprintf(&b, "    Note over %s: %s%s\n", lanes[g.lane], g.state, mermaidText(why))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidText keeps what ends a statement in Mermaid out of a text.
func mermaidText(s string) string {
	return strings.NewReplacer(";", "#59;", "\n", " ", "#", "#35;").Replace(s)
}
