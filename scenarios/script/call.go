package script

import (
	"errors"
	"strconv"
	"strings"
)

// call reads a call from its bracket on.
func (p *parser) call(at Pos, name string) Action {
	c := &Call{Pos: at, Name: name}
	p.want(cut(name), "(")
	c.Args = p.exprs(name, ")")
	if p.take("=") {
		c.Result = p.expr()
		p.blanks()
		if _, ok := c.Result.(Int); ok && isLetter(p.peek()) {
			c.Errno = p.run()
			p.off += len(c.Errno)
		}
	}
	if p.blanks(); p.at("(") {
		p.note(c)
	}
	return c
}

// note reads the "(Broken pipe)" behind a result.
func (p *parser) note(c *Call) {
	c.NotePos = p.pos()
	n := strings.IndexAny(p.text[p.off:], ")\n")
	if n < 0 || p.text[p.off+n] == '\n' {
		p.fail(c.NotePos, `note has no ")" on its line`)
		return
	}
	c.Note = strings.TrimSpace(p.text[p.off+1 : p.off+n])
	p.off += n + 1
}

// exprs reads "a, b" up to the closing bracket.
func (p *parser) exprs(subject, end string) []Expr {
	if p.take(end) {
		return nil
	}
	var list []Expr
	for {
		list = append(list, p.expr())
		if p.take(end) {
			return list
		}
		if !p.take(",") {
			p.met(cut(subject), `"," or `+strconv.Quote(end))
			return list
		}
	}
}

// expr reads an argument or a result. It gives nil after an error.
func (p *parser) expr() Expr {
	line := p.line
	if p.skip(); p.line > line && p.at("+") { // an event, not a value
		p.met("call", "a value")
		return nil
	}
	return p.or(p.pos(), p.primary())
}

// or reads the "| b | c" behind a first value.
func (p *parser) or(at Pos, first Expr) Expr {
	if !p.take("|") {
		return first
	}
	or := Or{Pos: at, Of: []Expr{first}}
	for more := true; more; more = p.take("|") {
		p.skip()
		or.Of = append(or.Of, p.primary())
	}
	return or
}

// primary reads a value without "|".
func (p *parser) primary() Expr {
	switch c := p.peek(); {
	case isDigit(c) || c == '-' || c == '+':
		return p.intOrRange()
	case isLetter(c):
		s := Sym{Pos: p.pos(), Name: p.run()}
		p.off += len(s.Name)
		if p.at("(") {
			return p.apply(s)
		}
		return s
	case c == '"':
		return p.str()
	case c == '[':
		return p.list()
	case c == '{':
		return p.braces()
	case p.at("..."):
		a := Any{Pos: p.pos()}
		p.off += len("...")
		return a
	}
	p.met("call", "a value")
	return nil
}

// intOrRange reads "3" or "0...100".
func (p *parser) intOrRange() Expr {
	lo, ok := p.integer()
	if !ok || !p.take("...") {
		return lo
	}
	p.skip()
	at := p.pos()
	if hi, ok := p.integer(); ok && hi.Value < lo.Value {
		p.fail(at, "range: want an end of %d or more, got %d", lo.Value, hi.Value)
	} else if ok {
		return Range{Pos: lo.Pos, Lo: lo.Value, Hi: hi.Value}
	}
	return nil
}

// integer reads a decimal or hexadecimal number with or without a sign.
func (p *parser) integer() (Int, bool) {
	i, from := Int{Pos: p.pos()}, p.off
	if p.at("-") || p.at("+") {
		p.off++
	}
	digits, base := p.run(), 10
	p.off += len(digits)
	i.Text = p.text[from:p.off]
	if len(digits) > 2 && digits[0] == '0' && digits[1]|0x20 == 'x' {
		digits, base = digits[2:], 16
	}
	if digits == "" {
		p.off = from
		p.met("number", "digits")
		return i, false
	}
	sign := strings.TrimRight(i.Text[:1], "0123456789")
	value, err := strconv.ParseInt(sign+digits, base, 64)
	if i.Value = value; err == nil {
		return i, true
	}
	if errors.Is(err, strconv.ErrRange) {
		p.fail(i.Pos, "number %s is out of range (-2^63 to 2^63-1)", cut(i.Text))
	} else {
		p.fail(i.Pos, "number: want digits, got %s", quote(i.Text))
	}
	return i, false
}

