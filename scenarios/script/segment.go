package script

import (
	"fmt"
	"strconv"
	"strings"
)

const flagLetters = "SFRPUEW."

// flags reads the flag letters of the subject.
func (p *parser) flags(subject, wants string) string {
	p.skip()
	at, flags := p.pos(), p.flagRun()
	if flags == "" {
		p.met(subject, wants)
		return ""
	}
	for i := range len(flags) {
		letter := flags[i : i+1]
		if !strings.Contains(flagLetters, letter) {
			p.fail(at, "unknown flag %q in %s (want S, F, R, P, U, E, W or .)", letter, quote(flags))
			return ""
		}
		if strings.Contains(flags[:i], letter) {
			p.fail(at, "flag %q stands twice in %s", letter, quote(flags))
			return ""
		}
	}
	p.off += len(flags)
	return flags
}

// flagRun gives what at the cursor could be meant as flags.
func (p *parser) flagRun() string {
	n := p.off
	for n < len(p.text) && (isWord(p.text[n]) || p.text[n] == '.' || p.text[n] == '-') {
		n++
	}
	return p.text[p.off:n]
}

// segment reads "FLAGS a:b(n) ack N win N urg N <options>".
func (p *parser) segment(t *TCP) {
	p.skip()
	t.FlagsPos = p.pos()
	if t.Flags = "-"; p.flagRun() == "-" {
		p.off++
	} else {
		t.Flags = p.flags("segment", "flags (S, F, R, P, U, E, W or .)")
	}
	p.skip()
	if t.SeqPos = p.pos(); p.at("...") {
		p.off += len("...")
		t.AnySeq, t.Len = true, p.length()
	} else {
		t.Seq, t.End, t.Len, t.Signed = p.octets()
		if t.Literal = p.at("!"); t.Literal {
			p.off++
		}
	}
	if p.takeWord("ack") {
		ack, signed := p.seqNumber("ack")
		t.Ack, t.Signed = &ack, t.Signed || signed
	}
	t.Wnd = p.field("win")
	t.Urg = p.field("urg")
	if p.take("<") {
		t.Options = p.options()
	}
}

// field reads an optional field of 16 bits.
func (p *parser) field(name string) *int {
	if !p.takeWord(name) {
		return nil
	}
	n := int(p.number(name, 65535))
	return &n
}

// octets reads "a:b(n)".
func (p *parser) octets() (seq, end uint32, n int, signed bool) {
	p.skip()
	at := p.pos()
	if !isDigit(p.peek()) && !p.at("-") {
		p.met("segment", "a sequence such as 1:1(0)")
		return
	}
	seq, minus1 := p.seqNumber("sequence")
	p.want("sequence", ":")
	end, minus2 := p.seqNumber("sequence")
	n, signed = p.length(), minus1 || minus2
	if want := seq + uint32(n); end != want {
		p.fail(at, "sequence %s: want an end of %s, got %s", octets(seq, end, n, signed), number(want, signed), number(end, signed))
	}
	return
}

func (p *parser) length() int {
	p.want("sequence", "(")
	n := p.number("length", 65535)
	p.want("sequence", ")")
	return int(n)
}

// seqNumber reads a number of sequence space. One with a minus sign counts
// back from 0.
func (p *parser) seqNumber(subject string) (n uint32, signed bool) {
	if !p.take("-") {
		return uint32(p.number(subject, 1<<32-1)), false
	}
	if !isDigit(p.peek()) {
		p.met(subject, `a number behind "-"`)
		return 0, false
	}
	n = uint32(p.number(subject, 1<<31))
	return -n, n != 0
}

// options reads "...>" or "mss 1460,nop>".
func (p *parser) options() *TCPOptions {
	o := &TCPOptions{Pos: p.pos()}
	o.Pos.Column--
	switch {
	case p.take(">"):
		return o
	case p.take("..."):
		o.Any = true
		p.want("TCP options", ">")
		return o
	}
	for {
		o.List = append(o.List, p.tcpOption())
		if p.take(">") {
			return o
		}
		if !p.take(",") {
			p.met("TCP options", `"," or ">"`)
			return o
		}
	}
}

