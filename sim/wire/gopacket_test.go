package wire

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// gopacketDatagram makes a datagram. Every layer is new: a layers.TCP that is used
// again keeps the padding of its last options. And the options are checked by
// the caller: gopacket wraps the data offset when they take more than 40 octets,
// and the lengths of a datagram of more than 65,535, and tells nobody.
func gopacketDatagram(t *testing.T, h *Header, text []byte) []byte {
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(h.Src.Port()), DstPort: layers.TCPPort(h.Dst.Port()),
		Seq: uint32(h.Seg.Seq), Ack: uint32(h.Seg.Ack), Window: h.Seg.Wnd, Urgent: h.Seg.Up,
		FIN: h.Seg.Flags&fsm.FIN != 0, SYN: h.Seg.Flags&fsm.SYN != 0, RST: h.Seg.Flags&fsm.RST != 0,
		PSH: h.Seg.Flags&fsm.PSH != 0, ACK: h.Seg.Flags&fsm.ACK != 0, URG: h.Seg.Flags&fsm.URG != 0,
		ECE: h.Seg.Flags&fsm.ECE != 0, CWR: h.Seg.Flags&fsm.CWR != 0,
		Options: gopacketOptions(&h.Seg.Options),
	}
	var ip gopacket.SerializableLayer
	if h.Src.Addr().Is6() {
		ip6 := &layers.IPv6{
			Version: 6, TrafficClass: h.TOS, HopLimit: h.TTL, NextHeader: layers.IPProtocolTCP,
			SrcIP: h.Src.Addr().AsSlice(), DstIP: h.Dst.Addr().AsSlice(),
		}
		require.NoError(t, tcp.SetNetworkLayerForChecksum(ip6))
		ip = ip6
	} else {
		ip4 := &layers.IPv4{
			Version: 4, TOS: h.TOS, TTL: h.TTL, Id: h.ID, Flags: layers.IPv4DontFragment,
			Protocol: layers.IPProtocolTCP, SrcIP: h.Src.Addr().AsSlice(), DstIP: h.Dst.Addr().AsSlice(),
		}
		require.NoError(t, tcp.SetNetworkLayerForChecksum(ip4))
		ip = ip4
	}
	buf := gopacket.NewSerializeBuffer()
	fix := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	require.NoError(t, gopacket.SerializeLayers(buf, fix, ip, tcp, gopacket.Payload(text)))
	return buf.Bytes()
}

// gopacketOptions gives the options in gopacket's form, from fsm's order and
// without wire's encoder.
func gopacketOptions(o *fsm.Options) []layers.TCPOption {
	be := binary.BigEndian
	var out []layers.TCPOption
	for _, k := range o.Kinds(nil) {
		var v []byte
		switch k {
		case fsm.KindMSS:
			v = be.AppendUint16(v, o.MSS)
		case fsm.KindWindowScale:
			v = append(v, o.WScale)
		case fsm.KindTimestamps:
			v = be.AppendUint32(be.AppendUint32(v, o.TSVal), o.TSEcr)
		case fsm.KindSACK:
			for _, b := range o.Sack[:o.NSack] {
				v = be.AppendUint32(be.AppendUint32(v, uint32(b.Lo)), uint32(b.Hi))
			}
		case fsm.KindEOL, fsm.KindNOP, fsm.KindSACKPermitted:
		}
		out = append(out, layers.TCPOption{OptionType: layers.TCPOptionKind(k), OptionData: v})
	}
	return out
}

// Two encoders that know nothing of each other make the same octets of 10,000
// segments, half of them over IPv6. So does a template that serves them all.
func TestGopacket(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 1460)
	for i := range text {
		text[i] = byte(rng.Uint32())
	}
	tp4, err := NewTemplate(&Header{Src: addr4, Dst: peer4, TTL: DefaultTTL})
	require.NoError(t, err)
	tp6, err := NewTemplate(&Header{Src: addr6, Dst: peer6, TTL: DefaultTTL})
	require.NoError(t, err)
	kinds := map[fsm.OptionSet]bool{}
	for n := 0; n < 10_000; {
		h := Header{Src: addr4, Dst: peer4, TTL: DefaultTTL, ID: uint16(rng.Uint32()), Seg: randomSegment(rng)}
		tp := &tp4
		if n%2 == 1 {
			h.Src, h.Dst, h.ID = addr6, peer6, 0
			tp = &tp6
		}
		h.Src = netip.AddrPortFrom(h.Src.Addr(), uint16(rng.Uint32()))
		if h.Seg.OptionOctets() > maxOptions {
			continue
		}
		n++
		kinds[h.Seg.Has] = true
		want := gopacketDatagram(t, &h, text[:h.Seg.Len])
		got, err := Append(nil, &h, text[:h.Seg.Len])
		require.NoError(t, err)
		require.Equal(t, want, got, "%v", h.Seg)
		tp.SetPorts(h.Src.Port(), h.Dst.Port())
		got, err = tp.Append(got[:0], h.ID, &h.Seg, text[:h.Seg.Len])
		require.NoError(t, err)
		require.Equal(t, want, got, "%v", h.Seg)
	}
	require.Len(t, kinds, 32, "every set of options")
}

func randomSegment(rng *rand.Rand) fsm.Segment {
	s := fsm.Segment{
		Seq: fsm.Seq(rng.Uint32()), Ack: fsm.Seq(rng.Uint32()), Wnd: uint16(rng.Uint32()),
		Up: uint16(rng.Uint32()), Flags: fsm.Flags(rng.Uint32()),
		Options: fsm.Options{
			Has: fsm.OptionSet(rng.IntN(32)), Layout: fsm.Layout(rng.IntN(2)), WScale: uint8(rng.Uint32()),
			NSack: uint8(rng.IntN(fsm.MaxSACKBlocks + 1)), MSS: uint16(rng.Uint32()),
			TSVal: rng.Uint32(), TSEcr: rng.Uint32(),
		},
	}
	for i := range s.Sack {
		s.Sack[i] = fsm.Block{Lo: fsm.Seq(rng.Uint32()), Hi: fsm.Seq(rng.Uint32())}
	}
	if rng.IntN(2) == 0 {
		s.Len = uint16(rng.IntN(1461))
	}
	return s
}
