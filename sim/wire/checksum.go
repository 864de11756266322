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
	var s, c, carries uint64
	for ; len(b) >= 64; b = b[64:] {
		s, c = bits.Add64(s, le.Uint64(b), 0)
		s, c = bits.Add64(s, le.Uint64(b[8:]), c)
		s, c = bits.Add64(s, le.Uint64(b[16:]), c)
		s, c = bits.Add64(s, le.Uint64(b[24:]), c)
		s, c = bits.Add64(s, le.Uint64(b[32:]), c)
		s, c = bits.Add64(s, le.Uint64(b[40:]), c)
		s, c = bits.Add64(s, le.Uint64(b[48:]), c)
		s, c = bits.Add64(s, le.Uint64(b[56:]), c)
		carries += c
	}
	for ; len(b) >= 8; b = b[8:] {
		s, c = bits.Add64(s, le.Uint64(b), 0)
		carries += c
	}
	if len(b) >= 4 {
		carries += uint64(le.Uint32(b))
		b = b[4:]
	}
	rest := uint64(0)
	for i := len(b) - 1; i >= 0; i-- {
		rest = rest<<8 | uint64(b[i])
	}
	s, c = bits.Add64(s, carries+rest, 0)
	return uint64(bits.ReverseBytes16(fold(s + c)))
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
