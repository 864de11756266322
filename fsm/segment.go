package fsm

import "fmt"

// Flags are the control bits of a segment, CTL (RFC 9293 3.1), with the bits in
// the header's places.
type Flags uint8

// The control bits.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// flagLetters are the letters of scripts, in the order in which they are written.
var flagLetters = [...]struct {
	bit    Flags
	letter byte
}{{FIN, 'F'}, {SYN, 'S'}, {RST, 'R'}, {PSH, 'P'}, {URG, 'U'}, {ECE, 'E'}, {CWR, 'W'}, {ACK, '.'}}

// String writes the flags as scripts do: "S", "F.", "FP.", and "-" for none.
func (f Flags) String() string {
	if f == 0 {
		return "-"
	}
	var b [8]byte
	n := 0
	for _, l := range flagLetters {
		if f&l.bit != 0 {
			b[n] = l.letter
			n++
		}
	}
	return string(b[:n])
}

// ParseFlags reads what String writes, the letters in any order.
func ParseFlags(s string) (Flags, error) {
	if s == "-" {
		return 0, nil
	}
	var f Flags
next:
	for i := range len(s) {
		for _, l := range flagLetters {
			if s[i] == l.letter {
				f |= l.bit
				continue next
			}
		}
		return 0, fmt.Errorf("unknown flag %q in %q (want S, F, R, P, U, E, W or .)", s[i:i+1], s)
	}
	return f, nil
}

// Segment is one TCP segment, with the RFC's SEG variables under their names
// (RFC 9293 3.3.1). It is a value without pointers; its text is known by its
// length alone.
type Segment struct {
	Seq   Seq    // SEG.SEQ
	Ack   Seq    // SEG.ACK, if ACK is set
	Wnd   uint16 // the window field as it stands in the header: SEG.WND before scaling
	Up    uint16 // SEG.UP, an offset from Seq in octets, if URG is set
	Len   uint16 // octets of text
	Flags Flags  // SEG.CTL
	Options
}

// SeqLen is SEG.LEN: the octets of text, and one each for SYN and FIN.
func (s *Segment) SeqLen() uint32 {
	n := uint32(s.Len)
	if s.Flags&SYN != 0 {
		n++
	}
	if s.Flags&FIN != 0 {
		n++
	}
	return n
}

// end is the sequence number after the segment's last.
func (s *Segment) end() Seq { return s.Seq.Add(s.SeqLen()) }

// text is the sequence number of the first octet of text: a SYN stands before it.
func (s *Segment) text() Seq {
	if s.Flags&SYN != 0 {
		return s.Seq + 1
	}
	return s.Seq
}

// fin is the sequence number of the FIN, behind the text.
func (s *Segment) fin() Seq { return s.text().Add(uint32(s.Len)) }

// Relative gives the segment with numbers relative to the two initial sequence
// numbers, its sender's and the other's, as scripts and ladders print them.
func (s Segment) Relative(iss, irs Seq) Segment {
	s.Seq -= iss
	if s.Flags&ACK != 0 {
		s.Ack -= irs
	}
	for i := range s.NSack {
		s.Sack[i].Lo -= irs
		s.Sack[i].Hi -= irs
	}
	return s
}

// Header writes flags, numbers and text length as scripts do: "F. 1:1(0) ack 1".
func (s Segment) Header() string {
	text := fmt.Sprintf("%v %d:%d(%d)", s.Flags, s.Seq, s.Seq.Add(uint32(s.Len)), s.Len)
	if s.Flags&ACK != 0 {
		text += fmt.Sprintf(" ack %d", s.Ack)
	}
	return text
}

// String writes the segment as scripts do: "F. 1:1(0) ack 1 win 65535".
func (s Segment) String() string {
	text := fmt.Sprintf("%s win %d", s.Header(), s.Wnd)
	if s.Flags&URG != 0 {
		text += fmt.Sprintf(" urg %d", s.Up)
	}
	if s.Has != 0 {
		text += " <" + s.Options.String() + ">"
	}
	return text
}
