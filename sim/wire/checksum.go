package wire

import (
	"encoding/binary"
	"math/bits"
)

// sum is the one's complement sum of the 16-bit words of b, the last octet
// padded with a zero, as in the checksums of IPv4 and TCP (RFC 791 3.1, RFC 9293
// 3.1). It can be added to others before fold.
//
// It adds eight octets at a time and in the machine's order of octets, which
// changes nothing but the order of the result's (RFC 1071 2).
func sum(b []byte) uint64 {
	le := binary.LittleEndian
	var s, carry uint64
	for ; len(b) >= 32; b = b[32:] {
		s, carry = bits.Add64(s, le.Uint64(b), carry)
		s, carry = bits.Add64(s, le.Uint64(b[8:]), carry)
		s, carry = bits.Add64(s, le.Uint64(b[16:]), carry)
		s, carry = bits.Add64(s, le.Uint64(b[24:]), carry)
	}
	for ; len(b) >= 8; b = b[8:] {
		s, carry = bits.Add64(s, le.Uint64(b), carry)
	}
	if len(b) >= 4 {
		s, carry = bits.Add64(s, uint64(le.Uint32(b)), carry)
		b = b[4:]
	}
	rest := uint64(0)
	for i := len(b) - 1; i >= 0; i-- {
		rest = rest<<8 | uint64(b[i])
	}
	s, carry = bits.Add64(s, rest, carry)
	return uint64(bits.ReverseBytes16(fold(s + carry)))
}

// fold brings a sum to 16 bits, the carries added around.
func fold(s uint64) uint16 {
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint16(s>>16 + s)
}

// pseudo is the sum of the pseudo header without the length of the segment:
// addresses and protocol (RFC 9293 3.1, RFC 8200 8.1). addrs are the two
// addresses as they stand in the IP header.
func pseudo(addrs []byte) uint64 { return sum(addrs) + protocolTCP }
