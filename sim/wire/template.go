package wire

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// Template makes the datagrams of one direction between two addresses. It holds
// their header with its fixed fields filled in and summed up; a datagram is a
// copy of it, patched. It makes what Append makes, octet for octet.
type Template struct {
	octets [ip6Octets + tcpOctets]byte
	from   Header // what it was made from; for errors
	v6     bool
	room   int    // what TCP may fill: header, options and text
	ipSum  uint64 // of the fixed fields of the IPv4 header
	tcpSum uint64 // of the pseudo header but its length, and the ports
	addrs  uint64 // the pseudo header's part of tcpSum
}

// NewTemplate makes a template from the addresses, the ports, TOS and TTL of a
// header.
func NewTemplate(h *Header) (Template, error) {
	t := Template{from: Header{Src: h.Src, Dst: h.Dst, TOS: h.TOS, TTL: h.TTL}}
	var buf [ip6Octets + tcpOctets]byte
	b, err := Append(buf[:0], &t.from, nil)
	if err != nil {
		return t, err
	}
	copy(t.octets[:], b)
	if t.v6 = h.Src.Addr().Is6(); t.v6 {
		t.room = maxLength
		t.addrs = pseudo(b[8:40])
		clear(t.octets[4:6])
	} else {
		t.room = maxLength - ip4Octets
		t.addrs = pseudo(b[12:20])
		clear(t.octets[2:6])
		clear(t.octets[10:12])
		t.ipSum = sum(t.octets[:ip4Octets])
	}
	t.SetPorts(h.Src.Port(), h.Dst.Port())
	return t, nil
}

// SetPorts makes the template serve another connection between the addresses.
func (t *Template) SetPorts(src, dst uint16) {
	be := binary.BigEndian
	at := t.ip()
	be.PutUint16(t.octets[at:], src)
	be.PutUint16(t.octets[at+2:], dst)
	t.tcpSum = t.addrs + uint64(src) + uint64(dst)
}

// ip is the length of the IP header.
func (t *Template) ip() int {
	if t.v6 {
		return ip6Octets
	}
	return ip4Octets
}

// Append appends the datagram of a segment. id is its identification; IPv6 has
// none.
func (t *Template) Append(b []byte, id uint16, seg *fsm.Segment, text []byte) ([]byte, error) {
	be := binary.BigEndian
	p := planOf(&seg.Options)
	if p == nil || int(seg.Len) != len(text) || tcpOctets+int(p.size)+len(text) > t.room {
		return t.appendPlain(b, id, seg, text)
	}
	options := int(p.size)
	n := tcpOctets + options + len(text)
	start := len(b)
	b = slices.Grow(b, len(t.octets)+maxOptions+len(text))
	b = b[:start+len(t.octets)+maxOptions]
	*(*[ip6Octets + tcpOctets]byte)(b[start:]) = t.octets
	at := start + ip4Octets
	if t.v6 {
		at = start + ip6Octets
		be.PutUint16(b[start+4:], uint16(n))
	} else {
		length := uint64(ip4Octets + n)
		be.PutUint32(b[start+2:], uint32(length<<16)|uint32(id))
		be.PutUint16(b[start+10:], ^fold(t.ipSum+length+uint64(id)))
	}

	h := (*[tcpOctets]byte)(b[at:])
	be.PutUint64(h[4:], uint64(seg.Seq)<<32|uint64(seg.Ack))
	control := uint32(tcpOctets+options)<<26 | uint32(seg.Flags)<<16 | uint32(seg.Wnd)
	be.PutUint32(h[12:], control)
	s := t.tcpSum + uint64(n) + uint64(seg.Seq) + uint64(seg.Ack) + uint64(control) + uint64(seg.Up)
	if options > 0 {
		p.fill((*[maxOptions]byte)(b[at+tcpOctets:]), &seg.Options)
		s += sum(b[at+tcpOctets : at+tcpOctets+options])
	}
	if len(text) > 0 {
		s += sum(text)
	}
	be.PutUint32(h[16:], uint32(^fold(s))<<16|uint32(seg.Up))
	return append(b[:at+tcpOctets+options], text...), nil
}

// appendPlain makes the datagram the plain way, or tells why it cannot be made.
func (t *Template) appendPlain(b []byte, id uint16, seg *fsm.Segment, text []byte) ([]byte, error) {
	h := t.from
	ports := t.octets[t.ip():]
	h.Src = netip.AddrPortFrom(h.Src.Addr(), binary.BigEndian.Uint16(ports))
	h.Dst = netip.AddrPortFrom(h.Dst.Addr(), binary.BigEndian.Uint16(ports[2:]))
	h.ID, h.Seg = id, *seg
	return Append(b, &h, text)
}
