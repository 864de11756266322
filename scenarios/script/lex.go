package script

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A parser is a cursor over the text of a script. The first error moves it to
// the end of the text, where every loop comes to rest.
type parser struct {
	name string
	text string
	off  int // the cursor
	line int // the line that it is on
	bol  int // where that line begins

	gap    mark      // where the cursor last skipped white space, ...
	gapEnd int       // ... up to here; -1 once it has gone back
	inside []Comment // met inside the event that is being read
	err    *Error
	depth  int // of nested brackets or conditionals

	started   bool // an event has been read
	timed     bool // an event with a time has been read
	untimedAt Pos  // the first untimed command behind it
}

// maxDepth bounds the nesting of expressions and conditionals.
const maxDepth = 100

// A mark is a place to which the cursor can return.
type mark struct{ off, line, bol, inside int }

func (p *parser) mark() mark { return mark{p.off, p.line, p.bol, len(p.inside)} }

// reset takes the cursor back, except from an error.
func (p *parser) reset(m mark) {
	if p.err == nil {
		p.off, p.line, p.bol, p.inside = m.off, m.line, m.bol, p.inside[:m.inside]
		p.gapEnd = -1
	}
}

// fail records the first error.
func (p *parser) fail(at Pos, format string, args ...any) {
	if p.err == nil {
		p.err = &Error{Name: p.name, Pos: at, Msg: fmt.Sprintf(format, args...)}
	}
	p.off = len(p.text)
}

// nest enters a bracket or a conditional, if it is not one too many.
func (p *parser) nest(at Pos) bool {
	if p.depth == maxDepth {
		p.fail(at, "nesting is more than %d deep", maxDepth)
		return false
	}
	p.depth++
	return true
}

func (p *parser) pos() Pos { return Pos{Line: p.line, Column: p.off - p.bol + 1} }

func (p *parser) atEnd() bool { return p.off == len(p.text) }

func (p *parser) at(s string) bool { return strings.HasPrefix(p.text[p.off:], s) }

// peek gives the byte at the cursor, 0 at the end.
func (p *parser) peek() byte {
	if p.atEnd() {
		return 0
	}
	return p.text[p.off]
}

// advance moves the cursor over n bytes and counts the lines among them.
func (p *parser) advance(n int) {
	over := p.text[p.off : p.off+n]
	if i := strings.LastIndexByte(over, '\n'); i >= 0 {
		p.line += strings.Count(over, "\n")
		p.bol = p.off + i + 1
	}
	p.off += n
}

// blanks skips spaces and tabs, not the end of the line.
func (p *parser) blanks() {
	for !p.atEnd() && (p.text[p.off] == ' ' || p.text[p.off] == '\t') {
		p.off++
	}
}

// skip skips white space and comments, and keeps the comments.
func (p *parser) skip() {
	if p.off != p.gapEnd {
		p.gap = p.mark()
	}
	for {
		p.blanks()
		switch {
		case p.at("\n"):
			p.advance(1)
		case p.atComment():
			p.inside = append(p.inside, p.comment())
		default:
			p.gapEnd = p.off
			return
		}
	}
}

func (p *parser) atComment() bool { return p.at("//") || p.at("/*") }

// comment reads one comment, "// ..." without the end of its line.
func (p *parser) comment() Comment {
	c, n := Comment{Pos: p.pos()}, 0
	if p.at("//") {
		if n = strings.IndexByte(p.text[p.off:], '\n'); n < 0 {
			n = len(p.text) - p.off
		}
	} else if n = strings.Index(p.text[p.off+2:], "*/"); n >= 0 {
		n += len("/**/")
	} else {
		p.fail(c.Pos, `comment has no "*/"`)
		return c
	}
	c.Text = strings.TrimRight(p.text[p.off:p.off+n], " \t")
	p.advance(n)
	return c
}

// take moves over s, if it comes next.
func (p *parser) take(s string) bool {
	m := p.mark()
	p.skip()
	if p.at(s) {
		p.off += len(s)
		return true
	}
	p.reset(m)
	return false
}

// takeWord is take for a whole word.
func (p *parser) takeWord(s string) bool {
	m := p.mark()
	p.skip()
	if p.run() == s {
		p.off += len(s)
		return true
	}
	p.reset(m)
	return false
}

// want moves over s, which must come next in the subject.
func (p *parser) want(subject, s string) {
	if !p.take(s) {
		p.met(subject, strconv.Quote(s))
	}
}

// met fails at the next thing of the script: the subject wants another. What
// looks like the next event is not the thing: the end of the line is.
func (p *parser) met(subject, wants string) {
	if p.off == p.gapEnd {
		p.reset(p.gap)
	}
	p.blanks()
	for p.atComment() {
		p.comment()
		p.blanks()
	}
	at, found := p.pos(), p.found()
	if p.at("\n") {
		p.skip()
		if !p.atEnd() && !strings.ContainsRune("+*@`#.0123456789", rune(p.peek())) {
			at, found = p.pos(), p.found()
		}
	}
	p.fail(at, "%s: want %s, got %s", subject, wants, found)
}

// found describes what stands at the cursor.
func (p *parser) found() string {
	switch run := p.run(); {
	case p.atEnd():
		return "the end of the file"
	case p.at("\n"):
		return "the end of the line"
	case run != "":
		return quote(run)
	case p.at("..."):
		return `"..."`
	}
	_, n := utf8.DecodeRuneInString(p.text[p.off:])
	return quote(p.text[p.off : p.off+n])
}

// run gives the letters, digits and underscores at the cursor.
func (p *parser) run() string {
	rest := p.text[p.off:]
	return rest[:wordLen(rest)]
}

// wordLen counts the letters, digits and underscores that begin s.
func wordLen(s string) int {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n
}

// word reads an identifier of the subject's.
func (p *parser) word(subject, wants string) string {
	p.skip()
	w := p.run()
	if w == "" || isDigit(w[0]) {
		p.met(subject, wants)
		return ""
	}
	p.off += len(w)
	return w
}

// number reads a decimal number of at most hi.
func (p *parser) number(subject string, hi uint64) uint64 {
	p.skip()
	at, minus := p.pos(), p.at("-")
	w := strings.TrimPrefix(p.text[p.off:], "-")
	w = w[:wordLen(w)]
	if !isDecimal(w) {
		p.met(subject, "a number")
		return 0
	}
	n, err := strconv.ParseUint(w, 10, 64)
	switch {
	case minus:
		p.fail(at, "%s -%s is negative", subject, cut(w))
	case err != nil || n > hi:
		p.fail(at, "%s %s is out of range (0 to %d)", subject, cut(w), hi)
	}
	p.take(w)
	return n
}

func isDecimal(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// isDigitOf is isDigit for base 8 or 16.
func isDigitOf(c byte, base int) bool {
	if base == 8 {
		return '0' <= c && c <= '7'
	}
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool { return isLetter(c) || isDigit(c) }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
