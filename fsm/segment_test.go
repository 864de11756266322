package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.4: SEG.LEN counts the octets of text, and one each for SYN and FIN.
func TestSeqLen(t *testing.T) {
	for _, x := range []struct {
		flags          Flags
		n              uint16
		len            uint32
		text, fin, end Seq
	}{
		{ACK, 0, 0, 100, 100, 100},
		{ACK, 10, 10, 100, 110, 110},
		{SYN, 0, 1, 101, 101, 101},
		{FIN | ACK, 0, 1, 100, 100, 101},
		{FIN | ACK, 10, 11, 100, 110, 111},
		{SYN | FIN, 10, 12, 101, 111, 112},
		{RST | ACK | PSH | URG, 0, 0, 100, 100, 100},
	} {
		s := Segment{Seq: 100, Flags: x.flags, Len: x.n}
		require.Equal(t, x.len, s.SeqLen(), "%v", s)
		require.Equal(t, x.text, s.text(), "%v", s)
		require.Equal(t, x.fin, s.fin(), "%v", s)
		require.Equal(t, x.end, s.end(), "%v", s)
	}
}

// Scripts write the flags as letters; what is printed parses back.
func TestFlags(t *testing.T) {
	for f := range Flags(255) {
		got, err := ParseFlags(f.String())
		require.NoError(t, err)
		require.Equal(t, f, got)
	}
	for f, want := range map[Flags]string{
		0: "-", SYN: "S", SYN | ACK: "S.", FIN | PSH | ACK: "FP.", RST: "R", URG | ACK: "U.", ACK | ECE | CWR: "EW.",
	} {
		require.Equal(t, want, f.String())
	}
	f, err := ParseFlags(".FS")
	require.NoError(t, err)
	require.Equal(t, FIN|SYN|ACK, f, "in any order")
	_, err = ParseFlags("SY.")
	require.EqualError(t, err, `unknown flag "Y" in "SY." (want S, F, R, P, U, E, W or .)`)
}

// RFC 9293 3.1: the control bits have the header's places.
func TestFlagPlaces(t *testing.T) {
	require.Equal(t, []Flags{1, 2, 4, 8, 16, 32, 64, 128}, []Flags{FIN, SYN, RST, PSH, ACK, URG, ECE, CWR})
}

func TestSegmentString(t *testing.T) {
	for want, s := range map[string]Segment{
		"F. 1:1(0) ack 1 win 65535":      {Seq: 1, Ack: 1, Flags: FIN | ACK, Wnd: 65535},
		"S 0:0(0) win 1000 <mss 1460>":   {Flags: SYN, Wnd: 1000, Options: Options{Has: OptMSS, MSS: 1460}},
		"U. 5:15(10) ack 7 win 0 urg 3":  {Seq: 5, Len: 10, Ack: 7, Flags: URG | ACK, Up: 3},
		"R 9:9(0) win 0":                 {Seq: 9, Ack: 55, Flags: RST},
		"P. 4294967295:4(5) ack 0 win 0": {Seq: 1<<32 - 1, Len: 5, Flags: PSH | ACK},
	} {
		require.Equal(t, want, s.String())
	}
}

// Relative counts SEQ from the sender's initial number and ACK, if it counts,
// from the other's; so do the SACK blocks, which are the other's numbers.
func TestSegmentRelative(t *testing.T) {
	s := reporting(text(110, 10, 220), Range{250, 260}, Range{270, 280})
	got := s.Relative(100, 200)
	require.Equal(t, reporting(text(10, 10, 20), Range{50, 60}, Range{70, 80}), got)
	require.Equal(t, rst(10), rst(110).Relative(100, 200), "no ACK")
	require.Equal(t, Range{250, 260}, s.Sack[0], "the segment itself stays")
}
