package script

import (
	"fmt"
	"strconv"
	"strings"
)

// String gives the call as scripts have it: "close(3) = 0".
func (c *Call) String() string {
	s := c.Name + "(" + join(c.Args) + ")"
	if c.Result != nil {
		s += " = " + c.Result.String()
	}
	if c.Errno != "" {
		s += " " + c.Errno
	}
	if c.Note != "" {
		s += " (" + c.Note + ")"
	}
	return s
}

func join(list []Expr) string {
	var b strings.Builder
	for i, e := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(e.String())
	}
	return b.String()
}

// String gives the command in its back-quotes.
func (c *Command) String() string { return "`" + c.Text + "`" }

// String gives the code between its marks.
func (c *Code) String() string { return "%{" + c.Text + "}%" }

// String gives the number as it was written.
func (i Int) String() string {
	if i.Text == "" {
		return strconv.FormatInt(i.Value, 10)
	}
	return i.Text
}

// String gives the string as it was written, in its quotes.
func (s Str) String() string {
	text := s.Text
	if text == "" {
		text = escaped(s.Value)
	}
	if s.More {
		text += "..."
	}
	return text
}

// escaped writes a string so that it parses to itself.
func escaped(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(rune(c)))
		case c == '\n':
			b.WriteString(`\n`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// String gives the name.
func (s Sym) String() string { return s.Name }

// String gives the three points.
func (Any) String() string { return "..." }

// String gives "A|B".
func (o Or) String() string {
	var words []string
	for _, e := range o.Of {
		words = append(words, e.String())
	}
	return strings.Join(words, "|")
}

// String gives "0...100".
func (r Range) String() string { return fmt.Sprintf("%d...%d", r.Lo, r.Hi) }

// String gives "[a, b]".
func (l List) String() string { return "[" + join(l.Of) + "]" }

// String gives "{fd=4, events=POLLIN}" or "{LISTEN 1}".
func (s Struct) String() string {
	sep := "="
	if s.Census {
		sep = " "
	}
	var fields []string
	for _, f := range s.Fields {
		text := f.Name
		if f.Arg != nil {
			text += "(" + f.Arg.String() + ")"
		}
		if f.Name != "" {
			text += sep
		}
		fields = append(fields, text+f.Value.String())
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// String gives "{server:80}".
func (a Addr) String() string { return "{" + a.Host + ":" + strconv.Itoa(a.Port) + "}" }

// String gives "htons(8080)".
func (a Apply) String() string { return a.Name + "(" + join(a.Args) + ")" }
