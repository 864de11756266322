package wire

import (
	"encoding/binary"
	"fmt"
)

// Message is an ICMP message that quotes the beginning of a datagram (RFC 792, RFC
// 4443 3).
type Message struct {
	Type, Code uint8
	MTU        uint16 // of the next hop, in octets: RFC 1191 4, RFC 4443 3.2
	Quoted     Header // what was sent, from its sender
}

const (
	protocolICMP   = 1
	protocolICMPv6 = 58
	quotedOctets   = 8 // of the quoted segment (RFC 792)
)

// AppendICMP appends a datagram with an ICMP message, from where the quoted one was
// sent to, to where it came from.
func AppendICMP(b []byte, m *Message) ([]byte, error) {
	if err := m.Quoted.check(nil); err != nil {
		return b, fmt.Errorf("quoted %w", err)
	}
	be := binary.BigEndian
	quoted := m.Quoted.appendIP(nil, tcpOctets+m.Quoted.Seg.OptionOctets())
	quoted = append(quoted, m.Quoted.appendTCP(nil)[:quotedOctets]...)

	h := Header{Src: m.Quoted.Dst, Dst: m.Quoted.Src, TTL: DefaultTTL, ID: m.Quoted.ID}
	v6 := h.Src.Addr().Is6()
	protocol := uint8(protocolICMP)
	if v6 {
		protocol = protocolICMPv6
	}
	start := len(b)
	b = h.appendIPOf(b, protocol, 8+len(quoted))
	icmp := len(b)
	b = append(b, m.Type, m.Code, 0, 0)
	if v6 {
		b = be.AppendUint32(b, uint32(m.MTU))
	} else {
		b = be.AppendUint16(be.AppendUint16(b, 0), m.MTU)
	}
	b = append(b, quoted...)
	total := sum(b[icmp:])
	if v6 { // RFC 4443 2.3: the pseudo-header counts
		total += sum(b[start+8:start+40]) + uint64(len(b)-icmp) + protocolICMPv6
	}
	be.PutUint16(b[icmp+2:], ^fold(total))
	return b, nil
}
