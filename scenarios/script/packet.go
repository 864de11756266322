package script

import (
	"slices"
	"strconv"
	"strings"
)

// packet reads a segment from its direction on: packetdrill's own form, in
// which ports, if given, stand behind the direction.
func (p *parser) packet() *Packet {
	k := &Packet{Pos: p.pos(), Inbound: p.at("<")}
	p.off++
	p.encap(k)
	p.ipInfo(k)
	if p.skip(); p.atEndpoint() {
		k.From = p.endpoint()
		p.want("ports", ">")
		k.To = p.endpoint()
		p.ipInfo(k)
	}
	p.body(k)
	return k
}

// portPacket reads "client:40001 > server:80 F. ...", from the colon on.
func (p *parser) portPacket(at Pos, host string) *Packet {
	k := &Packet{Pos: at, From: &Endpoint{Pos: at, Host: host}}
	p.off++
	k.From.Port = p.port()
	if k.Inbound = p.take("<"); !k.Inbound && !p.take(">") {
		p.met("ports", `">" or "<"`)
		return k
	}
	p.skip()
	if k.To = p.endpoint(); k.To.Host == "" {
		p.fail(k.To.Pos, "ports: want a host in front of port %d, as in front of the first", k.To.Port)
	}
	if k.Inbound {
		k.From, k.To = k.To, k.From
	}
	p.encap(k)
	p.ipInfo(k)
	p.body(k)
	return k
}

// atEndpoint tells a port, with or without its host, from flags.
func (p *parser) atEndpoint() bool {
	run := p.run()
	return run != "" && (isDigit(run[0]) || strings.HasPrefix(p.text[p.off+len(run):], ":"))
}

// endpoint reads "40001" or "client:40001".
func (p *parser) endpoint() *Endpoint {
	p.skip()
	e := &Endpoint{Pos: p.pos()}
	if isLetter(p.peek()) {
		e.Host = p.word("ports", "a host")
		p.want("ports", ":")
	}
	e.Port = p.port()
	return e
}

func (p *parser) port() int { return int(p.number("port", 65535)) }

// encaps are the headers that may stand in front of a segment.
var encaps = []string{"ipv4", "ipv6", "gre", "mpls", "vxlan", "psp"}

// encap reads the headers around a segment, which keep their words: each ends
// with a colon and a blank.
func (p *parser) encap(k *Packet) {
	var words []string
	for {
		m := p.mark()
		p.skip()
		at, name := p.pos(), p.run()
		if !slices.Contains(encaps, name) {
			p.reset(m)
			k.Encap = strings.Join(words, " ")
			return
		}
		n := p.off
		for n < len(p.text) && p.text[n] != '\n' && (p.text[n] != ':' || !isSpace(p.text[n+1:])) {
			n++
		}
		if n == len(p.text) || p.text[n] == '\n' {
			p.fail(at, `encapsulation %q has no ":" behind it`, name)
			return
		}
		words = append(words, strings.Fields(p.text[p.off:n+1])...)
		p.off = n + 1
	}
}

// isSpace tells whether s begins with white space or is empty.
func isSpace(s string) bool { return s == "" || s[0] == ' ' || s[0] == '\t' || s[0] == '\n' }

// ipInfo reads "[ect0]", "(ttl 64)" and their kind.
func (p *parser) ipInfo(k *Packet) {
	for {
		m := p.mark()
		p.skip()
		open, end := p.peek(), ")"
		if open == '[' {
			end = "]"
		} else if open != '(' {
			p.reset(m)
			return
		}
		p.off++
		if p.blanks(); isDigit(p.peek()) || p.at("-") || p.run() == "udp" {
			p.reset(m) // "[1:1001(1000)] icmp ..."
			return
		}
		for more := true; more; more = p.take(",") {
			p.skip()
			info := IPInfo{Pos: p.pos(), Round: open == '('}
			info.Name = p.word("IP header", "a name such as ect0 or ttl")
			if p.blanks(); isWord(p.peek()) {
				info.Value = p.expr()
			}
			k.IP = append(k.IP, info)
		}
		p.want("IP header", end)
	}
}

// body reads flags and what follows, or an ICMP message.
func (p *parser) body(k *Packet) {
	p.skip()
	switch {
	case p.at("["):
		quote := ICMP{Pos: p.pos()}
		p.quotedSegment(&quote)
		if p.skip(); p.run() != "icmp" {
			p.met("segment", "icmp behind the quoted segment")
			return
		}
		k.ICMP = p.icmp(quote)
	case p.run() == "icmp":
		k.ICMP = p.icmp(ICMP{})
	default:
		p.segment(&k.TCP)
		p.suffix(k)
	}
}

