package script

import "strings"

// Parse reads a script; name is what positions and errors call it. The error
// is an *Error.
func Parse(name string, text []byte) (*Script, error) {
	p := &parser{name: name, text: strings.ReplaceAll(string(text), "\r\n", "\n"), line: 1, gapEnd: -1}
	p.checkBytes()
	s := &Script{Name: name, Items: p.items()}
	if p.err == nil && p.at("#endif") {
		p.fail(p.pos(), "#endif without #ifdef")
	}
	if p.err != nil {
		return nil, p.err
	}
	return s, nil
}

// checkBytes refuses what is no text: a control byte would reach terminals by
// way of comments and strings.
func (p *parser) checkBytes() {
	for i := range len(p.text) {
		if c := p.text[i]; c < ' ' && c != '\t' && c != '\n' || c == 0x7f {
			p.advance(i)
			p.fail(p.pos(), "control byte 0x%02x (want text)", c)
			return
		}
	}
}

// items reads up to the end of the text or to an #endif.
func (p *parser) items() []Item {
	var items []Item
	for {
		blank, found := p.emptyLines()
		if p.atEnd() || p.at("#endif") {
			return joinComments(items)
		}
		if found && len(items) > 0 {
			items = append(items, blank)
		}
		switch {
		case p.atComment():
			items = append(items, p.comment())
		case p.at("#"):
			items = p.conditional(items)
		case p.at("--"):
			items = append(items, p.option())
		default:
			e := p.event()
			items = append(p.takeInside(items), e)
		}
	}
}

// emptyLines skips white space between items and tells whether a line of it
// was empty.
func (p *parser) emptyLines() (Blank, bool) {
	var b Blank
	line := p.line
	for p.blanks(); p.at("\n"); p.blanks() {
		if p.advance(1); p.line == line+2 {
			b.Pos = Pos{Line: line + 1, Column: 1}
		}
	}
	return b, b.Pos.Line > 0
}

// takeInside moves the comments met inside an event in front of it.
func (p *parser) takeInside(items []Item) []Item {
	for _, c := range p.inside {
		items = append(items, c)
	}
	p.inside = p.inside[:0]
	return items
}

// joinComments makes one Comment of "//" lines that follow each other.
func joinComments(items []Item) []Item {
	out := items[:0]
	for i := 0; i < len(items); i++ {
		first, ok := lineComment(items[i])
		if !ok {
			out = append(out, items[i])
			continue
		}
		lines := []string{first.Text}
		for ; i+1 < len(items); i++ {
			next, ok := lineComment(items[i+1])
			if !ok {
				break
			}
			lines = append(lines, next.Text)
		}
		out = append(out, Comment{Pos: first.Pos, Text: strings.Join(lines, "\n")})
	}
	return out
}

func lineComment(it Item) (Comment, bool) {
	c, ok := it.(Comment)
	return c, ok && strings.HasPrefix(c.Text, "//")
}

// conditional reads "#ifdef NAME" up to its "#endif". Comments behind them
// move in front of them.
func (p *parser) conditional(items []Item) []Item {
	c := &Conditional{Pos: p.pos()}
	p.off++
	if w := p.run(); w != "ifdef" {
		p.fail(c.Pos, "unknown directive %s (want #ifdef or #endif)", quote("#"+w))
		return items
	}
	p.off += len("ifdef")
	if p.blanks(); isLetter(p.peek()) {
		c.Name = p.run()
		p.off += len(c.Name)
	} else {
		p.met("#ifdef", "a name")
	}
	items = p.behind(items, "#ifdef")
	if !p.nest(c.Pos) {
		return items
	}
	c.Items = p.items()
	p.depth--
	if !p.at("#endif") {
		p.fail(c.Pos, "#ifdef %s has no #endif", quote(c.Name))
		return items
	}
	p.off += len("#endif")
	c.Items = joinComments(p.behind(c.Items, "#endif"))
	return append(items, c)
}

// behind reads the rest of a directive's line: at most comments.
func (p *parser) behind(items []Item, subject string) []Item {
	for _, c := range p.endLine(subject) {
		items = append(items, c)
	}
	return items
}

// endLine reads the rest of a line, which may hold comments only.
func (p *parser) endLine(subject string) []Comment {
	var cs []Comment
	for p.blanks(); p.atComment(); p.blanks() {
		cs = append(cs, p.comment())
	}
	if !p.atEnd() && !p.at("\n") {
		p.fail(p.pos(), "%s: want the end of the line, got %s", subject, p.found())
	}
	return cs
}

// oneLine puts the comments behind an event side by side.
func oneLine(cs []Comment) string {
	var texts []string
	for _, c := range cs {
		texts = append(texts, c.Text)
	}
	return strings.Join(texts, " ")
}

