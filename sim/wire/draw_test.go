package wire

import (
	"flag"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tcpsim/tcpsim/fsm"
)

var soak = flag.Bool("soak", false, "run each property 100,000 times instead of 2,000")

func checks(t *testing.T) {
	n := "2000"
	if *soak {
		n = "100000"
	}
	if testing.Short() {
		n = "200"
	}
	require.NoError(t, flag.Set("rapid.checks", n))
	require.NoError(t, flag.Set("rapid.nofailfile", "true"))
}

// drawHeader draws a header whose options may be too many, and its text.
func drawHeader(t *rapid.T) (Header, []byte) {
	h := Header{
		TOS: rapid.Byte().Draw(t, "TOS"), TTL: rapid.Byte().Draw(t, "TTL"),
		Seg: drawSegment(t),
	}
	size := rapid.SampledFrom([]int{0, 0, 1, 2, 7, 8, 31, 33, 536, 1459, 1460}).Draw(t, "text")
	text := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "octets")
	h.Seg.Len = uint16(size)
	addr := drawAddr4
	if rapid.Bool().Draw(t, "IPv6") {
		addr = drawAddr6
	} else {
		h.ID = rapid.Uint16().Draw(t, "ID")
	}
	h.Src = netip.AddrPortFrom(addr(t), rapid.Uint16().Draw(t, "source port"))
	h.Dst = netip.AddrPortFrom(addr(t), rapid.Uint16().Draw(t, "destination port"))
	return h, text
}

func drawAddr4(t *rapid.T) netip.Addr {
	return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")))
}

func drawAddr6(t *rapid.T) netip.Addr {
	return netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "address")))
}

func drawSegment(t *rapid.T) fsm.Segment {
	s := fsm.Segment{
		Seq: fsm.Seq(rapid.Uint32().Draw(t, "SEG.SEQ")), Ack: fsm.Seq(rapid.Uint32().Draw(t, "SEG.ACK")),
		Wnd: rapid.Uint16().Draw(t, "SEG.WND"), Up: rapid.Uint16().Draw(t, "SEG.UP"),
		Flags: fsm.Flags(rapid.Byte().Draw(t, "CTL")),
	}
	s.Has = fsm.OptionSet(rapid.ByteRange(0, 31).Draw(t, "options"))
	s.Layout = rapid.SampledFrom([]fsm.Layout{fsm.LayoutRFC, fsm.LayoutBSD, fsm.LayoutWindows, fsm.LayoutDarwin}).Draw(t, "layout")
	if s.Has&fsm.OptMSS != 0 {
		s.MSS = rapid.Uint16().Draw(t, "MSS")
	}
	if s.Has&fsm.OptWindowScale != 0 {
		s.WScale = rapid.Byte().Draw(t, "shift")
	}
	if s.Has&fsm.OptTimestamps != 0 {
		s.TSVal, s.TSEcr = rapid.Uint32().Draw(t, "TSval"), rapid.Uint32().Draw(t, "TSecr")
	}
	if s.Has&fsm.OptSACK != 0 {
		s.NSack = rapid.ByteRange(0, fsm.MaxSACKBlocks).Draw(t, "blocks")
		for i := range s.NSack {
			lo := fsm.Seq(rapid.Uint32().Draw(t, "block"))
			s.Sack[i] = fsm.Block{Lo: lo, Hi: lo + 1460}
		}
	}
	return s
}

// canonical is the segment with the layout that Parse finds: the first that
// writes the same options.
func canonical(s fsm.Segment) fsm.Segment {
	first := s.Options
	for first.Layout = 0; string(appendOptions(nil, &first)) != string(appendOptions(nil, &s.Options)); first.Layout++ {
	}
	s.Layout = first.Layout
	return s
}
