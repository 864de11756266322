package script

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A line of a packet is its tree, and prints as its canonical line.
func TestPackets(t *testing.T) {
	options := func(list ...TCPOption) *TCPOptions { return &TCPOptions{List: list} }
	for _, tt := range []struct {
		text, canonical string
		want            Packet
	}{
		{"> S 0:0(0)", "", Packet{TCP: TCP{Flags: "S"}}},
		{"<  .  1:1(0)   ack  1  win   100", "< . 1:1(0) ack 1 win 100",
			Packet{Inbound: true, TCP: TCP{Flags: ".", Seq: 1, End: 1, Ack: ptr(uint32(1)), Wnd: ptr(100)}}},
		{"> FPU. 1:11(10) ack 1 urg 4 <...>", "",
			Packet{TCP: TCP{Flags: "FPU.", Seq: 1, End: 11, Len: 10, Ack: ptr(uint32(1)), Urg: ptr(4),
				Options: &TCPOptions{Any: true}}}},
		{"> - 1:1(0)", "", Packet{TCP: TCP{Flags: "-", Seq: 1, End: 1}}},
		{"> SEW 0:0(0) <>", "", Packet{TCP: TCP{Flags: "SEW", Options: options()}}},
		{"> S 1\n:1(0)\nack\n1\nwin 3\n<nop>", "> S 1:1(0) ack 1 win 3 <nop>",
			Packet{TCP: TCP{Flags: "S", Seq: 1, End: 1, Ack: ptr(uint32(1)), Wnd: ptr(3),
				Options: options(TCPOption{Name: "nop"})}}},

		// Sequence numbers wrap.
		{"> . 4294967295:9(10)", "", Packet{TCP: TCP{Flags: ".", Seq: 1<<32 - 1, End: 9, Len: 10}}},
		{"< R -1:-1(0) ack 7", "", Packet{Inbound: true,
			TCP: TCP{Flags: "R", Seq: 1<<32 - 1, End: 1<<32 - 1, Signed: true, Ack: ptr(uint32(7))}}},
		{"< . 1:1(0) ack -2147483648", "", Packet{Inbound: true,
			TCP: TCP{Flags: ".", Seq: 1, End: 1, Signed: true, Ack: ptr(uint32(1 << 31))}}},
		{"< R 7:7(0)!", "", Packet{Inbound: true, TCP: TCP{Flags: "R", Seq: 7, End: 7, Literal: true}}},
		{"> S. ...(5) ack 1", "", Packet{TCP: TCP{Flags: "S.", AnySeq: true, Len: 5, Ack: ptr(uint32(1))}}},

		// TCP options.
		{"> S 0:0(0) <mss 1460, nop ,wscale 7,sackOK,TS val 100 ecr 0,eol>",
			"> S 0:0(0) <mss 1460,nop,wscale 7,sackOK,TS val 100 ecr 0,eol>",
			Packet{TCP: TCP{Flags: "S", Options: options(
				TCPOption{Name: "mss", Args: []uint32{1460}}, TCPOption{Name: "nop"},
				TCPOption{Name: "wscale", Args: []uint32{7}}, TCPOption{Name: "sackOK"},
				TCPOption{Name: "TS", Args: []uint32{100, 0}}, TCPOption{Name: "eol"})}}},
		{"> . 1:1(0) <sack 1:3 4294967295:5>", "",
			Packet{TCP: TCP{Flags: ".", Seq: 1, End: 1, Options: options(
				TCPOption{Name: "sack", Args: []uint32{1, 3, 1<<32 - 1, 5}})}}},
		{"> . 1:1(0) <FO,FO 0a1b,FOEXP  TFO_COOKIE,md5 valid,exp-tfo 12>",
			"> . 1:1(0) <FO,FO 0a1b,FOEXP TFO_COOKIE,md5 valid,exp-tfo 12>",
			Packet{TCP: TCP{Flags: ".", Seq: 1, End: 1, Options: options(
				TCPOption{Name: "FO"}, TCPOption{Name: "FO", Text: "0a1b"},
				TCPOption{Name: "FOEXP", Text: "TFO_COOKIE"}, TCPOption{Name: "md5", Text: "valid"},
				TCPOption{Name: "exp-tfo", Text: "12"})}}},

		// What stands around a segment.
		{"< [ect0,ttl 64] 1 > 2 (tos 0x3) . 1:1(0)", "< [ect0] [ttl 64] (tos 0x3) 1 > 2 . 1:1(0)",
			Packet{Inbound: true, From: &Endpoint{Port: 1}, To: &Endpoint{Port: 2},
				IP: []IPInfo{{Name: "ect0"}, {Name: "ttl", Value: Int{Value: 64, Text: "64"}},
					{Name: "tos", Value: Int{Value: 3, Text: "0x3"}, Round: true}},
				TCP: TCP{Flags: ".", Seq: 1, End: 1}}},
		{"> ipv6 2001:db8::1 >  ::2: mpls (label 1):\t. 1:1(0)", "> ipv6 2001:db8::1 > ::2: mpls (label 1): . 1:1(0)",
			Packet{Encap: "ipv6 2001:db8::1 > ::2: mpls (label 1):", TCP: TCP{Flags: ".", Seq: 1, End: 1}}},
		{"> . 1:1(0) encap  psp", "> . 1:1(0) encap psp",
			Packet{Encap: "encap psp", TCP: TCP{Flags: ".", Seq: 1, End: 1}}},
		{"> . 1:1(0) <nop> /udp(9899 > PORT) md5 valid", "",
			Packet{MD5: "valid", UDP: &[2]Expr{Int{Value: 9899, Text: "9899"}, Sym{Name: "PORT"}},
				TCP: TCP{Flags: ".", Seq: 1, End: 1, Options: options(TCPOption{Name: "nop"})}}},

		// ICMP.
		{"< icmp unreachable frag_needed mtu 1200 [1:1461(1460)]", "",
			Packet{Inbound: true, ICMP: &ICMP{Type: "unreachable", Code: "frag_needed", MTU: ptr(1200),
				Seq: 1, End: 1461, Len: 1460, Quote: true}}},
		{"< [1:1(0)] icmp source_quench", "< icmp source_quench [1:1(0)]",
			Packet{Inbound: true, ICMP: &ICMP{Type: "source_quench", Seq: 1, End: 1, Quote: true}}},
		{"< icmp unreachable mtu 9 [udp (100)]", "",
			Packet{Inbound: true, ICMP: &ICMP{Type: "unreachable", MTU: ptr(9), Len: 100, Quote: true, UDP: true}}},
	} {
		got := event(t, "+0 "+tt.text).Action.(*Packet)
		require.Equal(t, tt.want, *got, tt.text)
		if tt.canonical == "" {
			tt.canonical = tt.text
		}
		require.Equal(t, tt.canonical, got.String())
	}
}

