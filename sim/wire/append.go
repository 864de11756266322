package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/tcpsim/tcpsim/fsm"
)

// Header is what a datagram carries beside its text.
type Header struct {
	Src, Dst netip.AddrPort
	TOS      uint8  // type of service; over IPv6 the traffic class
	TTL      uint8  // time to live; over IPv6 the hop limit
	ID       uint16 // identification; IPv6 has none
	Seg      fsm.Segment
}

// DefaultTTL is the time to live that IANA recommends (RFC 1700; RFC 9293
// MUST-49 asks only that it can be set).
const DefaultTTL = 64

// Sizes in octets.
const (
	ip4Octets  = 20    // RFC 791 3.1, without options
	ip6Octets  = 40    // RFC 8200 3
	tcpOctets  = 20    // RFC 9293 3.1, without options
	maxOptions = 40    // what the data offset leaves
	maxLength  = 65535 // of IPv4's total length and IPv6's payload length
)

const protocolTCP = 6

// dontFragment is IPv4's DF in its place in the word of flags and offset.
const dontFragment = 0x4000

// Append appends a datagram. What cannot be told in its fields is an error, and
// b comes back as it was: nothing wraps and nothing is cut off.
func Append(b []byte, h *Header, text []byte) ([]byte, error) {
	if err := h.check(text); err != nil {
		return b, err
	}
	start := len(b)
	b = h.appendIP(b, tcpOctets+h.Seg.OptionOctets()+len(text))
	tcp := len(b)
	b = h.appendTCP(b)
	b = append(b, text...)

	addrs := b[start+12 : start+20]
	if h.Src.Addr().Is6() {
		addrs = b[start+8 : start+40]
	}
	check := ^fold(pseudo(addrs) + uint64(len(b)-tcp) + sum(b[tcp:]))
	binary.BigEndian.PutUint16(b[tcp+16:], check)
	return b, nil
}

// check tells what cannot be encoded.
func (h *Header) check(text []byte) error {
	src, dst := h.Src.Addr(), h.Dst.Addr()
	switch {
	case !src.IsValid() || !dst.IsValid():
		return fmt.Errorf("datagram from %v to %v lacks an address", h.Src, h.Dst)
	case src.Is6() != dst.Is6():
		return fmt.Errorf("datagram from %v to %v mixes IPv4 and IPv6", h.Src, h.Dst)
	case h.Seg.Layout > fsm.LastLayout:
		return fmt.Errorf("options have layout %d, want 0 to %d", h.Seg.Layout, fsm.LastLayout)
	case int(h.Seg.Len) != len(text):
		return fmt.Errorf("segment has %d octets of text, got %d", h.Seg.Len, len(text))
	}
	options := h.Seg.OptionOctets()
	if options > maxOptions {
		return fmt.Errorf("options take %d octets, want at most %d", options, maxOptions)
	}
	n := tcpOctets + options + len(text)
	if !src.Is6() {
		n += ip4Octets
	}
	if n > maxLength {
		return fmt.Errorf("datagram has a length of %d octets, want at most %d", n, maxLength)
	}
	return nil
}

// appendIP appends the IP header in front of n octets.
func (h *Header) appendIP(b []byte, n int) []byte { return h.appendIPOf(b, protocolTCP, n) }

func (h *Header) appendIPOf(b []byte, protocol uint8, n int) []byte {
	be := binary.BigEndian
	if h.Src.Addr().Is6() {
		src, dst := h.Src.Addr().As16(), h.Dst.Addr().As16()
		b = be.AppendUint32(b, 6<<28|uint32(h.TOS)<<20)
		b = be.AppendUint16(b, uint16(n))
		b = append(b, protocol, h.TTL)
		b = append(b, src[:]...)
		return append(b, dst[:]...)
	}
	src, dst := h.Src.Addr().As4(), h.Dst.Addr().As4()
	start := len(b)
	b = append(b, 0x45, h.TOS)
	b = be.AppendUint16(b, uint16(ip4Octets+n))
	b = be.AppendUint16(b, h.ID)
	b = be.AppendUint16(b, dontFragment)
	b = append(b, h.TTL, protocol, 0, 0)
	b = append(b, src[:]...)
	b = append(b, dst[:]...)
	be.PutUint16(b[start+10:], ^fold(sum(b[start:])))
	return b
}

// appendTCP appends the TCP header, its checksum zero.
func (h *Header) appendTCP(b []byte) []byte {
	be, seg := binary.BigEndian, &h.Seg
	b = be.AppendUint16(b, h.Src.Port())
	b = be.AppendUint16(b, h.Dst.Port())
	b = be.AppendUint32(b, uint32(seg.Seq))
	b = be.AppendUint32(b, uint32(seg.Ack))
	b = append(b, byte(tcpOctets+seg.OptionOctets())/4<<4, byte(seg.Flags))
	b = be.AppendUint16(b, seg.Wnd)
	b = be.AppendUint16(b, 0)
	b = be.AppendUint16(b, seg.Up)
	return appendOptions(b, &seg.Options)
}
