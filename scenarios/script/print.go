package script

import "strings"

// Format gives the canonical text of a script.
func Format(name string, text []byte) ([]byte, error) {
	s, err := Parse(name, text)
	if err != nil {
		return nil, err
	}
	return []byte(s.String()), nil
}

// String gives the canonical text, which parses to the same tree.
func (s *Script) String() string {
	var b strings.Builder
	printItems(&b, s.Items)
	return b.String()
}

func printItems(b *strings.Builder, items []Item) {
	for i := 0; i < len(items); i++ {
		switch it := items[i].(type) {
		case Blank:
		case Comment:
			b.WriteString(it.Text)
		case Option:
			b.WriteString(it.String())
		case *Conditional:
			b.WriteString("#ifdef " + it.Name + "\n")
			printItems(b, it.Items)
			b.WriteString("#endif")
		case *Event:
			run := timedRun(items[i:])
			if len(run) == 0 {
				b.WriteString(it.String())
				break
			}
			printRun(b, run)
			i += len(run) - 1
			continue
		}
		b.WriteByte('\n')
	}
}

// timedRun gives the events with a time that begin the items.
func timedRun(items []Item) []*Event {
	var run []*Event
	for _, it := range items {
		e, ok := it.(*Event)
		if !ok || e.Time.Kind == NoTime {
			break
		}
		run = append(run, e)
	}
	return run
}

// columns are the widths of what stands in front of an action.
type columns struct{ profiles, time, host int }

// maxColumn bounds the width that a single long name gives to a column.
const maxColumn = 40

func (w *columns) fit(e *Event) {
	grow := func(n *int, s string) {
		if len(s) <= maxColumn {
			*n = max(*n, len(s))
		}
	}
	grow(&w.profiles, e.profiles())
	grow(&w.time, e.Time.String())
	grow(&w.host, e.host())
}

// printRun prints events that follow each other, in columns.
func printRun(b *strings.Builder, run []*Event) {
	var w columns
	for _, e := range run {
		w.fit(e)
	}
	for _, e := range run {
		e.print(b, w)
		b.WriteByte('\n')
	}
}

// String gives the event's line, without a run to line up with.
func (e *Event) String() string {
	var (
		b strings.Builder
		w columns
	)
	w.fit(e)
	e.print(&b, w)
	return b.String()
}

func (e *Event) print(b *strings.Builder, w columns) {
	column(b, e.profiles(), w.profiles)
	column(b, e.Time.String(), w.time)
	if host := e.host(); host != "" {
		column(b, host, w.host)
	}
	if k, ok := e.Action.(*Packet); ok && e.Process == "" {
		b.WriteString(k.text(e.Host))
	} else {
		b.WriteString(e.Action.String())
	}
	if e.Comment != "" {
		b.WriteString("  " + e.Comment)
	}
}

// column pads a text to the width of its column, if that is in use.
func column(b *strings.Builder, s string, width int) {
	if s == "" && width == 0 {
		return
	}
	b.WriteString(s)
	b.WriteString(strings.Repeat(" ", max(0, width-len(s))+1))
}

func (e *Event) profiles() string {
	if len(e.Profiles) == 0 {
		return ""
	}
	return "@" + strings.Join(e.Profiles, ",")
}

// host gives "client", "client/worker", or nothing where the ports of a
// segment name the host.
func (e *Event) host() string {
	if e.Process != "" {
		return e.Host + "/" + e.Process
	}
	if k, ok := e.Action.(*Packet); ok && k.namesHost(e.Host) {
		return ""
	}
	return e.Host
}

// String gives "--name=value" and the comment behind it.
func (o Option) String() string {
	s := "--" + o.Name
	if o.HasArg {
		s += "=" + o.Value
	}
	if o.Comment != "" {
		s += "  " + o.Comment
	}
	return s
}