// A link line is its tree, and prints as its canonical line.
func TestLinks(t *testing.T) {
	for _, tt := range []struct {
		text, canonical string
		want            Link
	}{
		{"link down", "", Link{Verb: LinkDown, Nth: 1, Count: 1}},
		{"link up", "", Link{Verb: LinkUp, Nth: 1, Count: 1}},
		{"link drop client > F", "", Link{Verb: LinkDrop, Host: "client", Flags: "F", Nth: 1, Count: 1}},
		{"link drop client > .!RF", "", Link{Verb: LinkDrop, Host: "client", Flags: ".", NotFlags: "RF", Nth: 1, Count: 1}},
		{"link drop client > !S", "", Link{Verb: LinkDrop, Host: "client", NotFlags: "S", Nth: 1, Count: 1}},
		{"link drop client > * nodata x*", "",
			Link{Verb: LinkDrop, Host: "client", Any: true, Data: "nodata", Nth: 1}},
		{"link delay client > F until 2.50 +.5 x3 #2 data", "link delay client > F data #2 x3 +.5 until 2.5",
			Link{Verb: LinkDelay, Host: "client", Flags: "F", Data: "data", Nth: 2, Count: 3,
				Until: ptr(Micros(2_500_000)), By: 500_000}},
		{"link duplicate client > F +0", "",
			Link{Verb: LinkDuplicate, Host: "client", Flags: "F", Nth: 1, Count: 1}},
	} {
		got := event(t, "+0 "+tt.text).Action.(*Link)
		require.Equal(t, tt.want, *got, tt.text)
		if tt.canonical == "" {
			tt.canonical = tt.text
		}
		require.Equal(t, tt.canonical, got.String())
	}
}
