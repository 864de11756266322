package wire

import (
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

func quotedHeader(src, dst string) Header {
	return Header{
		Src: netip.MustParseAddrPort(src), Dst: netip.MustParseAddrPort(dst), TTL: 64, ID: 7,
		Seg: fsm.Segment{Seq: 0x01020304, Flags: fsm.SYN},
	}
}

// gopacket reads what is written: the addresses of the quoted datagram changed places,
// its ports and sequence number are there, and the checksums are right.
func TestAppendICMP(t *testing.T) {
	m := &Message{Type: 3, Code: 4, MTU: 1200, Quoted: quotedHeader("192.0.2.1:40001", "192.0.2.2:80")}
	b, err := AppendICMP([]byte("before"), m)
	require.NoError(t, err)
	require.Equal(t, "before", string(b[:6]))
	b = b[6:]
	p := gopacket.NewPacket(b, layers.LayerTypeIPv4, gopacket.Default)
	require.Nil(t, p.ErrorLayer())
	ip := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	require.Equal(t, "192.0.2.2", ip.SrcIP.String())
	require.Equal(t, "192.0.2.1", ip.DstIP.String())
	require.Equal(t, len(b), int(ip.Length))
	icmp := p.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4)
	require.Equal(t, layers.CreateICMPv4TypeCode(3, 4), icmp.TypeCode)
	require.Equal(t, uint16(1200), icmp.Seq, "the MTU stands where others have a sequence number")
	require.Zero(t, ^fold(sum(b[20:])), "checksum")
	require.Zero(t, ^fold(sum(b[:20])), "checksum of IP")
	quoted := icmp.Payload
	require.Equal(t, []byte{192, 0, 2, 1, 192, 0, 2, 2}, quoted[12:20])
	require.Equal(t, []byte{40001 >> 8, 40001 & 255, 0, 80, 1, 2, 3, 4}, quoted[20:])
	require.Equal(t, []byte{0, 40}, quoted[2:4], "the length that was sent")
}

func TestAppendICMPv6(t *testing.T) {
	m := &Message{Type: 2, MTU: 1280, Quoted: quotedHeader("[2001:db8::1]:40001", "[2001:db8::2]:80")}
	b, err := AppendICMP(nil, m)
	require.NoError(t, err)
	p := gopacket.NewPacket(b, layers.LayerTypeIPv6, gopacket.Default)
	require.Nil(t, p.ErrorLayer())
	ip := p.Layer(layers.LayerTypeIPv6).(*layers.IPv6)
	require.Equal(t, "2001:db8::2", ip.SrcIP.String())
	require.Equal(t, layers.IPProtocolICMPv6, ip.NextHeader)
	icmp := p.Layer(layers.LayerTypeICMPv6).(*layers.ICMPv6)
	require.Equal(t, layers.CreateICMPv6TypeCode(2, 0), icmp.TypeCode)
	require.Equal(t, []byte{0, 0, 5, 0}, icmp.Payload[:4])
	require.Zero(t, ^fold(sum(b[8:40])+uint64(len(b)-40)+58+sum(b[40:])), "checksum")
}

// What cannot be quoted is an error, and nothing is written.
func TestAppendICMPRefuses(t *testing.T) {
	b, err := AppendICMP([]byte("x"), &Message{Quoted: quotedHeader("192.0.2.1:1", "[2001:db8::1]:2")})
	require.Error(t, err)
	require.Equal(t, "x", string(b))
}
