package scenarios

import (
	"fmt"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// segmentDiffers tells in what a segment differs from an expected one, or "".
func (r *runner) segmentDiffers(want *script.Packet, p *sim.Packet) string {
	got := p.Relative()
	if want.TCP.Literal {
		got = p.Seg
	}
	flags, err := fsm.ParseFlags(want.TCP.Flags)
	if err != nil {
		return err.Error()
	}
	t := &want.TCP
	switch {
	case want.From != nil && !r.isEndpoint(want.From, p.From), want.To != nil && !r.isEndpoint(want.To, p.To):
		return fmt.Sprintf("%s > %s", r.net.Name(p.From), r.net.Name(p.To))
	case got.Flags != flags:
		return "flags"
	case int(got.Len) != t.Len:
		return "length"
	case !t.AnySeq && uint32(got.Seq) != t.Seq:
		return "sequence number"
	case (t.Ack != nil) != (got.Flags&fsm.ACK != 0):
		return "ack"
	case t.Ack != nil && uint32(got.Ack) != *t.Ack:
		return "ack"
	case t.Wnd != nil && int(got.Wnd) != *t.Wnd:
		return "window"
	case t.Urg != nil && (got.Flags&fsm.URG == 0 || int(got.Up) != *t.Urg):
		return "urgent pointer"
	}
	return r.optionsDiffer(t.Options, &got)
}

// optionsDiffer compares options, order and padding included. A line of a
// one-host script without a list says that there are none, as packetdrill has
// it; in a script of several hosts it says nothing about them.
func (r *runner) optionsDiffer(want *script.TCPOptions, got *fsm.Segment) string {
	if want == nil {
		if r.one != nil && got.Has != 0 {
			return "options"
		}
		return ""
	}
	if want.Any {
		return ""
	}
	var buf [24]fsm.OptionKind
	kinds := got.Kinds(buf[:0])
	if len(kinds) != len(want.List) {
		return "options"
	}
	for i, k := range kinds {
		w := want.List[i]
		if w.Name == "TS" && k == fsm.KindTimestamps {
			if r.one != nil { // the clocks differ; what matters is which value is echoed
				r.stamps[w.Args[0]] = got.TSVal
				continue
			}
		}
		if w.String() != got.Word(k) {
			return "options"
		}
	}
	return ""
}

func (r *runner) isEndpoint(want *script.Endpoint, got sim.Endpoint) bool {
	if want.Port != int(got.Port) {
		return false
	}
	if want.Host == "" {
		return true
	}
	h := r.host(want.Host)
	if h == nil {
		return false
	}
	for _, a := range h.Addrs() {
		if a == got.Addr {
			return true
		}
	}
	return false
}

// remember keeps what the numbers and the window of a connection's segments are,
// for segments that are forged later.
func (r *runner) remember(p *sim.Packet) {
	key := [2]sim.Endpoint{p.From, p.To}
	r.bases[key] = [2]fsm.Seq{p.SeqBase, p.AckBase}
	if p.Seg.Flags&fsm.RST == 0 {
		r.windows[key] = p.Seg.Wnd
	}
	for _, h := range r.net.Hosts() {
		for _, a := range h.Addrs() {
			switch a {
			case p.From.Addr:
				r.latest[h.ID()] = key
			case p.To.Addr:
				r.latest[h.ID()] = [2]sim.Endpoint{p.To, p.From}
			}
		}
	}
}

// inject lets a forged segment reach a host, now.
func (r *runner) inject(st *step, want *script.Packet) {
	switch {
	case want.ICMP != nil:
		r.icmp(st, want)
		return
	case want.UDP != nil || want.MD5 != "" || want.Encap != "":
		r.errorf(want.Pos, "encapsulation and MD5 signatures are not simulated")
		return
	}
	for _, ip := range want.IP {
		if ip.Name != "noecn" {
			r.errorf(ip.Pos, "%s: the IP header is not simulated", ip.Name)
			return
		}
	}
	p, ok := r.forged(st, want)
	if ok {
		r.net.Inject(p)
	}
}

// forged makes the packet of an inbound line: as if from the peer of the host's
// connection, with numbers that count from where the connection's do.
func (r *runner) forged(st *step, want *script.Packet) (sim.Packet, bool) {
	local, remote, ok := r.forgedEnds(st, want)
	if !ok {
		return sim.Packet{}, false
	}
	p := sim.Packet{From: remote, To: local}
	r.forgedBases(&p)
	if want.TCP.Literal {
		p.SeqBase, p.AckBase = 0, 0
	}
	if !r.fill(&p, want) {
		return sim.Packet{}, false
	}
	return p, true
}

// forgedEnds tells from which endpoint to which a forged segment goes.
func (r *runner) forgedEnds(st *step, want *script.Packet) (local, remote sim.Endpoint, ok bool) {
	if r.one != nil {
		local, remote = r.oneHostEnds()
	} else {
		h := r.host(st.Host)
		if t, seen := r.latest[h.ID()]; seen {
			local, remote = t[0], t[1]
		} else {
			peer := r.otherHost(h)
			local = sim.Endpoint{Addr: h.Addrs()[0], Port: r.set.bindPort}
			remote = sim.Endpoint{Addr: peer.Addrs()[0], Port: peer.System().PortLo}
		}
	}
	if want.From != nil && !r.override(&remote, want.From) || want.To != nil && !r.override(&local, want.To) {
		return local, remote, false
	}
	return local, remote, true
}

func (r *runner) override(e *sim.Endpoint, want *script.Endpoint) bool {
	e.Port = uint16(want.Port)
	if want.Host == "" {
		return true
	}
	h := r.host(want.Host)
	if h == nil {
		r.errorf(want.Pos, "unknown host %q%s", want.Host, Nearest(want.Host, r.set.hosts))
		return false
	}
	e.Addr = h.Addrs()[0]
	return true
}

// otherHost gives the peer of a host in a script of two, or the first other one.
func (r *runner) otherHost(h *sim.Host) *sim.Host {
	for _, o := range r.net.Hosts() {
		if o != h {
			return o
		}
	}
	return h
}

// forgedBases finds where the numbers of a connection count from: what its last
// segments showed, in either direction. Without a connection the numbers stand
// for themselves.
func (r *runner) forgedBases(p *sim.Packet) {
	if b, ok := r.bases[[2]sim.Endpoint{p.From, p.To}]; ok {
		p.SeqBase, p.AckBase = b[0], b[1]
	}
	if b, ok := r.bases[[2]sim.Endpoint{p.To, p.From}]; ok {
		p.AckBase = b[0]
		if p.SeqBase == 0 {
			p.SeqBase = b[1]
		}
	}
}

// fill gives a forged packet its header fields and its text.
func (r *runner) fill(p *sim.Packet, want *script.Packet) bool {
	t := &want.TCP
	flags, err := fsm.ParseFlags(t.Flags)
	switch {
	case err != nil:
		r.errorf(t.FlagsPos, "%v", err)
		return false
	case t.AnySeq:
		r.errorf(t.SeqPos, "an inbound segment needs a sequence number")
		return false
	}
	s := &p.Seg
	s.Flags, s.Len = flags, uint16(t.Len)
	s.Seq = fsm.Seq(t.Seq) + p.SeqBase
	p.Text = sim.PatternText(t.Seq - 1)
	if t.Ack != nil {
		s.Ack = fsm.Seq(*t.Ack) + p.AckBase
	}
	s.Wnd = 65535
	if w, ok := r.windows[[2]sim.Endpoint{p.From, p.To}]; ok {
		s.Wnd = w
	}
	if t.Wnd != nil {
		s.Wnd = uint16(*t.Wnd)
	}
	if t.Urg != nil {
		s.Up = uint16(*t.Urg)
	}
	return r.fillOptions(p, t.Options) && r.fits(s, want)
}

// fits reports whether there can be a datagram of a forged segment: the limits
// are those of the data offset and of IPv4's total length.
func (r *runner) fits(s *fsm.Segment, want *script.Packet) bool {
	const headers, maxOptions, maxDatagram = 20 + 20, 40, 65535
	options := s.OptionOctets()
	switch {
	case options > maxOptions:
		r.errorf(want.TCP.Options.Pos, "the options take %d octets, want at most %d", options, maxOptions)
	case headers+options+int(s.Len) > maxDatagram:
		r.errorf(want.TCP.SeqPos, "%d octets do not fit a datagram, want at most %d", s.Len, maxDatagram-headers-options)
	default:
		return true
	}
	return false
}

func (r *runner) fillOptions(p *sim.Packet, list *script.TCPOptions) bool {
	if list == nil {
		return true
	}
	if list.Any {
		r.errorf(list.Pos, "an inbound segment needs its options in full")
		return false
	}
	o := &p.Seg.Options
	for _, w := range list.List {
		switch w.Name {
		case "mss":
			o.Has |= fsm.OptMSS
			o.MSS = uint16(w.Args[0])
		case "wscale":
			o.Has |= fsm.OptWindowScale
			o.WScale = uint8(w.Args[0])
		case "sackOK":
			o.Has |= fsm.OptSACKPermitted
		case "TS":
			o.Has |= fsm.OptTimestamps
			o.TSVal, o.TSEcr = w.Args[0], w.Args[1]
			if real, ok := r.stamps[w.Args[1]]; ok {
				o.TSEcr = real
			}
		case "sack":
			if !r.fillSack(p, w) {
				return false
			}
		case "eol":
			o.Layout = fsm.LayoutBSD
		case "nop":
		default:
			r.errorf(w.Pos, "TCP option %s is not simulated", w.Name)
			return false
		}
	}
	return true
}

func (r *runner) fillSack(p *sim.Packet, w script.TCPOption) bool {
	o := &p.Seg.Options
	if n := int(o.NSack) + len(w.Args)/2; n > fsm.MaxSACKBlocks {
		r.errorf(w.Pos, "%d SACK blocks do not fit (want %d at most)", n, fsm.MaxSACKBlocks)
		return false
	}
	o.Has |= fsm.OptSACK
	for i := 0; i+1 < len(w.Args); i += 2 {
		o.Sack[o.NSack] = fsm.Block{Lo: fsm.Seq(w.Args[i]) + p.AckBase, Hi: fsm.Seq(w.Args[i+1]) + p.AckBase}
		o.NSack++
	}
	return true
}