// tcpOptionNames are the names of options, as an error lists them.
const tcpOptionNames = "mss, wscale, sackOK, TS, sack, nop, eol, FO, FOEXP, md5 or exp-..."

// tcpOption reads one option.
func (p *parser) tcpOption() TCPOption {
	p.skip()
	o := TCPOption{Pos: p.pos()}
	o.Name = p.word("TCP options", "one of "+tcpOptionNames)
	if o.Name == "exp" && p.at("-") {
		p.off++
		o.Name += "-" + p.run()
		p.off += len(p.run())
	}
	arg := func(hi uint64) { o.Args = append(o.Args, uint32(p.number(o.Name, hi))) }
	switch o.Name {
	case "nop", "eol", "sackOK":
	case "mss":
		arg(65535)
	case "wscale":
		arg(255)
	case "TS":
		for _, w := range []string{"val", "ecr"} {
			if !p.takeWord(w) {
				p.met("TS", strconv.Quote(w))
			}
			arg(1<<32 - 1)
		}
	case "sack":
		for more := true; more; more = isDigit(p.peek()) {
			arg(1<<32 - 1)
			p.want("sack", ":")
			arg(1<<32 - 1)
			p.blanks()
		}
	case "FO", "FOEXP", "md5":
		o.Text = p.optionText()
	default:
		if !strings.HasPrefix(o.Name, "exp-") {
			p.fail(o.Pos, "unknown TCP option %s (want %s)", quote(o.Name), tcpOptionNames)
		}
		o.Text = p.optionText()
	}
	return o
}

// optionText reads up to the end of an option, with single spaces.
func (p *parser) optionText() string {
	n := strings.IndexAny(p.text[p.off:], ",>\n")
	if n < 0 {
		n = len(p.text) - p.off
	}
	text := p.text[p.off : p.off+n]
	p.off += n
	return strings.Join(strings.Fields(text), " ")
}

// String gives the segment as scripts have it: "F. 1:1(0) ack 1 win 65535".
func (t TCP) String() string {
	s := t.Flags
	if s == "" {
		s = "-"
	}
	if t.AnySeq {
		s += fmt.Sprintf(" ...(%d)", t.Len)
	} else {
		s += " " + octets(t.Seq, t.End, t.Len, t.Signed)
	}
	if t.Literal {
		s += "!"
	}
	if t.Ack != nil {
		s += " ack " + number(*t.Ack, t.Signed)
	}
	if t.Wnd != nil {
		s += " win " + strconv.Itoa(*t.Wnd)
	}
	if t.Urg != nil {
		s += " urg " + strconv.Itoa(*t.Urg)
	}
	if t.Options != nil {
		s += " " + t.Options.String()
	}
	return s
}

func octets(seq, end uint32, n int, signed bool) string {
	return fmt.Sprintf("%s:%s(%d)", number(seq, signed), number(end, signed), n)
}

// number prints a number of sequence space, the upper half of it as negative
// where signed.
func number(n uint32, signed bool) string {
	if signed {
		return strconv.Itoa(int(int32(n)))
	}
	return strconv.FormatUint(uint64(n), 10)
}

// String gives "<...>" or "<mss 1460,nop,wscale 7>".
func (o *TCPOptions) String() string {
	if o.Any {
		return "<...>"
	}
	var list []string
	for _, opt := range o.List {
		list = append(list, opt.String())
	}
	return "<" + strings.Join(list, ",") + ">"
}

// String gives one option: "TS val 100 ecr 0".
func (o TCPOption) String() string {
	words := []string{o.Name}
	switch args := o.Args; {
	case o.Name == "TS" && len(args) == 2:
		return fmt.Sprintf("TS val %d ecr %d", args[0], args[1])
	case o.Name == "sack":
		for ; len(args) > 1; args = args[2:] {
			words = append(words, fmt.Sprintf("%d:%d", args[0], args[1]))
		}
	default:
		for _, a := range args {
			words = append(words, strconv.FormatUint(uint64(a), 10))
		}
	}
	if o.Text != "" {
		words = append(words, o.Text)
	}
	return strings.Join(words, " ")
}