// option reads "--name=value". Several may share a line.
func (p *parser) option() Option {
	o := Option{Pos: p.pos()}
	p.off += len("--")
	if o.Name = p.run(); o.Name == "" {
		p.fail(o.Pos, `option: want a name behind "--"`)
		return o
	}
	p.off += len(o.Name)
	if p.started {
		p.fail(o.Pos, "option %s stands behind an event (want options first)", quote(o.Name))
		return o
	}
	if p.blanks(); p.at("=") {
		p.off++
		p.blanks()
		o.HasArg, o.Value = true, p.optionValue()
	}
	if p.blanks(); !p.at("--") {
		o.Comment = oneLine(p.endLine("option " + quote(o.Name)))
	}
	return o
}

// optionValue reads up to white space or a comment; blanks in double quotes
// belong to the value.
func (p *parser) optionValue() string {
	from, at, quoted := p.off, p.pos(), false
	for ; !p.atEnd() && !p.at("\n"); p.off++ {
		c := p.peek()
		if !quoted && (c == ' ' || c == '\t' || p.atComment()) {
			break
		}
		if quoted && c == '\\' && p.off+1 < len(p.text) && p.text[p.off+1] != '\n' {
			p.off++
		} else if c == '"' {
			quoted = !quoted
		}
	}
	if quoted {
		p.fail(at, "value of an option is not closed on its line")
		return ""
	}
	return p.text[from:p.off]
}

// event reads one event and the comment behind it.
func (p *parser) event() *Event {
	e := &Event{Pos: p.pos()}
	p.profiles(e)
	e.Time = p.time()
	p.profiles(e)
	p.action(e)
	if p.err == nil {
		p.checkTime(e)
		e.Comment = oneLine(p.endLine("event"))
	}
	p.started = true
	return e
}

// profiles reads "@name,name".
func (p *parser) profiles(e *Event) {
	if p.skip(); !p.at("@") {
		return
	}
	if e.Profiles != nil {
		p.fail(p.pos(), `profiles: want one "@" in an event, got a second`)
		return
	}
	p.off++
	for {
		e.Profiles = append(e.Profiles, p.word("profiles", "a name"))
		if !p.take(",") {
			return
		}
	}
}

// action reads the host and what it does.
func (p *parser) action(e *Event) {
	p.skip()
	m, at := p.mark(), p.pos()
	e.At = at
	if e.Action = p.marked(e); e.Action != nil || p.err != nil {
		return
	}
	w := p.word("event", "a host, a call, a segment, a command or code")
	p.blanks()
	isLink := w == "link" && isLetter(p.peek())
	switch {
	case e.Time.Kind == NoTime && (isLink || p.at("(") || p.at(":")):
		p.timeless(m)
	case isLink:
		e.Action = p.link(at)
	case p.at("("):
		e.Action = p.call(at, w)
	case p.at(":"):
		e.Host = w
		e.Action = p.portPacket(at, w)
	default:
		e.Host = w
		p.hostAction(e, m)
	}
}

// hostAction reads what the host of an event does; m is where the host stands.
func (p *parser) hostAction(e *Event, m mark) {
	if p.at("/") && !p.atComment() {
		if p.off++; !isLetter(p.peek()) {
			p.met("process", "a name")
		}
		e.Process = p.word("process", "a name")
	}
	p.skip()
	if e.Time.Kind == NoTime && !p.at("`") && !p.at("%{") {
		p.timeless(m)
		return
	}
	if e.Action = p.marked(e); e.Action != nil || p.err != nil {
		return
	}
	at := p.pos()
	w := p.word("host "+quote(e.Host), "a call, a segment, a command or code")
	if p.blanks(); p.at("(") {
		e.Action = p.call(at, w)
	} else if w == "link" {
		p.fail(at, "link: want no host in front of it, got %s", quote(e.Host))
	} else {
		p.met(quote(w), `"("`)
	}
}

// timeless fails at m: only commands and code go without a time.
func (p *parser) timeless(m mark) {
	p.reset(m)
	p.met("event", "a time")
}

// marked reads an action that begins with a mark of its own, if one does.
func (p *parser) marked(e *Event) Action {
	switch {
	case p.at("`"):
		return p.command()
	case p.at("%{"):
		return p.code()
	case e.Time.Kind == NoTime && !isLetter(p.peek()):
		p.timeless(p.mark())
	case p.at("<"), p.at(">"):
		return p.packet()
	}
	return nil
}

// command reads a line, or several, in back-quotes.
func (p *parser) command() Action {
	c := &Command{Pos: p.pos()}
	p.off++
	for n := p.off; n < len(p.text); n++ {
		switch p.text[n] {
		case '\\':
			n++
		case '`':
			c.Text = p.text[p.off:n]
			p.advance(n + 1 - p.off)
			return c
		}
	}
	p.fail(c.Pos, "command has no closing back-quote")
	return nil
}

// code reads "%{ ... }%".
func (p *parser) code() Action {
	c := &Code{Pos: p.pos()}
	p.off += len("%{")
	n := strings.Index(p.text[p.off:], "}%")
	if n < 0 {
		p.fail(c.Pos, `code has no "}%%"`)
		return nil
	}
	c.Text = p.text[p.off : p.off+n]
	p.advance(n + len("}%"))
	return c
}
