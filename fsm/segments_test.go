package fsm

// The segments of tests, written as shortly as in the scripts.

// ack is "." : a bare ACK.
func ack(seq, ackNo Seq) Segment { return Segment{Seq: seq, Ack: ackNo, Flags: ACK} }

// text is "P." with n octets.
func text(seq Seq, n uint16, ackNo Seq) Segment {
	return Segment{Seq: seq, Len: n, Ack: ackNo, Flags: PSH | ACK}
}

// more is "." with n octets: more of them wait, or the user did not push.
func more(seq Seq, n uint16, ackNo Seq) Segment {
	return Segment{Seq: seq, Len: n, Ack: ackNo, Flags: ACK}
}

// fin is "F.".
func fin(seq, ackNo Seq) Segment { return Segment{Seq: seq, Ack: ackNo, Flags: FIN | ACK} }

// textFin is "FP." with n octets.
func textFin(seq Seq, n uint16, ackNo Seq) Segment {
	return Segment{Seq: seq, Len: n, Ack: ackNo, Flags: FIN | PSH | ACK}
}

// syn is "S".
func syn(seq Seq) Segment { return Segment{Seq: seq, Flags: SYN} }

// synAck is "S.".
func synAck(seq, ackNo Seq) Segment { return Segment{Seq: seq, Ack: ackNo, Flags: SYN | ACK} }

// rst is "R", the form RS-1 and RS-3.
func rst(seq Seq) Segment { return Segment{Seq: seq, Flags: RST} }

// rstAck is "R.", the form RS-2.
func rstAck(seq, ackNo Seq) Segment { return Segment{Seq: seq, Ack: ackNo, Flags: RST | ACK} }

// flagged adds control bits to a segment.
func flagged(seg Segment, f Flags) Segment {
	seg.Flags |= f
	return seg
}

// urgent makes the octets up to seg.Seq+up urgent.
func urgent(seg Segment, up uint16) Segment {
	seg.Flags |= URG
	seg.Up = up
	return seg
}

// offering gives a segment a window.
func offering(seg Segment, wnd uint16) Segment {
	seg.Wnd = wnd
	return seg
}

// carrying gives a segment n octets of text.
func carrying(seg Segment, n uint16) Segment {
	seg.Len = n
	return seg
}

// stamped gives a segment a timestamp.
func stamped(seg Segment, tsval uint32) Segment {
	seg.Has |= OptTimestamps
	seg.TSVal = tsval
	return seg
}

// reporting gives a segment SACK blocks.
func reporting(seg Segment, blocks ...Range) Segment {
	seg.Has |= OptSACK
	seg.NSack = uint8(copy(seg.Sack[:], blocks))
	return seg
}