// apply reads the arguments of "htons(8080)".
func (p *parser) apply(s Sym) Expr {
	if !p.nest(s.Pos) {
		return nil
	}
	p.off++
	a := Apply{Pos: s.Pos, Name: s.Name, Args: p.exprs(s.Name, ")")}
	p.depth--
	return a
}

func (p *parser) list() Expr {
	l := List{Pos: p.pos()}
	if !p.nest(l.Pos) {
		return nil
	}
	p.off++
	l.Of = p.exprs("list", "]")
	p.depth--
	return l
}

// braces reads a struct, a census or a socket address by host name.
func (p *parser) braces() Expr {
	s := Struct{Pos: p.pos()}
	if !p.nest(s.Pos) {
		return nil
	}
	defer func() { p.depth-- }()
	p.off++
	if p.take("}") {
		s.Census = true
		return s
	}
	p.skip()
	host := p.run()
	if p.at("*") {
		host = "*"
	}
	if strings.HasPrefix(p.text[p.off+len(host):], ":") && host != "" {
		p.off += len(host) + 1
		a := Addr{Pos: s.Pos, Host: host, Port: p.port()}
		p.want("address", "}")
		return a
	}
	for {
		f, census := p.structField()
		if s.Fields = append(s.Fields, f); len(s.Fields) == 1 {
			s.Census = census
		} else if census != s.Census {
			p.fail(f.Pos, "struct: want fields all with or all without a count")
		}
		if p.take("}") {
			return s
		}
		if !p.take(",") {
			p.met("struct", `"," or "}"`)
			return nil
		}
	}
}

// structField reads "10", "fd=4", "msg_iov(2)=[...]" or, of a census,
// "LISTEN 1".
func (p *parser) structField() (f Field, census bool) {
	p.skip()
	f.Pos = p.pos()
	first := p.primary()
	switch e := first.(type) {
	case Sym:
		if p.take("=") {
			f.Name, f.Value = e.Name, p.expr()
			return f, false
		}
		if p.skip(); isDigit(p.peek()) || p.at("-") || p.at("...") {
			f.Name, f.Value = e.Name, p.primary()
			return f, true
		}
	case Apply:
		if len(e.Args) == 1 && p.take("=") {
			f.Name, f.Arg, f.Value = e.Name, e.Args[0], p.expr()
			return f, false
		}
	}
	f.Value = p.or(f.Pos, first)
	return f, false
}

// escapes are what stands behind a backslash in a string, but for numbers.
var escapes = map[byte]byte{
	'n': '\n', 't': '\t', 'r': '\r', 'a': '\a', 'b': '\b', 'f': '\f', 'v': '\v', 'e': 0x1b,
	'\\': '\\', '"': '"', '\'': '\'', '?': '?',
}

// str reads a string literal with C's escapes.
func (p *parser) str() Expr {
	s, from := Str{Pos: p.pos()}, p.off
	var value strings.Builder
	for p.off++; !p.at(`"`); {
		switch c := p.peek(); {
		case p.atEnd() || c == '\n':
			p.fail(s.Pos, "string is not closed on its line")
			return nil
		case c == '\\':
			value.WriteByte(p.escape())
		default:
			value.WriteByte(c)
			p.off++
		}
	}
	p.off++
	s.Value, s.Text = value.String(), p.text[from:p.off]
	if s.More = p.at("..."); s.More {
		p.off += len("...")
	}
	return s
}

// escape reads a backslash and what belongs to it: octal numbers have up to
// three digits, hexadecimal ones up to two.
func (p *parser) escape() byte {
	at := p.pos()
	p.off++
	c := p.peek()
	if v, ok := escapes[c]; ok {
		p.off++
		return v
	}
	from, base, most := p.off, 8, 3
	if c == 'x' {
		p.off++
		from, base, most = p.off, 16, 2
	}
	n := from
	for n < len(p.text) && n < from+most && isDigitOf(p.text[n], base) {
		n++
	}
	v, err := strconv.ParseUint(p.text[from:n], base, 8)
	if err != nil {
		p.fail(at, "unknown escape in a string (want \\n, \\t, \\\", \\\\, \\x41 or the like)")
		return 0
	}
	p.off = n
	return byte(v)
}
