package fsm

import "strconv"

// Seq is a sequence number in octets. It wraps at 2^32, so comparisons are
// modulo 2^32 and mean something only between numbers less than 2^31 apart
// (RFC 9293 3.4).
type Seq uint32

// Less reports whether a comes before b.
func (a Seq) Less(b Seq) bool { return int32(a-b) < 0 }

// LessEq reports whether a comes before b, or is b.
func (a Seq) LessEq(b Seq) bool { return int32(a-b) <= 0 }

// Add gives the sequence number n octets after a.
func (a Seq) Add(n uint32) Seq { return a + Seq(n) }

// Sub gives the number of octets from b to a, where a does not come before b.
func (a Seq) Sub(b Seq) uint32 { return uint32(a - b) }

// In reports whether a lies in the half-open range [lo, lo+n).
func (a Seq) In(lo Seq, n uint32) bool { return uint32(a-lo) < n }

func (a Seq) String() string { return strconv.FormatUint(uint64(a), 10) }

// maxSeq gives the later of two sequence numbers.
func maxSeq(a, b Seq) Seq {
	if a.Less(b) {
		return b
	}
	return a
}

// minSeq gives the earlier of two sequence numbers.
func minSeq(a, b Seq) Seq {
	if a.Less(b) {
		return a
	}
	return b
}
