package script

import (
	"strconv"
	"strings"
)

// link reads a fault of the network, from its verb on.
func (p *parser) link(at Pos) Action {
	l := &Link{Pos: at, Nth: 1, Count: 1}
	p.skip()
	verbAt := p.pos()
	l.Verb = LinkVerb(p.word("link", "a verb"))
	switch l.Verb {
	case LinkDown, LinkUp:
		return l
	case LinkDrop, LinkDelay, LinkDuplicate:
	default:
		p.fail(verbAt, "unknown link verb %s (want drop, delay, duplicate, down or up)", quote(string(l.Verb)))
		return l
	}
	l.Host = p.word("link", "the host that sends the segment")
	p.want("link", ">")
	p.linkFlags(l)
	p.linkWords(l)
	return l
}

// linkFlags reads "*", "F" or "F!S".
func (p *parser) linkFlags(l *Link) {
	if l.Any = p.take("*"); l.Any {
		return
	}
	p.skip()
	if !p.at("!") {
		l.Flags = p.flags("link", `flags or "*"`)
	}
	if !p.at("!") {
		return
	}
	p.off++
	at := p.pos()
	l.NotFlags = p.flags("link", `flags behind "!"`)
	if i := strings.IndexAny(l.NotFlags, l.Flags); i >= 0 {
		p.fail(at, "flag %q cannot be both set and clear", l.NotFlags[i:i+1])
	}
}

// linkWords reads the words behind the flags, in any order, each once.
func (p *parser) linkWords(l *Link) {
	seen := map[string]Pos{}
	for {
		m := p.mark()
		p.blanks()
		at, word := p.pos(), p.run()
		kind := word
		switch {
		case word == "data" || word == "nodata":
			kind, l.Data = "data", word
			p.off += len(word)
		case word == "until":
			p.off += len(word)
			t := p.micros()
			l.Until = &t
		case p.at("#"):
			kind = "#"
			p.off++
			l.Nth = p.count("link #")
		case p.at("+"):
			kind = "+"
			p.off++
			l.By = p.micros()
		case strings.HasPrefix(word, "x"):
			kind = "x"
			p.off++
			if l.Count = 0; p.at("*") {
				p.off++
			} else {
				l.Count = p.count("link x")
			}
		default:
			p.reset(m)
			p.checkBy(l, seen["+"])
			return
		}
		if _, ok := seen[kind]; ok {
			p.fail(at, "link: %q stands twice", kind)
		}
		seen[kind] = at
	}
}

// checkBy wants a length of time, given at a place, of the verbs that need one.
func (p *parser) checkBy(l *Link, at Pos) {
	switch given := at.Line > 0; {
	case l.Verb == LinkDrop && given:
		p.fail(at, "link drop takes no time such as +.1")
	case l.Verb != LinkDrop && !given:
		p.met("link "+string(l.Verb), "a time such as +.1")
	}
}

// count reads a number of 1 or more.
func (p *parser) count(subject string) int {
	at := p.pos()
	n := p.number(subject, 1<<31-1)
	if n == 0 {
		p.fail(at, "%s: want 1 or more, got 0", subject)
	}
	return int(n)
}

// String gives the line without its time.
func (l *Link) String() string {
	words := []string{"link", string(l.Verb)}
	if l.Verb == LinkDown || l.Verb == LinkUp {
		return strings.Join(words, " ")
	}
	flags := l.Flags
	if l.Any {
		flags = "*"
	}
	if l.NotFlags != "" {
		flags += "!" + l.NotFlags
	}
	words = append(words, l.Host, ">", flags)
	if l.Data != "" {
		words = append(words, l.Data)
	}
	if l.Nth > 1 {
		words = append(words, "#"+strconv.Itoa(l.Nth))
	}
	switch {
	case l.Count == 0:
		words = append(words, "x*")
	case l.Count > 1:
		words = append(words, "x"+strconv.Itoa(l.Count))
	}
	if l.Verb != LinkDrop {
		words = append(words, "+"+l.By.short())
	}
	if l.Until != nil {
		words = append(words, "until", l.Until.String())
	}
	return strings.Join(words, " ")
}
