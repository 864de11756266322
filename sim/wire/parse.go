package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/tcpsim/tcpsim/fsm"
)

// Parse reads a datagram, and gives its header and its text, which is part of
// b. What lies behind the datagram's length is cut off: Ethernet pads short
// frames.
//
// With an *OptionError the header is good but for its options: who wants to
// reset the connection, as RFC 9293 MUST-7 suggests, can.
func Parse(b []byte) (Header, []byte, error) {
	var h Header
	if len(b) == 0 {
		return h, nil, fmt.Errorf("datagram is empty")
	}
	var tcp, addrs []byte
	var src, dst netip.Addr
	var err error
	switch version := b[0] >> 4; version {
	case 4:
		tcp, err = h.parseIP4(b)
		if err != nil {
			return h, nil, err
		}
		addrs = b[12:20]
		src, dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	case 6:
		tcp, err = h.parseIP6(b)
		if err != nil {
			return h, nil, err
		}
		addrs = b[8:40]
		src, dst = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	default:
		return h, nil, fmt.Errorf("datagram has version %d, want 4 or 6", version)
	}
	offset, err := h.parseTCP(tcp)
	if err != nil {
		return h, nil, err
	}
	if s := fold(pseudo(addrs) + uint64(len(tcp)) + sum(tcp)); s != 0xffff {
		return h, nil, checksumError("TCP", tcp[16:], s)
	}
	h.Src = netip.AddrPortFrom(src, binary.BigEndian.Uint16(tcp))
	h.Dst = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(tcp[2:]))
	text := tcp[offset:]
	h.Seg.Len = uint16(len(text))
	h.Seg.Options, err = ParseOptions(tcp[tcpOctets:offset])
	return h, text, err
}

// parseIP4 takes the IPv4 header, and gives what it carries.
func (h *Header) parseIP4(b []byte) ([]byte, error) {
	be := binary.BigEndian
	if len(b) < ip4Octets {
		return nil, fmt.Errorf("IPv4 header has %d octets, want at least %d", len(b), ip4Octets)
	}
	header, total := int(b[0]&15)*4, int(be.Uint16(b[2:]))
	switch {
	case header < ip4Octets:
		return nil, fmt.Errorf("IPv4 header has a length of %d octets, want at least %d", header, ip4Octets)
	case total < header:
		return nil, fmt.Errorf("datagram has a total length of %d octets, want at least %d", total, header)
	case total > len(b):
		return nil, fmt.Errorf("datagram of %d octets ends after %d", total, len(b))
	}
	if s := fold(sum(b[:header])); s != 0xffff {
		return nil, checksumError("IPv4", b[10:], s)
	}
	if place := be.Uint16(b[6:]) &^ dontFragment; place&0x3fff != 0 {
		return nil, fmt.Errorf("datagram is a fragment, at octet %d", 8*int(place&0x1fff))
	}
	if b[9] != protocolTCP {
		return nil, fmt.Errorf("datagram has protocol %d, want %d, TCP", b[9], protocolTCP)
	}
	h.TOS, h.ID, h.TTL = b[1], be.Uint16(b[4:]), b[8]
	return b[header:total], nil
}

// parseIP6 takes the IPv6 header, and gives what it carries.
func (h *Header) parseIP6(b []byte) ([]byte, error) {
	be := binary.BigEndian
	if len(b) < ip6Octets {
		return nil, fmt.Errorf("IPv6 header has %d octets, want %d", len(b), ip6Octets)
	}
	n := ip6Octets + int(be.Uint16(b[4:]))
	if n > len(b) {
		return nil, fmt.Errorf("datagram of %d octets ends after %d", n, len(b))
	}
	if b[6] != protocolTCP {
		return nil, fmt.Errorf("datagram has next header %d, want %d, TCP", b[6], protocolTCP)
	}
	h.TOS, h.TTL = byte(be.Uint16(b)>>4), b[7]
	return b[ip6Octets:n], nil
}

// parseTCP takes the TCP header but for its ports and options, and gives the
// octet at which the text begins.
func (h *Header) parseTCP(b []byte) (int, error) {
	be, seg := binary.BigEndian, &h.Seg
	if len(b) < tcpOctets {
		return 0, fmt.Errorf("TCP header has %d octets, want at least %d", len(b), tcpOctets)
	}
	offset := int(b[12]>>4) * 4
	if offset < tcpOctets || offset > len(b) {
		return 0, fmt.Errorf("TCP header has a data offset of %d octets, want %d to %d", offset, tcpOctets, min(len(b), 60))
	}
	seg.Seq, seg.Ack = fsm.Seq(be.Uint32(b[4:])), fsm.Seq(be.Uint32(b[8:]))
	seg.Flags = fsm.Flags(b[13])
	seg.Wnd, seg.Up = be.Uint16(b[14:]), be.Uint16(b[18:])
	return offset, nil
}

// checksumError tells what a checksum is and what it should be, from the sum
// that it was part of.
func checksumError(of string, field []byte, s uint16) error {
	got := binary.BigEndian.Uint16(field)
	want := ^fold(uint64(s) + uint64(^got))
	return fmt.Errorf("%s checksum is 0x%04x, want 0x%04x", of, got, want)
}