// icmp reads "icmp type code mtu n [a:b(n)]"; the quoted segment may stand in
// front of it.
func (p *parser) icmp(m ICMP) *ICMP {
	m.Pos = p.pos()
	p.off += len("icmp")
	m.Type = p.word("icmp", "a type such as unreachable")
	if p.blanks(); isLetter(p.peek()) && p.run() != "mtu" {
		m.Code = p.word("icmp", "a code")
	}
	if p.takeWord("mtu") {
		mtu := int(p.number("mtu", 65535))
		m.MTU = &mtu
	}
	if p.blanks(); p.at("[") && !m.Quote {
		p.quotedSegment(&m)
	}
	return &m
}

// quotedSegment reads "[a:b(n)]" or "[udp (n)]".
func (p *parser) quotedSegment(m *ICMP) {
	p.off++
	m.Quote = true
	if m.UDP = p.takeWord("udp"); m.UDP {
		m.Len = p.length()
	} else {
		m.Seq, m.End, m.Len, m.Signed = p.octets()
	}
	p.want("quoted segment", "]")
}

// suffix reads what nplab's dialect and tunnels put behind a segment.
func (p *parser) suffix(k *Packet) {
	if p.blanks(); p.at("/udp") {
		p.off += len("/udp")
		p.want("/udp", "(")
		from := p.expr()
		p.want("/udp", ">")
		k.UDP = &[2]Expr{from, p.expr()}
		p.want("/udp", ")")
	}
	if p.takeWord("md5") {
		k.MD5 = p.word("md5", `"valid" or "invalid"`)
	}
	if p.blanks(); p.run() != "encap" {
		return
	}
	at, words := p.pos(), []string(nil)
	for p.blanks(); p.run() != ""; p.blanks() {
		words = append(words, p.run())
		p.off += len(p.run())
	}
	if k.Encap != "" || len(words) < 2 {
		p.fail(at, "encap: want one encapsulation, by name")
	}
	k.Encap = strings.Join(words, " ")
}

// String gives the packet in packetdrill's own form, "> 80 > 40001 S. ...".
func (k *Packet) String() string { return k.text("") }

// text prints a packet; where the ports name its host, they stand in front of
// the direction and so in place of the host.
func (k *Packet) text(host string) string {
	dir, near, far := ">", k.From, k.To
	if k.Inbound {
		dir, near, far = "<", k.To, k.From
	}
	tunnel, behind := k.Encap, ""
	if strings.HasPrefix(tunnel, "encap ") {
		tunnel, behind = "", tunnel
	}
	var words []string
	add := func(s string) {
		if s != "" {
			words = append(words, s)
		}
	}
	inFront := k.namesHost(host)
	if inFront {
		add(near.String() + " " + dir + " " + far.String())
	} else {
		add(dir)
	}
	add(tunnel)
	for _, info := range k.IP {
		add(info.String())
	}
	if near != nil && !inFront {
		add(k.From.String() + " > " + k.To.String())
	}
	if k.ICMP != nil {
		add(k.ICMP.String())
		return strings.Join(words, " ")
	}
	add(k.TCP.String())
	if k.UDP != nil {
		add("/udp(" + k.UDP[0].String() + " > " + k.UDP[1].String() + ")")
	}
	if k.MD5 != "" {
		add("md5 " + k.MD5)
	}
	add(behind)
	return strings.Join(words, " ")
}

// namesHost tells whether the ports name both hosts, the given one as the host
// of the event.
func (k *Packet) namesHost(host string) bool {
	near, far := k.From, k.To
	if k.Inbound {
		near, far = far, near
	}
	return near != nil && far != nil && host != "" && near.Host == host && far.Host != ""
}

// String gives "client:40001", or the port alone.
func (e *Endpoint) String() string {
	if e.Host == "" {
		return strconv.Itoa(e.Port)
	}
	return e.Host + ":" + strconv.Itoa(e.Port)
}

// String gives "[ect0]" or "(ttl 64)".
func (i IPInfo) String() string {
	s := i.Name
	if i.Value != nil {
		s += " " + i.Value.String()
	}
	if i.Round {
		return "(" + s + ")"
	}
	return "[" + s + "]"
}

// String gives the message as scripts have it.
func (m *ICMP) String() string {
	s := "icmp " + m.Type
	if m.Code != "" {
		s += " " + m.Code
	}
	if m.MTU != nil {
		s += " mtu " + strconv.Itoa(*m.MTU)
	}
	switch {
	case m.Quote && m.UDP:
		s += " [udp (" + strconv.Itoa(m.Len) + ")]"
	case m.Quote:
		s += " [" + octets(m.Seq, m.End, m.Len, m.Signed) + "]"
	}
	return s
}
